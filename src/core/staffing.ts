import { giveUp } from "./callers.ts";
import type { HotlineId } from "./ids.ts";
import type { Turn } from "./turn.ts";

/** Notes since when nobody is there for callers who wait. Runs at the end of every step. */
export function watchStaffing(turn: Turn): void {
  const { state, now } = turn;
  for (const { id } of state.hotlines.values()) {
    const alone = state.queueLength(id) > 0 && state.present.of(id).size === 0;
    const noted = state.staffing.get(id);
    if (alone && !noted) state.staffing.put(id, { hotline: id, unstaffedSince: now.monotonicMs });
    if (!alone && noted) state.staffing.delete(id);
  }
}

/** The grace is over and still nobody is there: tell all who wait. */
export function staffingIsLate(turn: Turn, hotline: HotlineId): void {
  for (const id of [...turn.state.waiting.of(hotline).ids()]) {
    turn.subject = { kind: "call", id };
    giveUp(turn, turn.call(id), "no_agents");
  }
  const noted = turn.state.staffing.get(hotline);
  // Somebody may still be rung for a caller; look again after another grace.
  if (noted) turn.state.staffing.put(hotline, { ...noted, unstaffedSince: turn.now.monotonicMs });
}
