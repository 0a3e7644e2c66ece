import type { WallMs } from "../time.ts";
import { addDays, instantAt, localDate } from "./calendar.ts";
import { dayHours, opening, type Schedule, spansOf } from "./schedule.ts";

/** How far ahead a change is looked for: over the longest closing between two school years. */
const searchDays = 62;

/**
 * The next moment after `at` at which the hotline opens, or null when there is none within two months. With
 * `regular`, as if nobody had closed or opened it ad hoc.
 */
export function nextOpening(
  schedule: Schedule,
  at: WallMs,
  how: "regular" | "as it is" = "as it is",
): WallMs | null {
  return nextChange(how === "regular" ? { ...schedule, adHoc: { kind: "none" } } : schedule, at, true);
}

/** The next moment after `at` at which it closes, likewise. */
export function nextClosing(schedule: Schedule, at: WallMs): WallMs | null {
  return nextChange(schedule, at, false);
}

/** The first moment after `at` from which it is open (or closed) and before which it was not. */
function nextChange(schedule: Schedule, at: WallMs, to: boolean): WallMs | null {
  const today = localDate(schedule.timeZone, at);
  const adHocEnd = schedule.adHoc.kind === "none" ? null : schedule.adHoc.untilMs;
  for (let day = -1; day <= searchDays; day++) {
    const date = addDays(today, day);
    const midnight = instantAt(schedule.timeZone, date, 0, "earlier");
    const nextMidnight = instantAt(schedule.timeZone, addDays(date, 1), 0, "earlier");
    const edges = [
      midnight,
      ...spansOf(schedule, date, dayHours).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ];
    if (adHocEnd !== null && midnight <= adHocEnd && adHocEnd < nextMidnight) edges.push(adHocEnd);
    // Hours that run in from the day before end among this day's edges, too.
    for (const { toMs } of spansOf(schedule, addDays(date, -1), dayHours))
      if (toMs > midnight) edges.push(toMs);
    for (const edge of edges.sort((a, b) => a - b)) {
      if (edge <= at || edge >= nextMidnight) continue;
      if (opening(schedule, edge).open === to && opening(schedule, (edge - 1) as WallMs).open !== to)
        return edge;
    }
  }
  return null;
}
