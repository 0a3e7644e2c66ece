import { same } from "../same.ts";
import { addDays, type LocalDate, minutesOfDay } from "./calendar.ts";
import { dayHours, exceptionOn, holidayOn, type Interval, isClosedDay, type Schedule } from "./schedule.ts";

/** The hours of one day as they stand on the door; ad-hoc closing and opening aside. */
export type PlannedDay = {
  readonly date: LocalDate;
  /** Empty: closed. */
  readonly intervals: readonly Interval[];
  readonly because:
    | { readonly kind: "weekly" }
    | { readonly kind: "exception"; readonly reason: string }
    | { readonly kind: "holiday"; readonly name: string };
};

export function plan(schedule: Schedule, from: LocalDate, days: number): PlannedDay[] {
  return Array.from({ length: days }, (_, n) => plannedDay(schedule, addDays(from, n)));
}

export function plannedDay(schedule: Schedule, date: LocalDate): PlannedDay {
  const exception = exceptionOn(schedule, date);
  const holiday = holidayOn(schedule, date);
  const because = exception
    ? ({ kind: "exception", reason: exception.reason } as const)
    : holiday !== null
      ? ({ kind: "holiday", name: holiday } as const)
      : ({ kind: "weekly" } as const);
  return { date, intervals: doorHours(schedule, date), because };
}

/** A night ends at midnight where the next day is closed as a whole. */
function doorHours(schedule: Schedule, date: LocalDate): readonly Interval[] {
  const intervals = dayHours(schedule, date);
  if (!intervals.some(({ toMinute }) => toMinute > minutesOfDay) || !isClosedDay(schedule, addDays(date, 1)))
    return intervals;
  return intervals.map((each) => ({ ...each, toMinute: Math.min(each.toMinute, minutesOfDay) }));
}

/** Those of the dates on which two schedules differ: before and after. */
export function differences(
  before: Schedule,
  after: Schedule,
  dates: readonly LocalDate[],
): { readonly before: PlannedDay; readonly after: PlannedDay }[] {
  return dates
    .map((date) => ({ before: plannedDay(before, date), after: plannedDay(after, date) }))
    .filter((pair) => !same(pair.before, pair.after));
}
