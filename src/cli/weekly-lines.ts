import { wrongUse } from "./errors.ts";

const example = "hotline hours set mon-fri 08:00-18:00 sat-sun closed";

/**
 * The lines that `hours set` was given, whether each came as one argument or as two: `mon-fri 08:00-18:00`. What is a day
 * starts with a letter and is not `closed`; whether it is a real day, and the time a real time, is for the daemon to say.
 * Wrong use when days come without hours or hours without days.
 */
export function weeklyLines(words: readonly string[]): string[] {
  const tokens = words
    .join(" ")
    .replace(/[\u2010-\u2015]/g, "-")
    // A list or a span may be written with blanks in it.
    .replace(/\s*([,-])\s*/g, "$1")
    .trim()
    .split(/\s+/);
  const lines: string[] = [];
  let days: string | null = null;
  let complete = false;
  for (const token of tokens) {
    const isDays = /^\p{L}/u.test(token) && token.toLowerCase() !== "closed";
    if (isDays) {
      if (days !== null && !complete) throw missingHours(days);
      days = token;
      complete = false;
      continue;
    }
    if (days === null) throw wrongUse(`the days for "${token}" are missing, for example: ${example}`);
    if (complete)
      throw wrongUse(
        `"${days}" has hours already, so what is "${token}"? Several spans are joined by commas: 08:00-12:00,14:00-20:00`,
      );
    lines.push(`${days} ${token}`);
    complete = true;
  }
  if (days !== null && !complete) throw missingHours(days);
  return lines;
}

function missingHours(days: string) {
  return wrongUse(`the hours for "${days}" are missing, for example: ${example}`);
}
