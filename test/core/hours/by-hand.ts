/*
 * When a hotline is open, worked out a second time: no Temporal, no code of the core, and holidays from the laws of the
 * federal states instead of a library. Slow and plain: every minute is looked at on its own.
 */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export type Span = { readonly fromMinute: number; readonly toMinute: number };

export type Rules = {
  readonly state: "TH" | "SN" | "NW";
  /** Monday first. */
  readonly week: readonly (readonly Span[])[];
  readonly exceptions: readonly {
    readonly from: string;
    readonly to: string;
    readonly spans: readonly Span[];
  }[];
};

/** The Sunday of Easter by Gauss's rule with the exceptions of the Gregorian calendar, as days since 1970. */
function easter(year: number): number {
  const a = year % 19;
  const k = Math.floor(year / 100);
  const m = 15 + Math.floor((3 * k + 3) / 4) - Math.floor((8 * k + 13) / 25);
  const s = 2 - Math.floor((3 * k + 3) / 4);
  const d = (19 * a + m) % 30;
  const r = Math.floor((d + Math.floor(a / 11)) / 29);
  const og = 21 + d - r;
  const sz = 7 - ((year + Math.floor(year / 4) + s) % 7);
  const oe = 7 - ((og - sz) % 7);
  return Date.UTC(year, 2, og + oe) / (24 * hourMs);
}

const iso = (day: number): string => new Date(day * 24 * hourMs).toISOString().slice(0, 10);

/** The public holidays of a year, as the states' laws name them. */
export function holidaysByLaw(state: Rules["state"], year: number): Set<string> {
  const sunday = easter(year);
  const days = new Set([
    `${year}-01-01`,
    iso(sunday - 2),
    iso(sunday + 1),
    `${year}-05-01`,
    iso(sunday + 39),
    iso(sunday + 50),
    `${year}-10-03`,
    `${year}-12-25`,
    `${year}-12-26`,
  ]);
  if (state === "TH") days.add(`${year}-09-20`).add(`${year}-10-31`);
  if (state === "SN") days.add(`${year}-10-31`).add(iso(dayOfPrayer(year)));
  if (state === "NW") days.add(iso(sunday + 60)).add(`${year}-11-01`);
  return days;
}

/** Buß- und Bettag: the Wednesday before the last Sunday before Advent, that is before 23 November. */
function dayOfPrayer(year: number): number {
  let day = Date.UTC(year, 10, 22) / (24 * hourMs);
  while (new Date(day * 24 * hourMs).getUTCDay() !== 3) day--;
  return day;
}

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Berlin",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Date and minute of the day on a wall in Berlin. Clocks change on the hour, so one look an hour is enough. */
const seen = new Map<number, { date: string; minute: number }>();
function onTheWall(at: number): { date: string; minute: number } {
  const hour = Math.floor(at / hourMs) * hourMs;
  let wall = seen.get(hour);
  if (!wall) {
    const part = Object.fromEntries(clock.formatToParts(hour).map(({ type, value }) => [type, value]));
    wall = {
      date: `${part.year}-${part.month}-${part.day}`,
      minute: Number(part.hour) * 60 + Number(part.minute),
    };
    seen.set(hour, wall);
  }
  return { date: wall.date, minute: wall.minute + (at - hour) / minuteMs };
}

/** All minutes, in UTC, at which the hotline is open, between two moments. */
export function openMinutes(rules: Rules, fromMs: number, untilMs: number): Set<number> {
  const minutesOf = new Map<string, number[]>();
  for (let at = fromMs - 48 * hourMs; at < untilMs + 48 * hourMs; at += minuteMs) {
    const { date } = onTheWall(at);
    const known = minutesOf.get(date);
    if (known) known.push(at);
    else minutesOf.set(date, [at]);
  }
  const dates = [...minutesOf.keys()];
  const open = new Set<number>();
  for (const [n, date] of dates.entries()) {
    const next = dates[n + 1];
    for (const span of spansOf(rules, date)) {
      const today = minutesOf.get(date) ?? [];
      const begin = today.find((at) => onTheWall(at).minute >= span.fromMinute);
      if (begin === undefined) continue;
      const overnight = span.toMinute > 1440;
      const lastDay = overnight && next ? (minutesOf.get(next) ?? []) : today;
      const endMinute = overnight ? span.toMinute - 1440 : span.toMinute;
      const last = lastDay.findLast((at) => onTheWall(at).minute < endMinute) ?? today.at(-1)!;
      // A day that is closed as a whole cuts what runs in from the day before.
      const cut = overnight && next !== undefined && isClosedDay(rules, next);
      const until = cut ? today.at(-1)! : last;
      for (let at = begin; at <= until; at += minuteMs) open.add(at);
    }
  }
  return open;
}

const exceptionOn = (rules: Rules, date: string) =>
  rules.exceptions.find(({ from, to }) => date >= from && date <= to);

const isHoliday = (rules: Rules, date: string) =>
  holidaysByLaw(rules.state, Number(date.slice(0, 4))).has(date);

function isClosedDay(rules: Rules, date: string): boolean {
  const exception = exceptionOn(rules, date);
  return exception ? exception.spans.length === 0 : isHoliday(rules, date);
}

function spansOf(rules: Rules, date: string): readonly Span[] {
  const exception = exceptionOn(rules, date);
  if (exception) return exception.spans;
  if (isHoliday(rules, date)) return [];
  const day = new Date(`${date}T12:00:00Z`).getUTCDay();
  return rules.week[(day + 6) % 7] ?? [];
}
