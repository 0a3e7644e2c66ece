import { exampleOfHours, HoursSyntaxError, type Word, type WordReader } from "./words.ts";

/** Days of the week as people write them. 0 = Monday. */

export const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const namesOfDays: readonly (readonly string[])[] = [
  ["mon", "monday", "mondays", "mo", "montag", "montags"],
  ["tue", "tues", "tuesday", "tuesdays", "tu", "di", "dienstag", "dienstags"],
  ["wed", "weds", "wednesday", "wednesdays", "we", "mi", "mittwoch", "mittwochs"],
  ["thu", "thur", "thurs", "thursday", "thursdays", "th", "do", "donnerstag", "donnerstags"],
  ["fri", "friday", "fridays", "fr", "freitag", "freitags"],
  ["sat", "saturday", "saturdays", "sa", "samstag", "samstags", "sonnabend", "sonnabends"],
  ["sun", "sunday", "sundays", "su", "so", "sonntag", "sonntags"],
];

const wholeWeek = [0, 1, 2, 3, 4, 5, 6];
const groups: ReadonlyMap<string, readonly number[]> = new Map(
  (
    [
      [wholeWeek, ["daily", "everyday", "täglich", "taeglich"]],
      [wholeWeek.slice(0, 5), ["weekdays", "weekday", "werktags", "werktage", "wochentags"]],
      [wholeWeek.slice(5), ["weekend", "weekends", "wochenende", "wochenends"]],
    ] as const
  ).flatMap(([days, names]) => names.map((name) => [name, days] as const)),
);

export const isDayWord = (word: Word | null): boolean =>
  word?.kind === "letters" && (groups.has(word.text) || dayOf(word) >= 0);

const dayOf = ({ text }: Word): number => namesOfDays.findIndex((names) => names.includes(text));

/** One or more days, ranges of days and names of several days. Throws HoursSyntaxError. */
export function readDays(reader: WordReader): number[] {
  const days: number[] = [];
  do {
    for (const day of readRange(reader)) if (!days.includes(day)) days.push(day);
  } while (takeListBefore(reader, isDayWord));
  reader.take("colon");
  return days;
}

/** Goes over a comma when what must follow stands behind it. */
export function takeListBefore(reader: WordReader, follows: (word: Word | null) => boolean): boolean {
  if (reader.peek()?.kind !== "list" || !follows(reader.peek(1))) return false;
  reader.take("list");
  return true;
}

function readRange(reader: WordReader): readonly number[] {
  const first = takeDayWord(reader);
  const several = groups.get(first.text);
  if (several) return several;
  const from = dayOf(first);
  if (!reader.take("range")) return [from];
  const last = takeDayWord(reader);
  const to = dayOf(last);
  if (to < 0) throw new HoursSyntaxError(`"${last.text}" is no single day. Example: mon-fri`, last.at);
  const more = reader.peek();
  if (more?.kind === "range")
    throw new HoursSyntaxError("A range of days has two ends, for example: mon-fri", more.at);
  // fri-mon runs over the end of the week.
  const length = ((to - from + 7) % 7) + 1;
  return Array.from({ length }, (_, n) => (from + n) % 7);
}

function takeDayWord(reader: WordReader): Word {
  const word = reader.peek();
  if (word && isDayWord(word)) return reader.take("letters")!;
  const found = word ? `"${word.text}" is not a day` : "A day is missing";
  throw new HoursSyntaxError(
    `${found}. Days are ${dayNames.join(", ")} or Mo, Di, Mi, Do, Fr, Sa, So, in full too; and weekdays, weekend, daily. ${exampleOfHours}`,
    reader.position,
  );
}
