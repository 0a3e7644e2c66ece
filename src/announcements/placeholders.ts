import { lastSpokenPosition, type RecordedAnnouncement } from "../core/hotlines.ts";
import { AnnouncementError } from "./errors.ts";
import { counted } from "./german.ts";

/** Placeholders in an administrator's texts, such as `{{next_opening}}`. */

const everywhere = ["hotline", "next_opening"] as const;
/** Only those who wait have a place. */
const whileWaiting = ["position"] as const;
export type Placeholder = (typeof everywhere)[number] | (typeof whileWaiting)[number];

const waitingAnnouncements: readonly RecordedAnnouncement[] = ["waiting_1", "waiting_2", "waiting_3"];

/** What stands in the place of each; null: not known now. Asked only for those that are used. */
export type Values = Readonly<Record<Placeholder, () => string | null>>;

const pattern = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** A bound for what is given to the speech command; what takes too long to speak is found out by speaking it. */
export const maxTextLength = 4_000;

/** The text on one line, checked. Throws AnnouncementError. */
export function checkText(announcement: RecordedAnnouncement, given: string): string {
  const text = given.normalize("NFC").replace(/\s+/g, " ").trim();
  if (!/[\p{L}\p{N}]/u.test(text.replace(pattern, "x")))
    throw invalid("The text is empty: there is nothing to speak.");
  if (text.length > maxTextLength)
    throw invalid(`The text has ${text.length} characters; at most ${maxTextLength} are taken.`);
  const control = /\p{Cc}/u.exec(text);
  if (control) throw invalid(`There is a control character at character ${control.index + 1} of the text.`);
  const allowed: readonly string[] = waitingAnnouncements.includes(announcement)
    ? [...everywhere, ...whileWaiting]
    : everywhere;
  const list = allowed.map((name) => `{{${name}}}`).join(", ");
  for (const { 0: whole, 1: name = "", index } of text.matchAll(pattern)) {
    if (allowed.includes(name)) continue;
    const place = `${whole} at character ${index + 1}`;
    if ((whileWaiting as readonly string[]).includes(name))
      throw invalid(
        `${place} is known only to those who wait: it can stand in ${waitingAnnouncements.join(", ")}. Allowed in ${announcement}: ${list}.`,
      );
    throw invalid(`${place} is no placeholder. Allowed in ${announcement}: ${list}.`);
  }
  // Braces of the same length in the place of each placeholder, so that what is left is counted right.
  const brace = /\{\{|\}\}/.exec(text.replace(pattern, (whole) => "x".repeat(whole.length)));
  if (brace)
    throw invalid(`The ${brace[0]} at character ${brace.index + 1} has no partner. Allowed: ${list}.`);
  return text;
}

const invalid = (message: string) => new AnnouncementError("text_invalid", message);

export function uses(text: string, placeholder: Placeholder): boolean {
  return [...text.matchAll(pattern)].some(([, name]) => name === placeholder);
}

/** The text as it is to be spoken; null when something in it is not known. */
export function filled(text: string, values: Values): string | null {
  let known = true;
  const spoken = text.replace(pattern, (_, name: string, at: number) => {
    const value = Object.hasOwn(values, name) ? values[name as Placeholder]() : null;
    if (value === null) known = false;
    return inPlace(value ?? "", text.slice(0, at));
  });
  return known ? spoken : null;
}

/** Never "wieder wieder", and with a capital where a sentence begins. */
function inPlace(value: string, before: string): string {
  const once = /\bwieder\s*$/i.test(before) ? value.replace(/^wieder /, "") : value;
  return /(^|[.!?:]\s*)$/.test(before) ? once.slice(0, 1).toUpperCase() + once.slice(1) : once;
}

/** A place in the queue: "drei". From the last one on, it may be any further back. */
export function positionText(position: number): string {
  const said = counted(Math.min(position, lastSpokenPosition));
  return position < lastSpokenPosition ? said : `${said} oder weiter hinten`;
}
