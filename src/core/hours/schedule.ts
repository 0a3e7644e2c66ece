import type { RecordedAnnouncement } from "../hotlines.ts";
import type { WallMs } from "../time.ts";
import { addDays, instantAt, type LocalDate, localDate, weekday } from "./calendar.ts";

/** Minutes since local midnight, half-open. `toMinute` above 1440 runs across midnight into the next day. */
export type Interval = { readonly fromMinute: number; readonly toMinute: number };

/** Seven days, Monday first. */
export type Weekly = readonly (readonly Interval[])[];

/** When a hotline is open. Highest first: ad-hoc, exception, holiday, weekly. */
export type Schedule = {
  /** IANA name, for example Europe/Berlin. */
  readonly timeZone: string;
  readonly weekly: Weekly;
  /** Other weekly hours from a date on, earliest first. */
  readonly laterWeeks: readonly LaterWeek[];
  /** No two of them hold on one day. Earliest first. */
  readonly exceptions: readonly DateException[];
  readonly holidays: Holidays;
  readonly adHoc: AdHoc;
};

export type LaterWeek = { readonly from: LocalDate; readonly weekly: Weekly };

/** On these days, both included: closed, or other hours than the week's. */
export type DateException = {
  readonly from: LocalDate;
  readonly to: LocalDate;
  /** Empty: closed. */
  readonly intervals: readonly Interval[];
  readonly reason: string;
  /** Heard instead of the usual one while this closes the hotline. */
  readonly announcement: RecordedAnnouncement | null;
};

/** On public holidays the hotline is closed. Which days those are is found out beforehand: here are plain dates. */
export type Holidays = {
  /** A federal state such as TH; null: no holidays are kept. */
  readonly region: string | null;
  readonly days: readonly Holiday[];
  /** Names of holidays that are worked on. */
  readonly workedOn: readonly string[];
  /** Days of our own, each year. */
  readonly own: readonly OwnHoliday[];
};

export type Holiday = { readonly date: LocalDate; readonly name: string };
export type OwnHoliday = { readonly month: number; readonly day: number; readonly name: string };

export type AdHoc =
  | { readonly kind: "none" }
  /** `untilMs` null: until somebody says otherwise. */
  | { readonly kind: "closed" | "open"; readonly reason: string; readonly untilMs: WallMs | null };

/** Which rule decided. `date`: the day whose rule it is; hours that run across midnight are those of the day before. */
export type Rule =
  | { readonly kind: "ad_hoc"; readonly reason: string; readonly untilMs: WallMs | null }
  | {
      readonly kind: "exception";
      readonly date: LocalDate;
      readonly reason: string;
      readonly announcement: RecordedAnnouncement | null;
    }
  | { readonly kind: "holiday"; readonly date: LocalDate; readonly name: string }
  | { readonly kind: "weekly"; readonly date: LocalDate };

export type Opening = { readonly open: boolean; readonly rule: Rule };

/** What has been decided, and what the rules below would have said. */
export type Decision = Opening & { readonly lost: readonly Opening[] };

export const aroundTheClock: Weekly = Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 24 * 60 }]);
export const neverOpen: Weekly = Array.from({ length: 7 }, () => []);

/** Weekly hours and nothing else. */
export const plainSchedule = (timeZone: string, weekly: Weekly): Schedule => ({
  timeZone,
  weekly,
  laterWeeks: [],
  exceptions: [],
  holidays: { region: null, days: [], workedOn: [], own: [] },
  adHoc: { kind: "none" },
});

/** Is the hotline open at that moment, and which rule says so? */
export function opening(schedule: Schedule, at: WallMs): Opening {
  return adHocAt(schedule, at) ?? plannedRulesAt(schedule, at, false)[0]!;
}

/** Like opening(), with the rules that did not get to decide. */
export function decide(schedule: Schedule, at: WallMs): Decision {
  const [decided, ...lost] = rulesAt(schedule, at);
  return { ...decided!, lost };
}

/** All rules that say something about a moment, the highest first. Never empty: the weekly hours always do. */
function rulesAt(schedule: Schedule, at: WallMs): Opening[] {
  const adHoc = adHocAt(schedule, at);
  return [...(adHoc ? [adHoc] : []), ...plannedRulesAt(schedule, at, adHoc !== null)];
}

function adHocAt({ adHoc }: Schedule, at: WallMs): Opening | null {
  if (adHoc.kind === "none" || (adHoc.untilMs !== null && at >= adHoc.untilMs)) return null;
  const { reason, untilMs } = adHoc;
  return { open: adHoc.kind === "open", rule: { kind: "ad_hoc", reason, untilMs } };
}

