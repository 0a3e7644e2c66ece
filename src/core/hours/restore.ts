import { isDate, isKnownZone } from "./calendar.ts";
import { aroundTheClock, neverOpen, plainSchedule, type Schedule } from "./schedule.ts";

/** Hours as they were found somewhere: whatever that is. */
export type FoundHours = { readonly [Part in keyof Schedule]?: unknown };

/** A part that could not be used as it was found. */
export type BrokenPart = {
  readonly part: keyof Schedule;
  readonly why: string;
  /** What is used in its place: the part as it was last good, or, where that is not known, one that closes nothing. */
  readonly instead: "earlier" | "open";
};

/** What stands in for a part of which nothing good is known: a hotline must never be closed by damage. */
const openSchedule = plainSchedule("Europe/Berlin", aroundTheClock);

/**
 * A schedule that can be used, whatever was found. `earlier`: the same hotline's, the newest first; looked at only where
 * something is broken. What was closed or opened for now is not taken from earlier: nobody knows whether it still should be.
 */
export function restoreHours(
  found: FoundHours,
  earlier: () => Iterable<FoundHours>,
): { readonly schedule: Schedule; readonly broken: readonly BrokenPart[] } {
  const broken: BrokenPart[] = [];
  const restore = <Part extends keyof Schedule>(part: Part): Schedule[Part] => {
    const why = whatIsWrong(part, found[part]);
    if (why === null) return found[part] as Schedule[Part];
    const good = part === "adHoc" ? null : firstGood(part, earlier());
    broken.push({ part, why, instead: good ? "earlier" : "open" });
    return good ? (good[part] as Schedule[Part]) : openSchedule[part];
  };
  const schedule: Schedule = {
    timeZone: restore("timeZone"),
    weekly: restore("weekly"),
    laterWeeks: restore("laterWeeks"),
    exceptions: restore("exceptions"),
    holidays: restore("holidays"),
    adHoc: restore("adHoc"),
  };
  return { schedule, broken };
}

function firstGood(part: keyof Schedule, earlier: Iterable<FoundHours>): FoundHours | null {
  for (const hours of earlier) if (whatIsWrong(part, hours[part]) === null) return hours;
  return null;
}

/** Why hours cannot be used; null: they can be. */
export function whyUnusable(hours: FoundHours): string | null {
  for (const part of Object.keys(checks) as (keyof Schedule)[]) {
    const why = whatIsWrong(part, hours[part]);
    if (why !== null) return `${nameOfPart[part]}: ${why}`;
  }
  return null;
}

/** As people call it. */
export const nameOfPart: Readonly<Record<keyof Schedule, string>> = {
  timeZone: "time zone",
  weekly: "weekly hours",
  laterWeeks: "later weekly hours",
  exceptions: "exceptions",
  holidays: "holidays",
  adHoc: "closing or opening for now",
};

function whatIsWrong(part: keyof Schedule, value: unknown): string | null {
  if (value === undefined) return "cannot be read";
  return checks[part](value) ? null : `${short(JSON.stringify(value))} is not understood`;
}

const shownMax = 60;
const short = (text: string) => (text.length <= shownMax ? text : `${text.slice(0, shownMax - 1)}…`);

const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown, from: number, to: number): boolean =>
  Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);
const has = (value: unknown, fields: Readonly<Record<string, (field: unknown) => boolean>>): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.entries(fields).every(([name, isGood]) => isGood((value as Record<string, unknown>)[name]));
const isDay = (value: unknown): boolean => isText(value) && isDate(value);

const isInterval = (value: unknown): boolean =>
  has(value, {
    fromMinute: (minute) => isWhole(minute, 0, 1439),
    toMinute: (minute) => isWhole(minute, 1, 2880),
  }) &&
  (value as { fromMinute: number; toMinute: number }).fromMinute <
    (value as { fromMinute: number; toMinute: number }).toMinute;
const isWeek = (value: unknown): boolean =>
  isList(value, (day) => isList(day, isInterval)) && (value as unknown[]).length === neverOpen.length;

const checks: Readonly<Record<keyof Schedule, (value: unknown) => boolean>> = {
  timeZone: isKnownZone,
  weekly: isWeek,
  laterWeeks: (value) => isList(value, (week) => has(week, { from: isDay, weekly: isWeek })),
  exceptions: (value) =>
    isList(
      value,
      (each) =>
        has(each, {
          from: isDay,
          to: isDay,
          intervals: (intervals) => isList(intervals, isInterval),
          reason: isText,
          announcement: (name) => name === null || isText(name),
        }) && (each as { from: string; to: string }).from <= (each as { from: string; to: string }).to,
    ),
  holidays: (value) =>
    has(value, {
      region: (region) => region === null || isText(region),
      days: (days) => isList(days, (day) => has(day, { date: isDay, name: isText })),
      workedOn: (names) => isList(names, isText),
      own: (days) =>
        isList(days, (day) =>
          has(day, {
            month: (month) => isWhole(month, 1, 12),
            day: (dayOfMonth) => isWhole(dayOfMonth, 1, 31),
            name: isText,
          }),
        ),
    }),
  adHoc: (value) =>
    has(value, { kind: (kind) => kind === "none" }) ||
    has(value, {
      kind: (kind) => kind === "closed" || kind === "open",
      reason: isText,
      untilMs: (untilMs) => untilMs === null || Number.isInteger(untilMs),
    }),
};
