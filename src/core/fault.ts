import { callOf, legOf } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { LoopEvent } from "./events.ts";
import type { BridgeId, CallId } from "./ids.ts";
import { confirmTimeoutMs } from "./limits.ts";
import { after, between } from "./time.ts";
import { done, type Turn, type Verdict } from "./turn.ts";

/**
 * A step threw: a bug of ours. The call it was about is handed to the fallback dialplan and forgotten, an agent it was
 * about is paused where people see it. Everybody else's calls go on. Relies on as little as possible.
 */
export function faultFound(turn: Turn, event: Extract<LoopEvent, { type: "fault_found" }>): Verdict {
  if (event.in.kind === "call") {
    setCallAside(turn, event.in.id, event.why);
    return done;
  }
  const agent = turn.state.agents.get(event.in.id);
  if (!agent) return done;
  const call = callOf(agent);
  if (call) setCallAside(turn, call, event.why);
  const now = turn.agent(agent.id);
  // A logout or removal asked for during the call still comes.
  if (now.duty.kind === "on" || now.duty.kind === "paused")
    turn.putAgent({ ...now, duty: { kind: "paused", reason: "fault in the hotline, see the log" } });
  turn.tellOfAgent(agent.id, { what: "fault", why: event.why });
  return done;
}

function setCallAside(turn: Turn, id: CallId, why: string): void {
  for (const agent of [...turn.state.agents.values()]) {
    if (callOf(agent) !== id) continue;
    const leg = legOf(agent);
    if (!leg) continue;
    turn.order({ type: "release_leg", leg, reason: "cancelled" });
    const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
    turn.putAgent({ ...agent, work: { kind: "releasing", leg, deadlineMs } });
  }
  const call = turn.state.calls.get(id);
  const bridge = call && bridgeOf(call);
  if (bridge) turn.order({ type: "close_bridge", call: id, bridge });
  turn.order({ type: "to_fallback", call: id });
  turn.tell(id, { what: "fault", why });
  if (call?.phase.kind === "forwarding" || call?.phase.kind === "forwarded")
    turn.order({ type: "release_leg", leg: call.phase.leg, reason: "cancelled" });
  if (!call) return;
  if (call.phase.kind !== "ended") {
    turn.tell(id, {
      what: "ended",
      result: { outcome: "failed", endedBy: "hotline", at: turn.now, reason: null, talk: null },
      waitMs: between(call.arrivedAt.monotonicMs, turn.now.monotonicMs),
    });
  }
  turn.state.calls.delete(id);
}

function bridgeOf({ phase }: Call): BridgeId | null {
  if (phase.kind === "connected" || phase.kind === "forwarded" || phase.kind === "forwarding")
    return phase.bridge;
  return phase.kind === "offering" && phase.claim.kind === "connecting" ? phase.claim.bridge : null;
}
