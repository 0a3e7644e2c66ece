/** Names that may stand in a dial string. Anything more (`&`, `/`, `@`) would dial something else as well. */
const endpointName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/;

/** What to dial for a phone, or null when its name may not stand in a dial string. */
export function dialString(endpoint: string): string | null {
  return endpointName.test(endpoint) ? `PJSIP/${endpoint}` : null;
}

/** A number as it may be dialled outside. Letters and signs would dial something else, or with other settings. */
const outsideNumber = /^\+?[0-9]{3,20}$/;

/** What to dial for a number outside, or null when it is none. */
export function outsideDialString(number: string, trunk: string): string | null {
  return outsideNumber.test(number) ? `PJSIP/${number}@${trunk}` : null;
}

/**
 * `"NAME" <NUMBER>` as Asterisk reads it: what the phone shows. Quotes, brackets and line breaks are left out, so that a
 * name cannot pass for a number; without a number the phone shows `anonymous`.
 */
export function callerIdText(name: string, number: string | null): string {
  const shownName = name
    .replace(/[\p{Cc}"<>\\]/gu, "")
    .trim()
    .slice(0, 80);
  const shownNumber = (number ?? "").replace(/[^0-9A-Za-z+*#.@_-]/g, "").slice(0, 80);
  return `"${shownName}" <${shownNumber || "anonymous"}>`;
}