/** `lost`: what is closed or opened for now goes before them all. */
function plannedRulesAt(schedule: Schedule, at: WallMs, lost: boolean): Opening[] {
  const today = localDate(schedule.timeZone, at);
  const said: Opening[] = [];
  const exception = exceptionOn(schedule, today);
  const holiday = holidayOn(schedule, today);
  // The day whose hours these are, exceptions and holidays counted.
  const day = isClosedDay(schedule, today) ? null : dayInHours(schedule, today, at, dayHours);
  const runsIn = day !== null && day !== today;
  const special = runsIn ? exceptionOn(schedule, day) : null;
  if (special) said.push({ open: true, rule: exceptionRule(special, day!) });
  // What runs in from an ordinary day before is not cut by other hours today.
  const isWeekly = runsIn && !special;
  if (isWeekly) said.push({ open: true, rule: { kind: "weekly", date: day } });
  if (exception) said.push({ open: day === today, rule: exceptionRule(exception, today) });
  if (holiday !== null) said.push({ open: false, rule: { kind: "holiday", date: today, name: holiday } });
  if (isWeekly) return said;
  // What the week alone would say is only of interest where something above decided.
  const weekly = lost || said.length > 0 ? dayInHours(schedule, today, at, weekHours) : day;
  said.push({ open: weekly !== null, rule: { kind: "weekly", date: weekly ?? today } });
  return said;
}

const exceptionRule = ({ reason, announcement }: DateException, date: LocalDate): Rule => ({
  kind: "exception",
  date,
  reason,
  announcement,
});

/** Also until when what is said holds at least: the next moment at which any rule begins or ends. */
export function openingUntil(
  schedule: Schedule,
  at: WallMs,
): { readonly opening: Opening; readonly untilMs: WallMs } {
  const today = localDate(schedule.timeZone, at);
  const edges = [-1, 0].flatMap((days) =>
    spansOf(schedule, addDays(today, days), dayHours).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  );
  // Days begin and end exceptions and holidays; beyond today nothing was looked at.
  edges.push(instantAt(schedule.timeZone, addDays(today, 1), 0, "earlier"));
  if (schedule.adHoc.kind !== "none" && schedule.adHoc.untilMs !== null) edges.push(schedule.adHoc.untilMs);
  const untilMs = Math.min(...edges.filter((edge) => edge > at)) as WallMs;
  return { opening: opening(schedule, at), untilMs };
}

/** The exception that holds on a day, if any. */
export function exceptionOn(schedule: Schedule, date: LocalDate): DateException | null {
  return schedule.exceptions.find(({ from, to }) => from <= date && date <= to) ?? null;
}

/** The name of the holiday kept on a day, or null. */
export function holidayOn({ holidays }: Schedule, date: LocalDate): string | null {
  const [, month, day] = date.split("-").map(Number);
  const own = holidays.own.find((each) => each.month === month && each.day === day);
  if (own) return own.name;
  if (holidays.region === null) return null;
  const kept = holidays.days.find((each) => each.date === date && !holidays.workedOn.includes(each.name));
  return kept?.name ?? null;
}

/** Closed as a whole, so that nothing runs in from the day before either. */
export function isClosedDay(schedule: Schedule, date: LocalDate): boolean {
  const exception = exceptionOn(schedule, date);
  return exception ? exception.intervals.length === 0 : holidayOn(schedule, date) !== null;
}

/** The weekly hours in force on a day. */
export function weekOn({ weekly, laterWeeks }: Schedule, date: LocalDate): Weekly {
  return laterWeeks.findLast(({ from }) => from <= date)?.weekly ?? weekly;
}

/** The hours that begin on a day, by which rule; ad-hoc closing and opening aside. */
export type DayHours = (schedule: Schedule, date: LocalDate) => readonly Interval[];

export const dayHours: DayHours = (schedule, date) => {
  const exception = exceptionOn(schedule, date);
  if (exception) return exception.intervals;
  return holidayOn(schedule, date) === null ? weekHours(schedule, date) : [];
};

const weekHours: DayHours = (schedule, date) => weekOn(schedule, date)[weekday(date)] ?? [];

/** Today or yesterday, whose hours the moment is in; null: it is in neither's. */
function dayInHours(schedule: Schedule, today: LocalDate, at: WallMs, hours: DayHours): LocalDate | null {
  const isIn = (date: LocalDate) =>
    spansOf(schedule, date, hours).some(({ fromMs, toMs }) => fromMs <= at && at < toMs);
  return [today, addDays(today, -1)].find(isIn) ?? null;
}

/** The instants between which the hotline is open, of the hours that begin on that date. */
export function spansOf(
  schedule: Schedule,
  date: LocalDate,
  hours: DayHours,
): { readonly fromMs: WallMs; readonly toMs: WallMs }[] {
  return hours(schedule, date).map(({ fromMinute, toMinute }) => ({
    fromMs: instantAt(schedule.timeZone, date, fromMinute, "earlier"),
    toMs: instantAt(schedule.timeZone, date, toMinute, "later"),
  }));
}
