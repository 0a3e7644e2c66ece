/*
 * When a hotline is open, worked out from its schedule without the core and without Temporal: the clock on the wall comes from
 * Intl, and everything else is plain arithmetic on text and minutes.
 */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Zones differ by quarters of an hour, and clocks change on them. */
const blockMs = 15 * minuteMs;

type Span = { readonly fromMinute: number; readonly toMinute: number };

/** What of a schedule counts; a Schedule of the core is one. */
export type HoursOnPaper = {
  readonly timeZone: string;
  readonly weekly: readonly (readonly Span[])[];
  readonly laterWeeks: readonly { readonly from: string; readonly weekly: readonly (readonly Span[])[] }[];
  readonly exceptions: readonly {
    readonly from: string;
    readonly to: string;
    readonly intervals: readonly Span[];
  }[];
  readonly holidays: {
    readonly region: string | null;
    readonly days: readonly { readonly date: string; readonly name: string }[];
    readonly workedOn: readonly string[];
    readonly own: readonly { readonly month: number; readonly day: number }[];
  };
  readonly adHoc:
    | { readonly kind: "none" }
    | { readonly kind: "closed" | "open"; readonly untilMs: number | null };
};

/** Open, or the outcome of who calls. */
export type Verdict = "open" | "closed" | "closed_holiday" | "closed_adhoc";

export function verdictAt(hours: HoursOnPaper, atMs: number): Verdict {
  const { adHoc } = hours;
  if (adHoc.kind !== "none" && (adHoc.untilMs === null || atMs < adHoc.untilMs))
    return adHoc.kind === "open" ? "open" : "closed_adhoc";
  const today = dateAt(hours.timeZone, atMs);
  const exception = exceptionOn(hours, today);
  if (!exception && isHoliday(hours, today)) return "closed_holiday";
  if (exception?.intervals.length === 0) return "closed";
  const isOpen = [addDays(today, -1), today].some((date) =>
    spansOn(hours, date).some(
      ({ fromMinute, toMinute }) =>
        firstInstant(hours.timeZone, date, fromMinute) <= atMs &&
        atMs < lastInstant(hours.timeZone, date, toMinute),
    ),
  );
  return isOpen ? "open" : "closed";
}

/** The hours that begin on a day, whatever was closed or opened for now. */
export function spansOn(hours: HoursOnPaper, date: string): readonly Span[] {
  const exception = exceptionOn(hours, date);
  if (exception) return exception.intervals;
  if (isHoliday(hours, date)) return [];
  let { weekly } = hours;
  let since = "";
  for (const later of hours.laterWeeks)
    if (later.from <= date && later.from >= since) {
      since = later.from;
      weekly = later.weekly;
    }
  // 1970 began on a Thursday.
  const weekday = (daysSince1970(date) + 3) % 7;
  return weekly[weekday] ?? [];
}

const exceptionOn = ({ exceptions }: HoursOnPaper, date: string) =>
  exceptions.find(({ from, to }) => from <= date && date <= to);

function isHoliday({ holidays }: HoursOnPaper, date: string): boolean {
  const { region, days, workedOn, own } = holidays;
  if (own.some(({ month, day }) => date.slice(5) === `${twoDigits(month)}-${twoDigits(day)}`)) return true;
  return region !== null && days.some((day) => day.date === date && !workedOn.includes(day.name));
}

const twoDigits = (number: number) => String(number).padStart(2, "0");
const daysSince1970 = remembered((date) => Date.parse(`${date}T00:00:00Z`) / dayMs);
export const addDays = (date: string, days: number): string =>
  new Date((daysSince1970(date) + days) * dayMs).toISOString().slice(0, 10);

/** Asked again and again, worked out once. */
function remembered<Value>(find: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = find(key);
      known.set(key, value);
    }
    return value;
  };
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** How far the clock on the wall is ahead of UTC. */
function offsetAt(timeZone: string, atMs: number): number {
  const block = Math.floor(atMs / blockMs) * blockMs;
  const key = `${timeZone} ${block}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let clock = clocks.get(timeZone);
  if (!clock) {
    const parts = {
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    } as const;
    clock = new Intl.DateTimeFormat("en-GB", { timeZone, ...parts, hourCycle: "h23" });
    clocks.set(timeZone, clock);
  }
  const { year, month, day, hour, minute } = Object.fromEntries(
    clock.formatToParts(block).map(({ type, value }) => [type, Number(value)]),
  ) as Record<"year" | "month" | "day" | "hour" | "minute", number>;
  const offset = Date.UTC(year, month - 1, day, hour, minute) - block;
  offsets.set(key, offset);
  return offset;
}

const wallAt = (timeZone: string, atMs: number) => atMs + offsetAt(timeZone, atMs);
/** The same for a whole block: days begin on one. */
export function dateAt(timeZone: string, atMs: number): string {
  return dateOfBlock(`${timeZone} ${Math.floor(atMs / blockMs) * blockMs}`);
}
const dateOfBlock = remembered((key) => {
  const [timeZone, atMs] = key.split(" ");
  return new Date(wallAt(timeZone!, Number(atMs))).toISOString().slice(0, 10);
});
export const minuteAt = (timeZone: string, atMs: number): number =>
  Math.floor((wallAt(timeZone, atMs) % dayMs) / minuteMs);

/** Around the moment that a local minute would be in UTC: no zone is further away than that, and no change longer. */
const reachMs = 27 * 60 * minuteMs;

/** The first moment at which a day's clock shows that minute, or the end of the hour that is left out. */
export function firstInstant(timeZone: string, date: string, minute: number): number {
  return instant(timeZone, daysSince1970(date) * dayMs + minute * minuteMs, "first");
}

/** The last such moment. */
export function lastInstant(timeZone: string, date: string, minute: number): number {
  return instant(timeZone, daysSince1970(date) * dayMs + minute * minuteMs, "last");
}

const instants = new Map<string, number>();

function instant(timeZone: string, wallMs: number, which: "first" | "last"): number {
  const key = `${timeZone} ${wallMs} ${which}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const candidates = new Set<number>();
  for (let near = wallMs - reachMs; near <= wallMs + reachMs; near += blockMs) {
    const candidate = wallMs - offsetAt(timeZone, near);
    if (wallAt(timeZone, candidate) === wallMs) candidates.add(candidate);
  }
  let found = which === "first" ? Math.min(...candidates) : Math.max(...candidates);
  if (candidates.size === 0) {
    // The wall never shows it: the moment at which it shows something later. Clocks are changed at the beginning of a block.
    found = Math.floor((wallMs - reachMs) / blockMs) * blockMs;
    while (wallAt(timeZone, found) < wallMs) found += blockMs;
  }
  instants.set(key, found);
  return found;
}
