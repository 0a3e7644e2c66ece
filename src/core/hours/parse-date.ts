import { addDays, isDate, type LocalDate } from "./calendar.ts";
import { parseTimeOfDay } from "./parse.ts";
import type { OwnHoliday } from "./schedule.ts";
import { HoursSyntaxError } from "./words.ts";

/** Dates as people write them, English and German. */

const example = "Examples: 2026-12-24, 24.12.2026, 24.12., 24 Dec 2026, today, tomorrow";

const monthNames: readonly (readonly string[])[] = [
  ["jan", "january", "januar", "jänner"],
  ["feb", "february", "februar"],
  ["mar", "march", "mär", "mrz", "märz"],
  ["apr", "april"],
  ["may", "mai"],
  ["jun", "june", "juni"],
  ["jul", "july", "juli"],
  ["aug", "august"],
  ["sep", "sept", "september"],
  ["oct", "october", "okt", "oktober"],
  ["nov", "november"],
  ["dec", "december", "dez", "dezember"],
];

export type DateRange = {
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** What stands behind it, and where. */
  readonly rest: string;
  readonly restAt: number;
};

/**
 * `2026-12-24`, `24.12.`, `24.12. bis 26.12.`, `2026-12-24..2026-12-26` and whatever follows. A date without a year is the next
 * such day, today included. Throws HoursSyntaxError.
 */
export function parseDateRange(text: string, today: LocalDate): DateRange {
  const start = skipBlanks(text, 0);
  const both = /^(\d{1,2})\.\s*(?:-|–|bis|to)\s*(?=\d{1,2}\.)/i.exec(text.slice(start));
  // 24.-26.12.: the month stands behind the second day only.
  if (both) {
    const last = readDate(text, start + both[0].length, today);
    const from = `${last.date.slice(0, 8)}${both[1]!.padStart(2, "0")}`;
    return rangeOf(checked(from, both[0].trim(), start), last.date, text, last.end, start);
  }
  const first = readDate(text, start, today);
  const gap = /^(\s*(?:\.\.+|–|—)\s*|-(?=\d{1,2}\.|\d{4}-)|\s+(?:-|bis|to|until)\s+)/i.exec(
    text.slice(first.end),
  );
  if (!gap) return rangeOf(first.date, first.date, text, first.end, start);
  const last = readDate(text, first.end + gap[0].length, first.date);
  return rangeOf(first.date, last.date, text, last.end, start);
}

/** Whether a date without a year that has just passed may mean the next year. */
export type FarDays = "allowed" | "refused";

/** One date and nothing else. Throws HoursSyntaxError. */
export function parseDate(text: string, today: LocalDate, far: FarDays = "allowed"): LocalDate {
  const { date, end } = readDate(text, skipBlanks(text, 0), today, far);
  if (text.slice(end).trim() !== "")
    throw new HoursSyntaxError(`"${text.slice(end).trim()}" is too much behind a date. ${example}`, end);
  return date;
}

/** A day of each year and its name: `12-24 Heiligabend`, `24.12. Heiligabend`, `24 Dec Christmas Eve`. Throws HoursSyntaxError. */
export function parseOwnHoliday(text: string): OwnHoliday {
  // A leap year, so that 29 February is a day.
  const year = "2028-01-01" as LocalDate;
  const match = /^(\s*)(\d{1,2})-(\d{1,2})(?!\d|-)/.exec(text);
  const { date, end } = match
    ? {
        date: checked(`2028-${pad(match[2]!)}-${pad(match[3]!)}`, match[0].trim(), match[1]!.length),
        end: match[0].length,
      }
    : readDate(text, skipBlanks(text, 0), year);
  const name = text.slice(end).trim();
  if (name === "" || !/\p{L}/u.test(name) || name.length > 60)
    throw new HoursSyntaxError(
      "A name of up to 60 characters is needed behind the day: 12-24 Heiligabend",
      end,
    );
  return { month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)), name };
}

type Read = { readonly date: LocalDate; readonly end: number };

