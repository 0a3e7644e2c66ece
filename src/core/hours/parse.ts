import { dayNames, isDayWord, readDays, takeListBefore } from "./days.ts";
import type { Interval, Weekly } from "./schedule.ts";
import { exampleOfHours, HoursSyntaxError, type Word, WordReader } from "./words.ts";

export { HoursSyntaxError } from "./words.ts";

const minutesOfDay = 24 * 60;
const exampleSpans = "Allowed: 08:00-18:00 or 8-18 or 08:00-12:00,14:00-20:00 or closed";
const closedWords = ["closed", "geschlossen", "zu"];
const wholeDay: Interval = { fromMinute: 0, toMinute: minutesOfDay };

/** Days (0 = Monday) and the intervals they get. */
export type DaysHours = { readonly days: readonly number[]; readonly intervals: readonly Interval[] };

/**
 * Weekly hours as people write them: `mon-fri 08:00-18:00`, `Mo, Mi: 8 bis 12 und 14 bis 20 Uhr`, `sat-sun closed`, several of
 * them one behind the other, `24/7`. No day may stand there twice. Throws HoursSyntaxError.
 */
export function parseWeek(text: string): DaysHours[] {
  const reader = new WordReader(text);
  const entries: DaysHours[] = [];
  do {
    const at = reader.position;
    const entry = readEntry(reader);
    const twice = entry.days.find((day) => entries.some(({ days }) => days.includes(day)));
    if (twice !== undefined)
      throw new HoursSyntaxError(
        `${dayNames[twice]} stands there twice. Several spans of a day are joined by commas: mon 08:00-12:00,14:00-18:00`,
        at,
      );
    entries.push(entry);
    takeListBefore(reader, isDayWord);
  } while (reader.peek());
  return entries;
}

/** The same where only one set of days may stand. Throws HoursSyntaxError. */
export function parseWeeklyLine(line: string): DaysHours {
  const [first, ...more] = parseWeek(line);
  if (!first || more.length > 0)
    throw new HoursSyntaxError("One line has one set of days: mon-fri 08:00-18:00", 0);
  return first;
}

/** The hours of a day: `8-12, 14-18 Uhr`, `closed`, `24h`. Empty: closed. Throws HoursSyntaxError. */
export function parseHours(text: string): Interval[] {
  const reader = new WordReader(text);
  const intervals = readHours(reader);
  const more = reader.peek();
  if (more) throw new HoursSyntaxError(`"${more.text}" is too much here. ${exampleSpans}`, more.at);
  return intervals;
}

/** The weekly hours with the hours of those days replaced. Only the week as a whole must have no overlaps. */
export function withDays(weekly: Weekly, entries: readonly DaysHours[]): Weekly {
  const changed = weekly.map(
    (before, day) => entries.findLast(({ days }) => days.includes(day))?.intervals ?? before,
  );
  refuseOverlapsAcrossMidnight(changed);
  return changed;
}

function readEntry(reader: WordReader): DaysHours {
  if (reader.take("always")) return { days: [0, 1, 2, 3, 4, 5, 6], intervals: [wholeDay] };
  if (!reader.peek()) throw new HoursSyntaxError(`Days and hours are needed. ${exampleOfHours}`, reader.end);
  if (reader.peek()?.kind === "number")
    throw new HoursSyntaxError(
      `The days for "${reader.peek()?.text}" are missing. ${exampleOfHours}`,
      reader.position,
    );
  const days = readDays(reader);
  const next = reader.peek();
  if (!next || isDayWord(next))
    throw new HoursSyntaxError(
      `Hours are needed for ${days.map((day) => dayNames[day]).join(", ")}. ${exampleOfHours}`,
      reader.position,
    );
  return { days, intervals: readHours(reader) };
}

function readHours(reader: WordReader): Interval[] {
  const first = reader.peek();
  if (first?.kind === "letters" && closedWords.includes(first.text)) {
    reader.take("letters");
    return [];
  }
  if (first?.text === "24" && first.unit === "h" && reader.peek(1)?.kind !== "range") {
    reader.take("number");
    return [wholeDay];
  }
  const spans: { readonly interval: Interval; readonly at: number }[] = [];
  do {
    const at = reader.position;
    spans.push({ interval: readSpan(reader), at });
  } while (reader.peek()?.kind === "number" || takeListBeforeSpan(reader));
  spans.sort((a, b) => a.interval.fromMinute - b.interval.fromMinute);
  spans.forEach(({ interval, at }, i) => {
    const before = spans[i - 1];
    if (before && interval.fromMinute < before.interval.toMinute)
      throw new HoursSyntaxError(
        `${describeInterval(before.interval)} and ${describeInterval(interval)} overlap`,
        Math.max(at, before.at),
      );
  });
  return spans.map(({ interval }) => interval);
}

