import type { WallMs } from "../time.ts";
import { openingUntil, type Schedule } from "./schedule.ts";

/** A stretch of time in which a hotline is open, half-open. */
export type Span = { readonly fromMs: WallMs; readonly toMs: WallMs };

/** All stretches between two moments in which the hotline is open, earliest first, none touching the next. */
export function openSpans(schedule: Schedule, fromMs: WallMs, untilMs: WallMs): Span[] {
  const spans: Span[] = [];
  let at = fromMs;
  while (at < untilMs) {
    const said = openingUntil(schedule, at);
    const toMs = Math.min(said.untilMs, untilMs) as WallMs;
    const last = spans.at(-1);
    if (said.opening.open && last?.toMs === at) spans[spans.length - 1] = { fromMs: last.fromMs, toMs };
    else if (said.opening.open) spans.push({ fromMs: at, toMs });
    at = toMs;
  }
  return spans;
}
