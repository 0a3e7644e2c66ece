import { Temporal } from "temporal-polyfill";
import type { Brand } from "../ids.ts";
import type { WallMs } from "../time.ts";

/** A day on the calendar as `2026-12-24`: compares as text. */
export type LocalDate = Brand<string, "LocalDate">;

export const minutesOfDay = 24 * 60;

/** Whether this machine's time zone data knows the zone. */
export function isKnownZone(name: unknown): name is string {
  if (typeof name !== "string") return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Which day it is somewhere at a moment. */
export function localDate(timeZone: string, at: WallMs): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString() as LocalDate;
}

/** `2026-12-24 08:00` */
export function localText(timeZone: string, at: WallMs): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  return zoned.toPlainDateTime().toString({ smallestUnit: "minute" }).replace("T", " ");
}

export function addDays(date: LocalDate, days: number): LocalDate {
  return Temporal.PlainDate.from(date).add({ days }).toString() as LocalDate;
}

/** 0 = Monday. */
export function weekday(date: LocalDate): number {
  return Temporal.PlainDate.from(date).dayOfWeek - 1;
}

/** Whether it is a day of the calendar: `2026-02-31` is none. */
export function isDate(text: string): text is LocalDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" }).toString() === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** From a local midnight to the next, 23 to 25 hours. */
export function localDay(
  timeZone: string,
  at: WallMs,
): { readonly fromMs: WallMs; readonly untilMs: WallMs } {
  const today = localDate(timeZone, at);
  return {
    fromMs: instantAt(timeZone, today, 0, "earlier"),
    untilMs: instantAt(timeZone, addDays(today, 1), 0, "earlier"),
  };
}

/**
 * The instant of a local minute; more than 1440 is on the next day. In the hour that spring leaves out it is the first
 * instant after it; in the doubled hour of autumn `which` says which of the two is meant.
 */
export function instantAt(
  timeZone: string,
  date: LocalDate,
  minute: number,
  which: "earlier" | "later",
): WallMs {
  const local = Temporal.PlainDate.from(date)
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
