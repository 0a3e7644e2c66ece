import { dueAfterChange, hotlineOf } from "../callers/due.ts";
import { announce, playMusic } from "../callers/hearing.ts";
import { otherSideLeft } from "../callers/leaving.ts";
import type { Call, CallPhase, Otherwise } from "../calls.ts";
import type { OverflowCondition } from "../hotlines.ts";
import { bridgeId, forwardLegId, type LegId, parseLegId } from "../ids.ts";
import { connectTimeoutMs, forwardRingMs } from "../limits.ts";
import { after, between } from "../time.ts";
import type { Turn } from "../turn.ts";
import { overflow } from "./steps.ts";

/*
 * Sending a caller on to a number outside: ringing -> picked up -> (both in the bridge) forwarded.
 * If that fails at any point the next overflow step is tried; after the last one the caller is back in the queue, at the
 * old place, or is let go if there was none.
 */

export function startForwarding(
  turn: Turn,
  call: Call,
  number: string,
  because: OverflowCondition,
  otherwise: Otherwise,
): void {
  const attempts = call.attempts + 1;
  const leg = forwardLegId(call.id, attempts);
  const deadlineMs = after(turn.now.monotonicMs, forwardRingMs);
  const phase: CallPhase = { kind: "forwarding", leg, number, bridge: null, deadlineMs, because, otherwise };
  announce(turn, turn.putCall({ ...call, attempts, phase }), "forwarding");
  turn.order({
    type: "ring_outside",
    call: call.id,
    leg,
    number,
    ringTimeoutMs: forwardRingMs,
    showNumber: call.number,
  });
  turn.tell(call.id, { what: "forwarding", number });
}

/** The call that is being sent on, or was, over this leg; null when there is none (any more). */
export function callByForwardLeg(turn: Turn, leg: LegId): Call | null {
  const id = parseLegId(leg);
  const call = id && id.agent === null ? turn.state.calls.get(id.call) : null;
  const phase = call?.phase;
  return phase && (phase.kind === "forwarding" || phase.kind === "forwarded") && phase.leg === leg
    ? call
    : null;
}

/** Somebody outside has picked up. */
export function forwardAnswered(turn: Turn, call: Call): boolean {
  const { phase } = call;
  if (phase.kind !== "forwarding" || phase.bridge !== null) return false;
  const bridge = bridgeId(call.id, call.attempts + 1);
  const deadlineMs = after(turn.now.monotonicMs, connectTimeoutMs);
  turn.putCall({ ...call, attempts: call.attempts + 1, phase: { ...phase, bridge, deadlineMs } });
  turn.order({ type: "connect", call: call.id, leg: phase.leg, bridge });
  return true;
}

export function forwardConnected(turn: Turn, call: Call): void {
  const phase = forwardingPhase(call);
  if (phase.bridge === null) throw new Error(`Call ${call.id} is connected without a bridge`);
  const { leg, number, bridge } = phase;
  turn.putCall({
    ...call,
    phase: { kind: "forwarded", leg, number, bridge, since: turn.now },
    hears: { kind: "agent" },
  });
  const waitMs = between(call.arrivedAt.monotonicMs, turn.now.monotonicMs);
  turn.tell(call.id, { what: "forwarded", number, waitMs });
}

/** The leg outside is gone. */
export function forwardLegEnded(turn: Turn, call: Call, why: string): void {
  if (call.phase.kind === "forwarded") otherSideLeft(turn, call);
  else forwardFailed(turn, call, why);
}

/** Nobody outside picked up in time, or the two were never brought together. */
export function forwardIsLate(turn: Turn, call: Call): void {
  const { leg, bridge } = forwardingPhase(call);
  turn.order({ type: "release_leg", leg, reason: bridge === null ? "no_answer" : "cancelled" });
  forwardFailed(turn, call, bridge === null ? "no answer" : "it took too long to connect");
}

/** The next step is tried; without one the caller waits on, is admitted, or is let go. */
export function forwardFailed(turn: Turn, call: Call, why: string): void {
  const { bridge, because, otherwise } = forwardingPhase(call);
  turn.tell(call.id, { what: "forward_failed", why });
  if (bridge !== null) turn.order({ type: "close_bridge", call: call.id, bridge });
  const hotline = hotlineOf(turn, call);
  // Settings and agents may have changed meanwhile. Who is yet to be admitted has nothing due.
  const due = otherwise === null ? dueAfterChange(turn, call, hotline) : call.due;
  const back = turn.putCall({ ...call, phase: { kind: "waiting" }, due });
  // Connecting has ended the music.
  const hearing = bridge !== null && back.hears.kind === "music" ? playMusic(turn, back) : back;
  overflow(turn, hearing, hotline, because, otherwise);
}

function forwardingPhase(call: Call): Extract<CallPhase, { kind: "forwarding" }> {
  if (call.phase.kind !== "forwarding")
    throw new Error(`Call ${call.id} is ${call.phase.kind}, not being forwarded`);
  return call.phase;
}
