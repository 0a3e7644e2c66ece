import type { Call } from "./calls.ts";
import { type Hotline, lastSpokenPosition, spokenMinutes } from "./hotlines.ts";
import { handlingNeeded } from "./limits.ts";
import type { State } from "./state.ts";

/** The caller's place in the hotline, 1 being next; not told more exactly than `lastSpokenPosition`. */
export function spokenPosition(state: State, call: Call): number {
  return Math.min(placeInQueue(state, call), lastSpokenPosition);
}

/**
 * How long this caller will wait from now on, in minutes as they are said; null when that cannot be told honestly.
 *
 * As long as all agents are busy, one of n becomes free every (mean handling time / n), so the caller at place p waits
 * about p times that (the mean wait in M/M/n given that one waits). The handling time is talk and wrap-up of the latest
 * conversations here, the agents are those who take calls now. With too few conversations, with nobody taking calls,
 * and beyond an hour, nothing is said.
 */
export function expectedMinutes(state: State, hotline: Hotline, call: Call): number | null {
  const handlingMs = state.desks.get(hotline.id)?.handlingMs ?? [];
  const agents = state.staff(hotline.id).staffed.size;
  if (handlingMs.length < handlingNeeded || agents === 0) return null;
  const meanMs = handlingMs.reduce((sum, length) => sum + length, 0) / handlingMs.length;
  const minutes = (placeInQueue(state, call) * meanMs) / agents / 60_000;
  return spokenMinutes.find((spoken) => spoken >= minutes) ?? null;
}

function placeInQueue(state: State, call: Call): number {
  return call.hotline === null ? 1 : state.queue(call.hotline).ahead(call) + 1;
}
