import { type Call, type CallPhase, type EndedBy, type Result, turnedAway } from "../calls.ts";
import type { CallId } from "../ids.ts";
import { offersLost, releaseOffers } from "../offers/offers.ts";
import { startWrapUp } from "../offers/work.ts";
import { keepPlace } from "../places.ts";
import { between, type Now } from "../time.ts";
import { done, ignored, type Turn, type Verdict } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { hangUp, resultNow, tellEnd } from "./farewell.ts";

/** The caller's channel is gone. Whatever was going on for this call is over. */
export function callerLeft(turn: Turn, id: CallId): Verdict {
  const call = turn.state.calls.get(id);
  if (!call) return ignored("call_already_gone");
  switch (call.phase.kind) {
    case "listening":
    case "waiting":
    case "offering":
    case "forwarding":
    case "away":
      stopRinging(turn, call);
      abandon(turn, call);
      break;
    case "connected":
      tellEnd(turn, call, conversation(turn, call, call.phase, "caller"));
      turn.order({ type: "release_leg", leg: legOfTalk(turn, call.phase), reason: "call_over" });
      startWrapUp(turn, turn.agent(call.phase.agent), "leg_pending");
      turn.order({ type: "close_bridge", call: id, bridge: call.phase.bridge });
      break;
    case "forwarded":
      tellEnd(turn, call, conversation(turn, call, call.phase, "caller"));
      turn.order({ type: "release_leg", leg: call.phase.leg, reason: "call_over" });
      turn.order({ type: "close_bridge", call: id, bridge: call.phase.bridge });
      break;
    case "ended":
      break;
    default:
      unreachable(call.phase);
  }
  turn.tell(id, { what: "gone" });
  turn.state.calls.delete(id);
  return done;
}

/**
 * Asterisk has died, and the call with it: nobody hung up. Who waited was let down by us, who talked has talked. `at`: when
 * Asterisk was last heard of. What was in it is gone, so nothing is ordered.
 */
export function callLost(turn: Turn, call: Call, at: Now): void {
  const { phase } = call;
  if (phase.kind === "connected" || phase.kind === "forwarded") {
    tellEnd(turn, call, { ...conversation(turn, call, phase, "pbx_lost"), at });
    if (phase.kind === "connected") startWrapUp(turn, turn.agent(phase.agent), "leg_gone", at.monotonicMs);
  } else if (phase.kind !== "ended") {
    if (phase.kind === "offering") offersLost(turn, call);
    tellEnd(turn, call, { ...resultNow(turn, "failed", "pbx_lost"), at });
    keepPlace(turn, call);
  }
  turn.tell(call.id, { what: "gone" });
  turn.state.calls.delete(call.id);
}

/** The other side of a conversation has hung up: so must the caller's. */
export function otherSideLeft(turn: Turn, call: Call): void {
  if (call.phase.kind !== "connected" && call.phase.kind !== "forwarded")
    throw new Error(`Call ${call.id} is ${call.phase.kind}, in no conversation`);
  const result = conversation(turn, call, call.phase, "agent");
  tellEnd(turn, call, result);
  turn.order({ type: "close_bridge", call: call.id, bridge: call.phase.bridge });
  hangUp(turn, call, result);
}

/** Nobody is rung for this caller any more, neither an agent nor somebody outside. */
export function stopRinging(turn: Turn, call: Call): void {
  const { phase } = call;
  if (phase.kind === "offering") releaseOffers(turn, call, "cancelled");
  if (phase.kind !== "forwarding") return;
  turn.order({ type: "release_leg", leg: phase.leg, reason: "cancelled" });
  if (phase.bridge !== null) turn.order({ type: "close_bridge", call: call.id, bridge: phase.bridge });
}

/** Has hung up, and had reached nobody. */
export function abandon(turn: Turn, call: Call): void {
  const how = call.phase.kind === "forwarding" ? turnedAway(call.phase.otherwise) : null;
  if (how) {
    // Had not been admitted: forwarded from a closed hotline, say. It counts as that.
    tellEnd(turn, call, resultNow(turn, how.outcome, "caller"));
    return;
  }
  const hotline = call.origin && turn.state.hotlines.get(call.origin);
  const waited = between(call.arrivedAt.monotonicMs, turn.now.monotonicMs);
  const short = hotline && waited < hotline.shortAbandonMs;
  tellEnd(turn, call, resultNow(turn, short ? "abandoned_short" : "abandoned", "caller"));
  keepPlace(turn, call);
}

type Talking = Extract<CallPhase, { kind: "connected" | "forwarded" }>;

function conversation(turn: Turn, call: Call, phase: Talking, endedBy: EndedBy): Result {
  const { since } = phase;
  if (phase.kind === "forwarded") {
    const outside = { kind: "outside", number: phase.number } as const;
    return resultNow(turn, "forwarded", endedBy, null, { since, with: outside });
  }
  if (call.hotline === null) throw new Error(`Call ${call.id} is connected at no hotline`);
  const agent = { kind: "agent", agent: phase.agent, hotline: call.hotline } as const;
  return resultNow(turn, "answered", endedBy, null, { since, with: agent });
}

function legOfTalk(turn: Turn, phase: Extract<CallPhase, { kind: "connected" }>) {
  const { work } = turn.agent(phase.agent);
  if (work.kind !== "talking")
    throw new Error(`Agent ${phase.agent} is connected to a caller and does not talk`);
  return work.leg;
}
