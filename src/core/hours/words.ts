/** Says what is wrong with a text about opening hours, what would be right, and where in it (from 0). */
export class HoursSyntaxError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.name = "HoursSyntaxError";
    this.position = position;
  }
}

export type Word = {
  /** range: `-`, `bis`, `to`. list: `,`, `und`, `and`. colon: nothing but dress behind days. */
  readonly kind: "letters" | "number" | "range" | "list" | "colon" | "always";
  /** In small letters, without a dot behind it. */
  readonly text: string;
  /** A number that says it is an hour: `8 Uhr`, `18h`. */
  readonly unit: "uhr" | "h" | null;
  /** Where it begins and ends. */
  readonly at: number;
  readonly end: number;
};

const rangeWords = ["bis", "to", "through", "until", "till"];
const listWords = ["und", "and", "u", "sowie"];
/** Say nothing that the order of the words does not. */
const emptyWords = ["von", "from", "am", "on", "jeweils", "uhr", "zwischen", "at"];

/** `6 pm`, but not the German `8-12 am Montag`. */
const twelveHours = /\d[\d.:]*\s?(?:am|pm)(?=\s*(?:$|[-\u2013,]|to\b|\d))/i;

/** The words of a text in any of the ways in which people write hours. Throws HoursSyntaxError. */
export function wordsOf(text: string): Word[] {
  const twelve = twelveHours.exec(text);
  if (twelve)
    throw new HoursSyntaxError(
      `"${twelve[0]}" is not a time of day here: hours go from 0 to 24, such as 18:00`,
      twelve.index,
    );
  const words: Word[] = [];
  // Each alternative is tried at the place where the one before has ended.
  const pattern =
    /\s+|(?<always>24\s*\/\s*7)|(?<number>\d[\d.:]*)(?:\s*(?<unit>uhr|h)(?!\p{L}))?|(?<letters>\p{L}+)\.?|(?<range>\.{2,}|[-\u2010-\u2015\u2212~]+)|(?<list>[,;/&+])|(?<colon>:)/iuy;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new HoursSyntaxError(`"${text[at]}" cannot be understood here. ${exampleOfHours}`, at);
    const groups = match.groups ?? {};
    const found = Object.entries(groups).find(([kind, part]) => kind !== "unit" && part !== undefined);
    if (!found) continue;
    const [kind, part = ""] = found as [Word["kind"], string];
    const word: Word = {
      kind,
      text: part.toLowerCase(),
      unit: (groups.unit?.toLowerCase() ?? null) as Word["unit"],
      at,
      end: pattern.lastIndex,
    };
    if (kind !== "letters") words.push(word);
    else if (rangeWords.includes(word.text)) words.push({ ...word, kind: "range" });
    else if (listWords.includes(word.text)) words.push({ ...word, kind: "list" });
    else if (!emptyWords.includes(word.text)) words.push(word);
  }
  return words;
}

export const exampleOfHours =
  "Examples: mon-fri 08:00-18:00, Mo bis Fr 8 bis 18 Uhr, wed 8-12,14-20, sat-sun closed, 24/7";

/** Words one after the other. */
export class WordReader {
  readonly #words: readonly Word[];
  #next = 0;
  /** Behind the last character. */
  readonly end: number;

  constructor(text: string) {
    this.#words = wordsOf(text);
    this.end = text.trimEnd().length;
  }

  /** The word that comes, or the one behind it; null at the end. */
  peek(ahead = 0): Word | null {
    return this.#words[this.#next + ahead] ?? null;
  }

  take(kind: Word["kind"]): Word | null {
    const word = this.peek();
    if (word?.kind !== kind) return null;
    this.#next++;
    return word;
  }

  /** Where the word that comes begins. */
  get position(): number {
    return this.peek()?.at ?? this.end;
  }
}
