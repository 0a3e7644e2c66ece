/** What makes a text of an Asterisk configuration file. Everything that comes from people goes through here. */

/**
 * A value as it stands after `key =`. Throws when it holds a line break or another control character, which would start a
 * line of its own; a semicolon is kept from starting a comment.
 */
export function value(text: string, what: string): string {
  if (/\p{Cc}|\u2028|\u2029/u.test(text))
    throw new Error(`${what} must not contain line breaks or control characters`);
  return text.trim().replaceAll(";", "\\;");
}

/** A name that may stand in brackets, in a dial string or in a SIP address. Throws when it is anything more. */
export function name(text: string, what: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/.test(text)) {
    throw new Error(`${what} must be 1 to 60 letters, digits, dots, - or _ and begin with a letter or digit`);
  }
  return text;
}

/**
 * `"Name" <number>` for `callerid =`. What would end the quotes, the brackets or the line is left out of the name: one
 * agent's name must never keep the file of all phones from being written.
 */
export function callerId(displayName: string, number: string): string {
  return `"${displayName.replace(/["\\<>\p{Cc}\u2028\u2029]/gu, "").trim()}" <${name(number, "the number")}>`;
}

/** A setting; one whose value is null is left out. */
export type Setting = readonly [key: string, value: string | number | null];

/**
 * A section: `[heading]`, then a line for each setting. `kind` says that it is a template (`!`) or which one it is made
 * from.
 */
export function section(heading: string, settings: readonly Setting[], kind = ""): string {
  const lines = settings.flatMap(([key, setting]) =>
    setting === null ? [] : [`${key} = ${typeof setting === "number" ? setting : value(setting, key)}`],
  );
  return [`[${heading}]${kind && `(${kind})`}`, ...lines, ""].join("\n");
}

/** A file: says where it came from, then its sections. */
export function file(comment: string, ...sections: readonly string[]): string {
  return `; Written by hotline; changes here are lost. ${comment}\n\n${sections.join("\n")}`;
}
