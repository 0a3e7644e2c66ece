import { type Agent, callOf, legOf } from "./agents.ts";
import { arrivalOf } from "./callers/arrival.ts";
import type { Call, Talk } from "./calls.ts";
import type { LoopEvent, PbxEvent, SetAside } from "./events.ts";
import type { BridgeId, CallId } from "./ids.ts";
import { confirmTimeoutMs } from "./limits.ts";
import { after, between, type Now } from "./time.ts";
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

/**
 * At a start: the record of a call is not trusted. It ends here, and whatever lives in Asterisk is judged by the snapshot alone: who
 * talks is found talking, and the call's record goes on then.
 */
export function callSetAside(turn: Turn, { call: id, row, record, caller, why }: SetAside): Verdict {
  for (const agent of [...turn.state.agents.values()]) if (callOf(agent) === id) forgetLeg(turn, agent);
  // Of a call that never came to be written the snapshot will say when it came, and that it did.
  if (record !== "none") turn.tell(id, { what: "fault", why });
  if (record === "open") tellSetAside(turn, id, row);
  turn.state.calls.delete(id);
  if (caller === "to_fallback") toFallbackLater(turn, { call: id, record, why });
  return done;
}

/** Orders nothing: the phone may be in a conversation. The snapshot finds the leg, if it lives, and releases what nobody knows. */
function forgetLeg(turn: Turn, agent: Agent): void {
  const leg = legOf(agent);
  // Who goes home after this call does so when its leg has ended.
  if (agent.duty.kind !== "leaving" || leg === null) turn.putAgent({ ...agent, work: { kind: "idle" } });
  else
    turn.putAgent({
      ...agent,
      work: { kind: "releasing", leg, deadlineMs: after(turn.now.monotonicMs, confirmTimeoutMs) },
    });
}

function toFallbackLater(turn: Turn, call: Pick<SetAside, "call" | "record" | "why">): void {
  const { loose } = turn.state;
  turn.state.loose = { ...loose, setAside: [...loose.setAside, call] };
}

/**
 * The snapshot is here: who was set aside goes to the fallback, and is not taken in. Who talks meanwhile is not disturbed. Returns the
 * other callers.
 */
export function withoutSetAside(
  turn: Turn,
  { callers, talks }: Extract<PbxEvent, { type: "pbx_snapshot" }>,
): Extract<PbxEvent, { type: "pbx_snapshot" }>["callers"] {
  const { loose } = turn.state;
  turn.state.loose = { ...loose, setAside: [] };
  return callers.filter(({ call, number, from, arrivedMs }) => {
    const found = loose.setAside.find((each) => each.call === call);
    if (!found || talks.some((talk) => talk.call === call && talk.leg !== null)) return true;
    if (found.record === "none") {
      const hotline = turn.state.numbers.get(number)?.hotline ?? null;
      const at = arrivalOf(turn.now, arrivedMs);
      turn.tell(call, { what: "arrived", number, from, hotline }, at);
      turn.tell(call, { what: "fault", why: found.why });
      tellFailed(turn, call, at);
    }
    turn.order({ type: "to_fallback", call });
    return false;
  });
}

/** Who talked has talked; everybody else was let down by us. */
function tellSetAside(turn: Turn, id: CallId, row: Call | null): void {
  if (row?.phase.kind !== "connected" || row.hotline === null) {
    tellFailed(turn, id, row?.arrivedAt ?? turn.now);
    return;
  }
  const { since, agent } = row.phase;
  const talk: Talk = { since, with: { kind: "agent", agent, hotline: row.hotline } };
  turn.tell(id, {
    what: "ended",
    result: { outcome: "answered", endedBy: "hotline", at: turn.now, reason: null, talk },
    waitMs: between(row.arrivedAt.monotonicMs, since.monotonicMs),
  });
}

function tellFailed(turn: Turn, id: CallId, arrivedAt: Now): void {
  turn.tell(id, {
    what: "ended",
    result: { outcome: "failed", endedBy: "hotline", at: turn.now, reason: null, talk: null },
    waitMs: between(arrivedAt.monotonicMs, turn.now.monotonicMs),
  });
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
  // Found in what Asterisk told: it is told that once more, and the caller is in it still.
  if (turn.state.loose.pbx === "lost") toFallbackLater(turn, { call: id, record: "decided", why });
  turn.tell(id, { what: "fault", why });
  if (call?.phase.kind === "forwarding" || call?.phase.kind === "forwarded")
    turn.order({ type: "release_leg", leg: call.phase.leg, reason: "cancelled" });
  if (!call) return;
  if (call.phase.kind !== "ended") tellFailed(turn, id, call.arrivedAt);
  turn.state.calls.delete(id);
}

function bridgeOf({ phase }: Call): BridgeId | null {
  if (phase.kind === "connected" || phase.kind === "forwarded" || phase.kind === "forwarding")
    return phase.bridge;
  return phase.kind === "offering" && phase.claim.kind === "connecting" ? phase.claim.bridge : null;
}