/** A comma goes on with a span, unless other days follow. */
function takeListBeforeSpan(reader: WordReader): boolean {
  return takeListBefore(reader, (word) => !isDayWord(word) && word?.kind !== "always");
}

function readSpan(reader: WordReader): Interval {
  const first = takeTime(reader);
  if (!reader.take("range"))
    throw new HoursSyntaxError(
      `"${first.text}" is not a time span: it has no end. ${exampleSpans}`,
      first.at,
    );
  const last = takeTime(reader);
  const more = reader.peek();
  if (more?.kind === "range")
    throw new HoursSyntaxError(`A time span has two ends. ${exampleSpans}`, more.at);
  const fromMinute = parseTimeOfDay(first.text, first.at);
  const end = parseTimeOfDay(last.text, last.at);
  if (fromMinute === minutesOfDay)
    throw new HoursSyntaxError("A span cannot start at 24:00; write 00:00 on the next day", first.at);
  if (fromMinute === end)
    throw new HoursSyntaxError(
      `${timeText(fromMinute)}-${timeText(end)} is empty. For a whole day write 00:00-24:00`,
      first.at,
    );
  const isAfternoon = isBare(first) && isBare(last) && end < fromMinute && fromMinute <= 12 * 60;
  // 8-6 is more likely to mean the evening than the next morning, and nobody should find out which by being closed.
  if (isAfternoon && end > 0)
    throw new HoursSyntaxError(
      `${first.text}-${last.text} can be read in two ways; write ${timeText(fromMinute)}-${timeText(end + 12 * 60)}, or ${timeText(fromMinute)}-${timeText(end)} for across midnight`,
      first.at,
    );
  // An end before the start means the next day: 22:00-02:00.
  return { fromMinute, toMinute: end > fromMinute ? end : end + minutesOfDay };
}

const isBare = ({ text }: Word) => /^\d{1,2}$/.test(text);

function takeTime(reader: WordReader): Word {
  const word = reader.take("number");
  if (word) return word;
  const next = reader.peek();
  const found = next ? `"${next.text}" is not a time span` : "A time span is missing";
  throw new HoursSyntaxError(`${found}. ${exampleSpans}`, reader.position);
}

/** Minutes since midnight, 0 to 1440, of `08:00`, `8.30`, `8` or `24:00`. Throws HoursSyntaxError. */
export function parseTimeOfDay(text: string, position = 0): number {
  const match = /^(\d{1,2})(?:[:.](\d{2}))?(?:\s*(?:uhr|h))?$/i.exec(text.trim());
  const hour = Number(match?.[1]);
  const minute = Number(match?.[2] ?? 0);
  if (!match || minute > 59 || hour > 24 || (hour === 24 && minute > 0))
    throw new HoursSyntaxError(
      `"${text}" is not a time of day. Allowed: 00:00 to 24:00, for example 08:00 or 8`,
      position,
    );
  return hour * 60 + minute;
}

/** What runs across midnight must not overlap what the next day starts with. */
function refuseOverlapsAcrossMidnight(weekly: Weekly): void {
  weekly.forEach((intervals, day) => {
    const last = intervals.at(-1);
    const next = weekly[(day + 1) % 7]?.[0];
    if (last && next && last.toMinute - minutesOfDay > next.fromMinute)
      throw new HoursSyntaxError(
        `${describeInterval(last)} on ${dayNames[day]} runs into ${describeInterval(next)} on ${dayNames[(day + 1) % 7]}. A span that does not end after it begins lasts until the next day. Examples: 08:00-18:00, fri 22:00-02:00`,
        0,
      );
  });
}

/** `08:00-18:00` */
export function describeInterval({ fromMinute, toMinute }: Interval): string {
  return `${timeText(fromMinute)}-${timeText(toMinute > minutesOfDay ? toMinute - minutesOfDay : toMinute)}`;
}

function timeText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

const wholeWeek: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

/** The weekly hours as lines, days with the same hours together: `mon-fri 08:00-18:00`. `days`: only these. */
export function describeWeekly(weekly: Weekly, days = wholeWeek): string[] {
  const texts = weekly.map((intervals) => intervals.map(describeInterval).join(",") || "closed");
  const lines: string[] = [];
  for (let from = 0; from < texts.length; from++) {
    if (!days.includes(from)) continue;
    let to = from;
    while (days.includes(to + 1) && texts[to + 1] === texts[from]) to++;
    const names = from === to ? `${dayNames[from]}` : `${dayNames[from]}-${dayNames[to]}`;
    lines.push(`${names} ${texts[from]}`);
    from = to;
  }
  return lines;
}
