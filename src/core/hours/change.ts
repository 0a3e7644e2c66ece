import { same } from "../same.ts";
import type { DurationMs, WallMs } from "../time.ts";
import { addDays, instantAt, type LocalDate, localDate, localText } from "./calendar.ts";
import { nextClosing, nextOpening } from "./next.ts";
import { describeInterval, withDays } from "./parse.ts";
import {
  type DateException,
  type Holiday,
  type Holidays,
  type Interval,
  type Schedule,
  weekOn,
} from "./schedule.ts";

/** What an administrator asks of a schedule. */
export type HoursChange =
  /** Weekly hours of these days (0 = Monday); `from` null: from now on. */
  | {
      readonly kind: "week";
      readonly days: readonly { readonly days: readonly number[]; readonly intervals: readonly Interval[] }[];
      readonly from: LocalDate | null;
    }
  /** In place of what was excepted on these days before. */
  | { readonly kind: "except"; readonly exception: DateException }
  | { readonly kind: "no_exception"; readonly from: LocalDate; readonly to: LocalDate }
  | { readonly kind: "holidays"; readonly holidays: Holidays }
  /** The days on which a region's public holidays fall were looked up anew; administrators' settings stay. */
  | { readonly kind: "holiday_days"; readonly region: string; readonly days: readonly Holiday[] }
  | { readonly kind: "time_zone"; readonly timeZone: string }
  | { readonly kind: "close"; readonly reason: string; readonly until: Until }
  | { readonly kind: "open"; readonly reason: string; readonly until: Until }
  /** No ad-hoc closing or opening any more. */
  | { readonly kind: "resume" };

export type Until =
  /** When the hours, without ad-hoc, next open (for a closing) or close (for an opening). */
  | { readonly kind: "next_change" }
  /** The next time the clock shows this minute of the day. */
  | { readonly kind: "minute_of_day"; readonly minute: number }
  | { readonly kind: "duration"; readonly lengthMs: DurationMs }
  | { readonly kind: "instant"; readonly atMs: WallMs }
  /** Until somebody resumes. */
  | { readonly kind: "resumed" };

/** The change cannot be made; nothing has been. */
export class HoursRefusal extends Error {
  readonly code: "end_in_past" | "no_such_exception" | "overlap";
  constructor(code: HoursRefusal["code"], message: string) {
    super(message);
    this.name = "HoursRefusal";
    this.code = code;
  }
}

/** The schedule after a change asked for now. The same object when nothing changes. Throws HoursRefusal, HoursSyntaxError. */
export function changed(schedule: Schedule, change: HoursChange, now: WallMs): Schedule {
  switch (change.kind) {
    case "week":
      return withWeek(schedule, change, now);
    case "except":
      return withException(schedule, change.exception, now);
    case "no_exception": {
      const exceptions = cutOut(schedule.exceptions, change.from, change.to);
      if (JSON.stringify(exceptions) === JSON.stringify(schedule.exceptions))
        throw new HoursRefusal(
          "no_such_exception",
          `There is no exception on ${span(change.from, change.to)}; ${listed(schedule.exceptions)}`,
        );
      return { ...schedule, exceptions };
    }
    case "holidays":
      return { ...schedule, holidays: change.holidays };
    case "holiday_days":
      return withHolidayDays(schedule, change);
    case "time_zone":
      return { ...schedule, timeZone: change.timeZone };
    case "close":
    case "open":
      return withAdHoc(schedule, change, now);
    case "resume":
      return schedule.adHoc.kind === "none" ? schedule : { ...schedule, adHoc: { kind: "none" } };
  }
}

