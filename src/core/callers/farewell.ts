import type { Call, EndedBy, EndReason, Outcome, Result, Talk, TurnedAway } from "../calls.ts";
import { announcementTimeoutMs, confirmTimeoutMs, farewellLeftMs } from "../limits.ts";
import { after, between, type DurationMs, type MonotonicMs, type Now } from "../time.ts";
import type { Turn } from "../turn.ts";
import { announce } from "./hearing.ts";

/** How calls end: the outcome is decided here, once. */

/** Tells a caller who reached nobody why it ends here, and lets them go. */
export function sayFarewell(turn: Turn, call: Call, how: TurnedAway, reason: EndReason | null): void {
  const announced = announce(turn, call, how.announcement);
  decide(turn, announced, resultNow(turn, how.outcome, "hotline", reason), announcementTimeoutMs);
}

/** The number leads nowhere. */
export function refuseNumber(turn: Turn, call: Call): void {
  decide(turn, call, resultNow(turn, "unknown_number", "hotline"), confirmTimeoutMs);
  turn.order({ type: "hang_up", call: call.id, reason: "unknown_number" });
}

/** There is no room, not even for telling so. */
export function refuseBusy(turn: Turn, call: Call): void {
  decide(turn, call, resultNow(turn, "full", "hotline", "capacity"), confirmTimeoutMs);
  turn.order({ type: "hang_up", call: call.id, reason: "busy" });
}

export function hangUp(turn: Turn, call: Call, result: Result): void {
  turn.order({ type: "hang_up", call: call.id, reason: "normal" });
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putCall({ ...call, hears: { kind: "nothing" }, phase: { kind: "ended", result, deadlineMs } });
}

/** A deadline of an ended call: the announcement or the hang-up took too long. */
export function endedCallIsLate(turn: Turn, call: Call): void {
  if (call.phase.kind !== "ended") throw new Error(`Call ${call.id} is ${call.phase.kind}, not ended`);
  if (call.hears.kind === "announcement") {
    hangUp(turn, call, call.phase.result);
    return;
  }
  turn.order({ type: "verify_caller", call: call.id });
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putCall({ ...call, phase: { ...call.phase, deadlineMs } });
}

/**
 * The connection is back, and the caller was hearing why it ends here. If that goes on, Asterisk tells its end; if the end was missed, the
 * silence is short. Who was let go while no order reached Asterisk hears it now.
 */
export function goOnWithFarewell(turn: Turn, call: Call, lostAt: Now): void {
  if (call.phase.kind !== "ended") throw new Error(`Call ${call.id} is ${call.phase.kind}, not ended`);
  const { phase, hears } = call;
  if (hears.kind !== "announcement") {
    turn.order({ type: "hang_up", call: call.id, reason: "normal" });
    return;
  }
  const isUnsaid = phase.result.at.monotonicMs > lostAt.monotonicMs;
  const now = isUnsaid ? announce(turn, call, hears.name) : call;
  const within = after(turn.now.monotonicMs, isUnsaid ? announcementTimeoutMs : farewellLeftMs);
  const deadlineMs = isUnsaid ? within : (Math.min(phase.deadlineMs, within) as MonotonicMs);
  turn.putCall({ ...now, phase: { ...phase, deadlineMs } });
}

/** The outcome stands from here on, and is told. */
export function tellEnd(turn: Turn, call: Call, result: Result): void {
  turn.tell(call.id, { what: "ended", result, waitMs: waitOf(call, result) }, result.at);
}

export function resultNow(
  turn: Turn,
  outcome: Outcome,
  endedBy: EndedBy,
  reason: EndReason | null = null,
  talk: Talk | null = null,
): Result {
  return { outcome, endedBy, at: turn.now, reason, talk };
}

function decide(turn: Turn, call: Call, result: Result, within: DurationMs): void {
  tellEnd(turn, call, result);
  const deadlineMs = after(turn.now.monotonicMs, within);
  turn.putCall({ ...call, phase: { kind: "ended", result, deadlineMs } });
}

/** From the arrival to the conversation, or to the end of a wait that led to none. */
function waitOf(call: Call, result: Result): DurationMs {
  return between(call.arrivedAt.monotonicMs, (result.talk?.since ?? result.at).monotonicMs);
}
