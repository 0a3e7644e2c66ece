import { stripVTControlCharacters } from "node:util";

/** East Asian wide and fullwidth characters, and pictures: two columns on a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Drawn onto the character before, or not at all. */
const narrow = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;

const characters = new Intl.Segmenter("de", { granularity: "grapheme" });

/** Columns that a text takes on a terminal; escape sequences take none. */
export function width(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of characters.segment(plain)) columns += characterWidth(segment);
  return columns;
}

function characterWidth(character: string): number {
  if (wide.test(character)) return 2;
  return [...character].every((part) => narrow.test(part)) ? 0 : 1;
}

/** A text without escape sequences in exactly so many columns: filled up with blanks, or cut off with `…`. */
export function fit(text: string, columns: number, align: "left" | "right" = "left"): string {
  const missing = columns - width(text);
  if (missing >= 0) return align === "left" ? text + " ".repeat(missing) : " ".repeat(missing) + text;
  if (columns <= 0) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of characters.segment(text)) {
    const next = characterWidth(segment);
    if (used + next > columns - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…${" ".repeat(columns - 1 - used)}`;
}