function withWeek(schedule: Schedule, change: Extract<HoursChange, { kind: "week" }>, now: WallMs): Schedule {
  const today = localDate(schedule.timeZone, now);
  const edit = (weekly: Schedule["weekly"]) => withDays(weekly, change.days);
  const { from } = change;
  if (from !== null && from < today)
    throw new HoursRefusal(
      "end_in_past",
      `${from} is in the past. Allowed: today or later, for example ${addDays(today, 1)}`,
    );
  if (from === null || from === today) {
    const inForce = schedule.laterWeeks.findLast((week) => week.from <= today);
    if (!inForce) return { ...schedule, weekly: edit(schedule.weekly) };
    const laterWeeks = schedule.laterWeeks
      .filter((week) => week.from > today)
      .map(({ from: later, weekly }) => ({ from: later, weekly }));
    // What is over is forgotten: from now on these are the weekly hours.
    return { ...schedule, weekly: edit(inForce.weekly), laterWeeks };
  }
  const others = schedule.laterWeeks.filter((week) => week.from !== from);
  const laterWeeks = [...others, { from, weekly: edit(weekOn(schedule, from)) }];
  return { ...schedule, laterWeeks: laterWeeks.sort((a, b) => (a.from < b.from ? -1 : 1)) };
}

function withException(schedule: Schedule, exception: DateException, now: WallMs): Schedule {
  const today = localDate(schedule.timeZone, now);
  if (exception.to < today)
    throw new HoursRefusal(
      "end_in_past",
      `${span(exception.from, exception.to)} is in the past. Allowed: today or later, for example ${addDays(today, 1)}`,
    );
  const rest = cutOut(schedule.exceptions, exception.from, exception.to);
  const exceptions = [...rest, exception].sort((a, b) => (a.from < b.from ? -1 : 1));
  return { ...schedule, exceptions };
}

/** Exceptions without these days; one that reaches beyond them is shortened, or parted in two. */
function cutOut(exceptions: readonly DateException[], from: LocalDate, to: LocalDate): DateException[] {
  return exceptions.flatMap((each) => {
    if (each.to < from || each.from > to) return [each];
    const before = each.from < from ? [{ ...each, to: addDays(from, -1) }] : [];
    const after = each.to > to ? [{ ...each, from: addDays(to, 1) }] : [];
    return [...before, ...after];
  });
}

/** Of a region that is not kept any more: nothing. */
function withHolidayDays(
  schedule: Schedule,
  { region, days }: Extract<HoursChange, { kind: "holiday_days" }>,
): Schedule {
  const { holidays } = schedule;
  if (holidays.region !== region || same(holidays.days, days)) return schedule;
  return { ...schedule, holidays: { ...holidays, days } };
}

function withAdHoc(
  schedule: Schedule,
  { kind, reason, until }: Extract<HoursChange, { kind: "close" | "open" }>,
  now: WallMs,
): Schedule {
  const untilMs = endOf(schedule, kind, until, now);
  if (untilMs !== null && untilMs <= now)
    throw new HoursRefusal("end_in_past", pastEnd(schedule, untilMs, now));
  return { ...schedule, adHoc: { kind: kind === "close" ? "closed" : "open", reason, untilMs } };
}

function pastEnd({ timeZone }: Schedule, untilMs: WallMs, now: WallMs): string {
  const clock = (at: WallMs) => localText(timeZone, at);
  const later = `${addDays(localDate(timeZone, now), 1)} 08:00`;
  return `The end is in the past: ${clock(untilMs)}, and it is ${clock(now)} now. For an end on another day name the day too, for example ${later}. Nothing was changed.`;
}

function endOf(schedule: Schedule, kind: "close" | "open", until: Until, now: WallMs): WallMs | null {
  switch (until.kind) {
    case "next_change":
      return kind === "close"
        ? nextOpening(schedule, now, "regular")
        : nextClosing({ ...schedule, adHoc: { kind: "none" } }, now);
    case "minute_of_day": {
      const today = localDate(schedule.timeZone, now);
      return instantAt(schedule.timeZone, today, until.minute, "later");
    }
    case "duration":
      return (now + until.lengthMs) as WallMs;
    case "instant":
      return until.atMs;
    case "resumed":
      return null;
  }
}

const span = (from: LocalDate, to: LocalDate) => (from === to ? from : `${from} to ${to}`);

const listed = (exceptions: readonly DateException[]): string =>
  exceptions.length === 0
    ? "there is none at all."
    : `there are: ${exceptions.map(({ from, to }) => span(from, to)).join(", ")}`;

/** `08:00-12:00, 14:00-18:00` or `closed`. */
export const describeHours = (intervals: readonly Interval[]): string =>
  intervals.map(describeInterval).join(", ") || "closed";