function readDate(text: string, at: number, today: LocalDate, far: FarDays = "allowed"): Read {
  const rest = text.slice(at);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)/.exec(rest);
  if (iso) return read(`${iso[1]}-${pad(iso[2]!)}-${pad(iso[3]!)}`, iso[0], at);
  const named = /^(today|heute|tomorrow|morgen)(?!\p{L})/iu.exec(rest);
  if (named) {
    const days = ["today", "heute"].includes(named[0].toLowerCase()) ? 0 : 1;
    return { date: addDays(today, days), end: at + named[0].length };
  }
  const dotted = /^(\d{1,2})\.\s?(\d{1,2})(?:\.(\d{4}|\d{2}(?!\d|[:.]))?)?(?!\d)/.exec(rest);
  if (dotted) return withYear(dotted[1]!, dotted[2]!, dotted[3], dotted[0], at, today, far);
  const worded = /^(\d{1,2})\.?\s*(\p{L}+)\.?(?:\s+(\d{4}))?/u.exec(rest);
  const month = worded ? monthNames.findIndex((names) => names.includes(worded[2]!.toLowerCase())) : -1;
  if (worded && month >= 0)
    return withYear(worded[1]!, String(month + 1), worded[3], worded[0], at, today, far);
  const found = /^\S+/.exec(rest)?.[0];
  throw new HoursSyntaxError(`${found ? `"${found}" is not a date` : "A date is missing"}. ${example}`, at);
}

const farDays = 300;

function withYear(
  day: string,
  month: string,
  year: string | undefined,
  found: string,
  at: number,
  today: LocalDate,
  far: FarDays,
): Read {
  const monthDay = `${pad(month)}-${pad(day)}`;
  if (year !== undefined) return read(`${year.length === 2 ? `20${year}` : year}-${monthDay}`, found, at);
  const thisYear = Number(today.slice(0, 4));
  // 29.2. may be four years off, once eight.
  for (let ahead = 0; ahead <= 8; ahead++) {
    const date = `${thisYear + ahead}-${monthDay}`;
    if (!isDate(date) || date < today) continue;
    // Who names a day of the last two months has mistaken the date rather than planned for the next year.
    if (far === "refused" && date > addDays(today, farDays))
      throw new HoursSyntaxError(
        `"${found}" is over: it is ${today}, and the next such day is ${date}. To mean that one, name the year too: ${date}`,
        at,
      );
    return { date, end: at + found.length };
  }
  return read(`${thisYear}-${monthDay}`, found, at);
}

const read = (date: string, found: string, at: number): Read => ({
  date: checked(date, found, at),
  end: at + found.length,
});

function checked(date: string, found: string, at: number): LocalDate {
  if (isDate(date)) return date;
  throw new HoursSyntaxError(`"${found}" is no day of the calendar. ${example}`, at);
}

const pad = (number: string) => number.padStart(2, "0");

function skipBlanks(text: string, at: number): number {
  return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
}

function rangeOf(from: LocalDate, to: LocalDate, text: string, end: number, start: number): DateRange {
  if (to < from)
    throw new HoursSyntaxError(
      `${from} to ${to} ends before it begins. Example: 24.12.2026..1.1.2027`,
      start,
    );
  const restAt = skipBlanks(text, end);
  return { from, to, rest: text.slice(restAt).trimEnd(), restAt };
}

/** A time of day and, where it was said, the day. */
export type Moment = { readonly date: LocalDate | null; readonly minute: number };

/** `14:00`, `14 Uhr`, `2026-12-07 14:00`, `7.12. um 14 Uhr`, `tomorrow 8`. Throws HoursSyntaxError. */
export function parseMoment(text: string, today: LocalDate, far: FarDays = "allowed"): Moment {
  const start = skipBlanks(text, 0);
  const isTime = /^\d{1,2}(?:[:.]\d{2})?(?:\s*(?:uhr|h))?\s*$/i.test(text.slice(start));
  if (isTime) return { date: null, minute: parseTimeOfDay(text.slice(start).trim(), start) };
  const { date, end } = readDate(text, start, today, far);
  const gap = /^(?:\s*[T,]|\s+(?:um|at)(?=\s))?\s*/i.exec(text.slice(end))?.[0].length ?? 0;
  const time = text.slice(end + gap).trim();
  if (time === "")
    throw new HoursSyntaxError("A time of day is needed behind the date, for example 2026-12-24 10:00", end);
  return { date, minute: parseTimeOfDay(time, end + gap) };
}
