import type { Call } from "./calls.ts";
import type { Hotline } from "./hotlines.ts";
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
  turn.state.oldPlaces.put(id, { id, waitingSince: call.waitingSince, keptUntilMs });
}

/** Since when a new caller waits: since now, or since the place was taken that is given back, once. */
export function takePlace(turn: Turn, hotline: Hotline, from: string | null): MonotonicMs {
  const id = from === null ? null : placeOf(hotline.id, from);
  const place = id && turn.state.oldPlaces.get(id);
  if (!id || !place) return turn.now.monotonicMs;
  turn.state.oldPlaces.delete(id);
  return place.keptUntilMs > turn.now.monotonicMs ? place.waitingSince : turn.now.monotonicMs;
}
