import type { Call } from "./calls.ts";
import type { HotlineId, PlaceId } from "./ids.ts";
import type { MonotonicMs } from "./time.ts";
import { after } from "./time.ts";
import type { Turn } from "./turn.ts";

/**
 * The place of a caller who gave up, kept for `resumeWithinMs` where the hotline says so. In memory only: with the time
 * goes the number.
 */
export type OldPlace = {
  readonly id: PlaceId;
  readonly waitingSince: MonotonicMs;
  readonly keptUntilMs: MonotonicMs;
};

const placeOf = (hotline: HotlineId, from: string): PlaceId => `${hotline} ${from}` as PlaceId;

/** A caller has given up. Anonymous callers cannot be known again. */
export function keepPlace(turn: Turn, call: Call): void {
  const hotline = call.origin && turn.state.hotlines.get(call.origin);
  if (!hotline || call.from === null || hotline.resumeWithinMs === 0) return;
  const id = placeOf(hotline.id, call.from);
  const keptUntilMs = after(turn.now.monotonicMs, hotline.resumeWithinMs);
  // Who has not been given an old place back yet still has that one.
  const older = turn.state.oldPlaces.get(id)?.waitingSince ?? call.waitingSince;
  const waitingSince = Math.min(older, call.waitingSince) as MonotonicMs;
  turn.state.oldPlaces.put(id, { id, waitingSince, keptUntilMs });
}

/** Since when a caller who has called before has waited, by the place that is given back now, once; null: there is none. */
export function takePlace(turn: Turn, { origin, from }: Call): MonotonicMs | null {
  const id = origin === null || from === null ? null : placeOf(origin, from);
  const place = id && turn.state.oldPlaces.get(id);
  if (!id || !place) return null;
  turn.state.oldPlaces.delete(id);
  return place.keptUntilMs > turn.now.monotonicMs ? place.waitingSince : null;
}
