import type { Call, Due } from "../calls.ts";
import { ringOneMore } from "../distribution/rounds.ts";
import type { Hotline } from "../hotlines.ts";
import { forwardIsLate } from "../overflow/forward.ts";
import { stepKey, takeSteps } from "../overflow/steps.ts";
import { after, type MonotonicMs } from "../time.ts";
import type { Turn } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { endedCallIsLate, sayFarewell } from "./farewell.ts";
import { announceNext, heardFirst } from "./hearing.ts";

/** What happens by itself to a caller who waits. */

export function callIsDue(turn: Turn, call: Call): void {
  switch (call.phase.kind) {
    case "listening":
      if (isOver(turn, call.due.giveUpMs)) giveUp(turn, call);
      // The end of the announcement was never reported.
      else heardFirst(turn, call);
      return;
    case "waiting":
    case "offering":
      somethingIsDue(turn, call, call.phase.kind);
      return;
    case "forwarding":
      forwardIsLate(turn, call);
      return;
    case "ended":
      endedCallIsLate(turn, call);
      return;
    case "connected":
    case "forwarded":
    case "away":
      return;
    default:
      unreachable(call.phase);
  }
}

/** One thing at a time, the weightiest first; the loop comes back for the others. */
function somethingIsDue(turn: Turn, call: Call, phase: "waiting" | "offering"): void {
  const { due } = call;
  if (phase === "waiting" && isOver(turn, due.giveUpMs)) giveUp(turn, call);
  else if (phase === "waiting" && stepIsDue(turn, call)) takeDueSteps(turn, call);
  else if (isOver(turn, due.tierMs)) joinTier(turn, call);
  else if (phase === "offering" && isOver(turn, due.ringNextMs)) ringOneMore(turn, call);
  else if (isOver(turn, due.announcementMs)) announceNext(turn, call);
}

/** Has waited long enough, whether or not somebody has been ringing all the time. */
export function hasToGiveUp(turn: Turn, call: Call): boolean {
  return isOver(turn, call.due.giveUpMs);
}

export function giveUp(turn: Turn, call: Call): void {
  sayFarewell(turn, call, { outcome: "timed_out", announcement: "timed_out" }, "max_wait");
}

/** Of overflow, for who has waited so long here. */
export function stepIsDue(turn: Turn, call: Call): boolean {
  return isOver(turn, call.due.stepMs);
}

export function takeDueSteps(turn: Turn, call: Call): void {
  const hotline = hotlineOf(turn, call);
  if (takeSteps(turn, call, hotline, { kind: "waited", afterMs: waitedHere(turn, call) }, null)) return;
  const now = turn.call(call.id);
  turn.putCall({ ...now, due: { ...now.due, stepMs: nextStepAt(now, hotline) } });
}

function joinTier(turn: Turn, call: Call): void {
  const hotline = hotlineOf(turn, call);
  const tiersJoined = call.tiersJoined + 1;
  const joined = turn.putCall({ ...call, tiersJoined });
  turn.putCall({ ...joined, due: { ...joined.due, tierMs: nextTierAt(turn, joined, hotline) } });
  turn.tell(call.id, { what: "tier_joined", tiers: tiersJoined + 1 });
}

export function dueOnEntering(turn: Turn, call: Call, hotline: Hotline): Due {
  return {
    ...call.due,
    tierMs: nextTierAt(turn, call, hotline),
    stepMs: nextStepAt(call, hotline),
    announcementMs: null,
    ringNextMs: null,
  };
}

/** The hotline's settings or its agents were changed while this caller waits. */
export function dueAfterChange(turn: Turn, call: Call, hotline: Hotline): Due {
  return {
    ...call.due,
    giveUpMs:
      call.origin === hotline.id ? after(call.arrivedAt.monotonicMs, hotline.maxWaitMs) : call.due.giveUpMs,
    tierMs: nextTierAt(turn, call, hotline),
    stepMs: nextStepAt(call, hotline),
    ringNextMs: ringNextAfterChange(turn, call, hotline),
  };
}

/** Who rings already is joined by others, or no more, from now on; a time that is set stays. */
function ringNextAfterChange(turn: Turn, call: Call, hotline: Hotline): MonotonicMs | null {
  if (hotline.strategy !== "progressive" || call.phase.kind !== "offering") return null;
  return call.due.ringNextMs ?? after(turn.now.monotonicMs, hotline.ringNextAfterMs);
}

/** When the next tier joins: at once where the caller has waited long enough; null when there are no more. */
export function nextTierAt(turn: Turn, call: Call, hotline: Hotline): MonotonicMs | null {
  if (call.tiersJoined + 1 >= turn.state.staff(hotline.id).tiers) return null;
  const sinceEntering = (call.tiersJoined + 1) * hotline.nextTierAfterMs;
  const at = after(call.hereSince, sinceEntering as typeof hotline.nextTierAfterMs);
  // A tier brought in early by an overflow step moves nothing else.
  return Math.max(at, turn.now.monotonicMs) as MonotonicMs;
}

/** When the next of the steps for those who have waited a while is due. */
export function nextStepAt(call: Call, hotline: Hotline): MonotonicMs | null {
  let next: MonotonicMs | null = null;
  for (const step of hotline.overflow) {
    if (step.when.kind !== "waited" || call.stepsDone.includes(stepKey(hotline.id, step))) continue;
    const at = after(call.hereSince, step.when.afterMs);
    if (next === null || at < next) next = at;
  }
  return next;
}

const waitedHere = (turn: Turn, call: Call) =>
  (turn.now.monotonicMs - call.hereSince) as Hotline["nextTierAfterMs"];

const isOver = (turn: Turn, at: MonotonicMs | null): boolean => at !== null && at <= turn.now.monotonicMs;

export function hotlineOf(turn: Turn, call: Call): Hotline {
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  if (!hotline) throw new Error(`Call ${call.id} waits at no hotline`);
  return hotline;
}
