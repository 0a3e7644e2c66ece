import type { AdminEvent } from "./events.ts";
import { type Hotline, scheduleOf } from "./hotlines.ts";
import { addDays, isDate, type LocalDate, localDate } from "./hours/calendar.ts";
import { changed, type HoursChange, HoursRefusal } from "./hours/change.ts";
import { HoursSyntaxError } from "./hours/parse.ts";
import { differences, type PlannedDay } from "./hours/plan.ts";
import { type LaterWeek, type Schedule, weekOn } from "./hours/schedule.ts";
import { type HoursBasis, hoursBasis } from "./hours-basis.ts";
import type { HotlineId } from "./ids.ts";
import { same } from "./same.ts";
import { checkSharedHours } from "./shared-hours.ts";
import type { State } from "./state.ts";
import type { WallMs } from "./time.ts";
import { ignored, refused, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";

/** What a change of opening hours makes of a hotline, for who makes it and for who only wants to know. */

export type HoursEvent = Extract<AdminEvent, { type: "hours_changed" | "hours_shared" }>;

/** The hotline as it is after the change; a verdict when there is nothing to change or it cannot be. */
export function hotlineAfter(
  state: State,
  hotline: Hotline,
  event: HoursEvent,
  now: WallMs,
): Hotline | Verdict {
  if (event.expected && !same(event.expected, basisOf(state, hotline, event)))
    return changedSince(hotline.id);
  if (event.type === "hours_shared") return withSharedHours(state, hotline, event.with);
  const { change } = event;
  const isOwn = ["close", "open", "resume"].includes(change.kind);
  // Found out, and not set: also where they are not what counts at present.
  if (hotline.hoursOf !== null && !isOwn && change.kind !== "holiday_days")
    return refused(
      "in_use",
      `Hotline "${hotline.id}" has the hours of "${hotline.hoursOf}". Change them there, or give it its own: hotline hours share ${hotline.id} none`,
    );
  // What closes or opens ad hoc goes by the hours that count; the rest is changed in the hotline's own.
  const before = isOwn ? state.schedule(hotline) : hotline.schedule;
  const after = tryChange(before, change, now);
  if (after instanceof Error) return refused(after.code, after.message);
  if (after === before) return ignored("already_so");
  return { ...hotline, schedule: isOwn ? { ...hotline.schedule, adHoc: after.adHoc } : after };
}

export const basisOf = (state: State, hotline: Hotline, event: HoursEvent): HoursBasis =>
  hoursBasis(state, hotline, event.type === "hours_shared" ? event.with : null);

export const changedSince = (id: HotlineId): Verdict =>
  refused(
    "changed_since",
    `The hours of "${id}" were changed by somebody else meanwhile (see: hotline history), so nothing was changed. Give the command again to see what would differ now.`,
  );

export const isVerdict = (result: Hotline | HoursPreview | Verdict): result is Verdict => "kind" in result;

function withSharedHours(state: State, hotline: Hotline, other: HotlineId | null): Hotline | Verdict {
  if (hotline.hoursOf === other) return ignored("already_so");
  const after = { ...hotline, hoursOf: other };
  const checked = checkSharedHours(state.hotlines.values(), after);
  return checked.kind === "done" ? after : checked;
}

function tryChange(schedule: Schedule, change: HoursChange, now: WallMs): Schedule | HoursRefusal {
  try {
    return changed(schedule, change, now);
  } catch (error) {
    if (error instanceof HoursRefusal) return error;
    if (error instanceof HoursSyntaxError) return new HoursRefusal("overlap", error.message);
    throw error;
  }
}

/** What a change would do. */
export type HoursPreview = {
  readonly hotline: HotlineId;
  /** Days that will be other than they were: of a week, those of the first fortnight. */
  readonly days: readonly { readonly before: PlannedDay; readonly after: PlannedDay }[];
  /** All that will say when it is open. */
  readonly schedule: Schedule;
  /** Weeks that are planned for later and keep other hours than those set now on these days (0 = Monday). */
  readonly plannedLater: readonly { readonly week: LaterWeek; readonly days: readonly number[] }[];
  /** Other hotlines that have these hours. */
  readonly alsoOf: readonly HotlineId[];
  /** The end was to be the next regular opening or closing, and there is none: until somebody resumes. */
  readonly isEndless: boolean;
  /** Callers who have reached nobody yet. */
  readonly waiting: number;
};

/** Changes nothing. A verdict when the change would come to nothing. */
export function previewHours(state: State, hotline: Hotline, event: HoursEvent, now: WallMs) {
  const changedHotline = hotlineAfter(state, hotline, event, now);
  if (isVerdict(changedHotline)) return changedHotline;
  const before = state.schedule(hotline);
  const schedule = scheduleOf(state.hotlines, changedHotline);
  const preview: HoursPreview = {
    hotline: hotline.id,
    days: differences(before, schedule, datesToCompare(event, before, schedule, now)),
    schedule,
    plannedLater: plannedLater(event, schedule, now),
    alsoOf: [...state.hotlines.values()]
      .filter(({ hoursOf }) => hoursOf === hotline.id && isForAll(event))
      .map(({ id }) => id),
    isEndless: isEndless(event, schedule),
    waiting: state.queue(hotline.id).length,
  };
  return preview;
}

/** A change of the week holds until a later one that was planned before it: that one stays as it is. */
function plannedLater(event: HoursEvent, schedule: Schedule, now: WallMs): HoursPreview["plannedLater"] {
  if (event.type !== "hours_changed" || event.change.kind !== "week") return [];
  const from = event.change.from ?? localDate(schedule.timeZone, now);
  const set = weekOn(schedule, from);
  const days = event.change.days.flatMap((entry) => entry.days);
  return schedule.laterWeeks
    .filter((week) => week.from > from)
    .map((week) => ({ week, days: days.filter((day) => !same(week.weekly[day], set[day])) }))
    .filter((later) => later.days.length > 0);
}

function isEndless(event: HoursEvent, { adHoc }: Schedule): boolean {
  const change = event.type === "hours_changed" ? event.change : null;
  const hasNoEnd =
    (change?.kind === "close" || change?.kind === "open") && change.until.kind === "next_change";
  return hasNoEnd && adHoc.kind !== "none" && adHoc.untilMs === null;
}

const isForAll = (event: HoursEvent): boolean =>
  event.type === "hours_changed" && !["close", "open", "resume"].includes(event.change.kind);

const fortnight = 14;
/** An exception may be a long one; what is different in a year is different for good. */
const daysMax = 366;

/** The days that a change may make different; calendars are slow, so no others. */
function datesToCompare(event: HoursEvent, before: Schedule, after: Schedule, now: WallMs): LocalDate[] {
  const today = localDate(after.timeZone, now);
  if (event.type === "hours_shared") return datesFrom(today, fortnight);
  const { change } = event;
  switch (change.kind) {
    case "week":
      return datesFrom(change.from ?? today, fortnight);
    case "except":
      return datesBetween(dayBefore(change.exception.from), change.exception.to);
    case "no_exception":
      return datesBetween(dayBefore(change.from), change.to);
    case "holidays":
    case "holiday_days":
      return holidayDates([before, after], today);
    case "time_zone":
      return datesFrom(today, fortnight);
    case "close":
    case "open":
    case "resume":
      return [];
    default:
      return unreachable(change);
  }
}

/** Its night may run on, or end at midnight. */
const dayBefore = (date: LocalDate) => addDays(date, -1);

function datesFrom(from: LocalDate, days: number): LocalDate[] {
  return Array.from({ length: days }, (_, n) => addDays(from, n));
}

function datesBetween(from: LocalDate, to: LocalDate): LocalDate[] {
  const dates: LocalDate[] = [];
  for (let date = from; date <= to && dates.length < daysMax; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** Of one year. */
function holidayDates(schedules: readonly Schedule[], today: LocalDate): LocalDate[] {
  const end = addDays(today, daysMax);
  const years = [today, end].map((date) => date.slice(0, 4));
  const dates = schedules.flatMap(({ holidays }) => [
    ...holidays.days.map(({ date }) => date),
    ...holidays.own.flatMap(({ month, day }) =>
      years.map((year) => `${year}-${twoDigits(month)}-${twoDigits(day)}` as LocalDate),
    ),
  ]);
  const days = dates.filter((date) => today <= date && date < end && isDate(date));
  return [...new Set(days.flatMap((date) => [dayBefore(date), date]))].sort();
}

const twoDigits = (number: number) => String(number).padStart(2, "0");
