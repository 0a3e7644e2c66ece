import type { WallMs } from "../time.ts";
import { addDays, instantAt, localDate } from "./calendar.ts";
import { dayHours, opening, type Schedule, spansOf } from "./schedule.ts";

/** Where hours never begin because they never end, somebody is reminded at this time of the day. */
const morningMinute = 8 * 60;

export type Missed = {
  /** Null: it is closed by the regular hours, too. */
  readonly openingMs: WallMs | null;
  /** Until when that holds at least. */
  readonly untilMs: WallMs;
};

/**
 * What a closing until somebody resumes has swallowed last: the start of the present regular hours or, where it would be open
 * since before midnight, 08:00. Null: it is not closed like that.
 */
export function missedOpening(schedule: Schedule, at: WallMs): Missed | null {
  const { adHoc, timeZone } = schedule;
  if (adHoc.kind !== "closed" || adHoc.untilMs !== null) return null;
  const regular: Schedule = { ...schedule, adHoc: { kind: "none" } };
  const isOpen = (moment: number) => opening(regular, moment as WallMs).open;
  const today = localDate(timeZone, at);
  const days = [-1, 0].map((n) => addDays(today, n));
  const at0 = (date: typeof today) => instantAt(timeZone, date, 0, "earlier");
  const spans = days.flatMap((date) => spansOf(regular, date, dayHours));
  const mornings = days.map((date) => instantAt(timeZone, date, morningMinute, "later"));
  // A day that is closed as a whole cuts what runs in from the day before, and its end may be a start.
  const starts = [...days.map(at0), ...spans.map(({ fromMs }) => fromMs)];
  const edges = [...starts, ...mornings, ...spans.map(({ toMs }) => toMs), at0(addDays(today, 1))];
  const untilMs = Math.min(...edges.filter((edge) => edge > at)) as WallMs;
  if (!isOpen(at)) return { openingMs: null, untilMs };
  const isStart = (moment: number) => isOpen(moment) && !isOpen(moment - 1);
  const isThroughMidnight = (morning: WallMs) => {
    const midnight = at0(localDate(timeZone, morning));
    return isOpen(morning) && isOpen(midnight) && isOpen(midnight - 1);
  };
  const missed = [...starts.filter(isStart), ...mornings.filter(isThroughMidnight)].filter(
    (moment) => moment <= at,
  );
  return { openingMs: missed.length === 0 ? null : (Math.max(...missed) as WallMs), untilMs };
}
