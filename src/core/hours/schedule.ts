import { Temporal } from "temporal-polyfill";
import type { WallMs } from "../time.ts";

/** Minutes since local midnight, half-open. `toMinute` above 1440 runs across midnight into the next day. */
export type Interval = { readonly fromMinute: number; readonly toMinute: number };

/** Seven days, Monday first. */
export type Weekly = readonly (readonly Interval[])[];

export type AdHoc =
  | { readonly kind: "none" }
  /** `untilMs` null: until somebody reopens. */
  | { readonly kind: "closed"; readonly reason: string; readonly untilMs: WallMs | null };

export type Schedule = {
  /** IANA name, for example Europe/Berlin. */
  readonly timeZone: string;
  readonly weekly: Weekly;
  readonly adHoc: AdHoc;
};

export type Opening =
  | { readonly open: true; readonly rule: "weekly" }
  | {
      readonly open: false;
      readonly rule: "ad_hoc";
      readonly reason: string;
      readonly untilMs: WallMs | null;
    }
  | { readonly open: false; readonly rule: "weekly" };

export const minutesOfDay = 24 * 60;

/** How far ahead an opening is looked for. */
const searchDays = 14;

export const aroundTheClock: Weekly = Array.from({ length: 7 }, () => [
  { fromMinute: 0, toMinute: minutesOfDay },
]);

/** Is the hotline open at that moment, and which rule says so? Highest first: ad-hoc, weekly. */
export function opening(schedule: Schedule, at: WallMs): Opening {
  const { adHoc } = schedule;
  if (adHoc.kind === "closed" && (adHoc.untilMs === null || at < adHoc.untilMs))
    return { open: false, rule: "ad_hoc", reason: adHoc.reason, untilMs: adHoc.untilMs };
  return openByWeek(schedule, at) ? { open: true, rule: "weekly" } : { open: false, rule: "weekly" };
}

/** Like opening(), and until when that holds at least: the next moment at which any rule begins or ends. */
export function openingUntil(
  schedule: Schedule,
  at: WallMs,
): { readonly opening: Opening; readonly untilMs: WallMs } {
  const today = localDate(schedule.timeZone, at);
  const edges = [-1, 0, 1].flatMap((days) =>
    intervalsOn(schedule, today.add({ days })).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  );
  // Beyond tomorrow nothing was looked at.
  edges.push(instantAt(schedule.timeZone, today.add({ days: 1 }), 0, "earlier"));
  if (schedule.adHoc.kind === "closed" && schedule.adHoc.untilMs !== null) edges.push(schedule.adHoc.untilMs);
  const untilMs = Math.min(...edges.filter((edge) => edge > at)) as WallMs;
  return { opening: opening(schedule, at), untilMs };
}

/** The local day that holds a moment: from its midnight to the next, 23 to 25 hours. */
export function localDay(
  timeZone: string,
  at: WallMs,
): { readonly fromMs: WallMs; readonly untilMs: WallMs } {
  const today = localDate(timeZone, at);
  return {
    fromMs: instantAt(timeZone, today, 0, "earlier"),
    untilMs: instantAt(timeZone, today.add({ days: 1 }), 0, "earlier"),
  };
}

function openByWeek(schedule: Schedule, at: WallMs): boolean {
  const today = localDate(schedule.timeZone, at);
  // Yesterday's intervals may run across midnight into today.
  return [today.subtract({ days: 1 }), today].some((date) =>
    intervalsOn(schedule, date).some((span) => span.fromMs <= at && at < span.toMs),
  );
}

/**
 * The next moment after `at` at which the weekly hours begin, or null when there is none within two weeks.
 * Does not look at ad-hoc closing.
 */
export function nextWeeklyOpening(schedule: Schedule, at: WallMs): WallMs | null {
  const today = localDate(schedule.timeZone, at);
  for (let day = -1; day <= searchDays; day++) {
    for (const span of intervalsOn(schedule, today.add({ days: day }))) {
      const before = (span.fromMs - 1) as WallMs;
      // An interval that follows another without a gap opens nothing.
      if (span.fromMs > at && !openByWeek(schedule, before)) return span.fromMs;
    }
  }
  return null;
}

/** The instants between which the hotline is open, of the intervals that start on that date. */
function intervalsOn(schedule: Schedule, date: Temporal.PlainDate): { fromMs: WallMs; toMs: WallMs }[] {
  const intervals = schedule.weekly[date.dayOfWeek - 1] ?? [];
  return intervals.map(({ fromMinute, toMinute }) => ({
    fromMs: instantAt(schedule.timeZone, date, fromMinute, "earlier"),
    toMs: instantAt(schedule.timeZone, date, toMinute, "later"),
  }));
}

/**
 * The instant of a local minute. In the hour that spring leaves out it is the first instant after it; in the
 * doubled hour of autumn `which` says which of the two is meant.
 */
export function instantAt(
  timeZone: string,
  date: Temporal.PlainDate,
  minute: number,
  which: "earlier" | "later",
): WallMs {
  const local = date
    .add({ days: Math.floor(minute / minutesOfDay) })
    .toPlainDateTime(
      Temporal.PlainTime.from({ hour: Math.floor((minute % minutesOfDay) / 60), minute: minute % 60 }),
    );
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: which });
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds as WallMs;
  const beforeGap = local.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  const jump = beforeGap.getTimeZoneTransition("next") ?? zoned;
  return jump.epochMilliseconds as WallMs;
}

export function localDate(timeZone: string, at: WallMs): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();
}
