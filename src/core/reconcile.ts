import { type Agent, callOf, legOf } from "./agents.ts";
import { backFromFallback, callArrived, callFound } from "./callers/arrival.ts";
import { hotlineOf } from "./callers/due.ts";
import { goOnWithFarewell } from "./callers/farewell.ts";
import { playMusic, welcome } from "./callers/hearing.ts";
import { callerLeft, callLost } from "./callers/leaving.ts";
import { type Call, type CallPhase, isInQueue } from "./calls.ts";
import { phoneChanged } from "./duty.ts";
import type { PbxEvent, Talk } from "./events.ts";
import { withoutSetAside } from "./fault.ts";
import { type AgentId, type BridgeId, type CallId, type LegId, parseLegId } from "./ids.ts";
import { confirmTimeoutMs, connectTimeoutMs } from "./limits.ts";
import { connected, connectFailed, legAnswered, legEnded, legRinging } from "./offers/offers.ts";
import { callByForwardLeg, forwardConnected } from "./overflow/forward.ts";
import { after, between, type MonotonicMs, type Now, type WallMs } from "./time.ts";
import { done, type Turn, type Verdict } from "./turn.ts";
import { asOf, lastKnownOf } from "./unwatched.ts";
import { goesAway, mayBeAway } from "./while-away.ts";

/** Of a caller whose record was lost, legs and playbacks may still live under their old names; we begin above them. */
const namesOfLostRecord = 1_000;

/**
 * The connection to Asterisk stands (again). What is alive there is the truth: what we know and it does not is over,
 * what it has and we do not know is taken in or ended. Only after this is anybody rung. If it is another Asterisk than before,
 * all calls of the former are lost.
 */
export function pbxSnapshot(turn: Turn, told: Extract<PbxEvent, { type: "pbx_snapshot" }>): Verdict {
  const { state } = turn;
  const event = { ...told, callers: withoutSetAside(turn, told) };
  const aliveCallers = new Set(event.callers.map(({ call }) => call));
  const aliveLegs = new Set(event.legs.map(({ leg }) => leg));
  const elsewhere = new Set(event.elsewhere ?? []);
  const lostAt = state.loose.lastHeardAt ?? turn.now;
  state.loose = { ...state.loose, run: event.run };
  for (const { agent, phone } of event.phones) phoneChanged(turn, agent, phone);
  const known = [...state.calls.values()];
  for (const call of known) {
    turn.subject = { kind: "call", id: call.id };
    // A record of before the run was noted has none.
    if ((call.run ?? event.run) !== event.run) callLost(turn, call, lostAt);
    else if (aliveCallers.has(call.id)) continue;
    else if (elsewhere.has(call.id) && mayBeAway(call)) goesAway(turn, call);
    else leftUnseen(turn, call, lostAt);
  }
  for (const talk of event.talks) {
    turn.subject = { kind: "call", id: talk.call };
    const lost = state.calls.get(talk.call) ? null : event.callers.find(({ call }) => call === talk.call);
    if (lost) callFound(turn, { type: "call_arrived", ...lost }, namesOfLostRecord);
    if (talk.leg !== null) takeTalk(turn, talk, talk.leg, aliveLegs);
    else takeTalkThatIsOver(turn, talk, aliveLegs);
  }
  for (const { id } of known) {
    turn.subject = { kind: "call", id };
    const call = state.calls.get(id);
    if (call) goOn(turn, call, aliveLegs, aliveCallers.has(id), lostAt);
  }
  for (const agent of [...state.agents.values()]) {
    const leg = legOf(agent);
    if (leg && !aliveLegs.has(leg)) legEnded(turn, { type: "leg_ended", leg, cause: 0, sipCode: null });
  }
  for (const { leg, state: legState } of event.legs) {
    if (!state.agentByLeg(leg) && !callByForwardLeg(turn, leg)) releaseUnknown(turn, leg);
    else if (legState === "up") legAnswered(turn, { type: "leg_answered", leg });
    else legRinging(turn, { type: "leg_ringing", leg });
  }
  for (const caller of event.callers)
    if (!state.calls.get(caller.call))
      callArrived(turn, { type: "call_arrived", ...caller }, namesOfLostRecord);
  state.loose = { ...state.loose, pbx: "up", lastHeardAt: null };
  return done;
}

/**
 * Is over, and nobody has noted when: at some time since the record was last written, which is all that can be said. Wrap-up begins
 * now: at no time can it have begun later.
 */
function leftUnseen(turn: Turn, call: Call, lastHeardAt: Now): void {
  const known = lastKnownOf(call);
  const endedAt = Math.max(lastHeardAt.monotonicMs, known.monotonicMs) as MonotonicMs;
  const agoMs = between(endedAt, turn.now.monotonicMs);
  const reached = call.phase.kind === "away" ? "people" : "handed_over";
  asOf(turn, call, (turn.now.wallMs - agoMs) as WallMs, () => callerLeft(turn, call.id), reached);
  const agent = call.phase.kind === "connected" ? turn.state.agents.get(call.phase.agent) : null;
  if (agent?.work.kind === "wrap_up")
    turn.putAgent({ ...agent, work: { ...agent.work, untilMs: after(agent.work.untilMs, agoMs) } });
}

/**
 * Caller and agent talk. Where that was not known, the record of how they came together was lost; they go on. What the record has
 * of either is older than that, and over, unless a leg that it names is alive.
 */
function takeTalk(turn: Turn, { call: id, bridge }: Talk, leg: LegId, aliveLegs: ReadonlySet<LegId>): void {
  const call = turn.state.calls.get(id);
  if (call?.phase.kind === "forwarding" && call.phase.leg === leg) {
    forwardConnected(turn, turn.putCall({ ...call, phase: { ...call.phase, bridge } }));
    return;
  }
  const agentId = parseLegId(leg)?.agent;
  if (!agentId || !call || call.hotline === null || !mayHaveBegunToTalk(call, aliveLegs)) return;
  const agent = withoutOldWork(turn, agentId, id, leg, aliveLegs);
  if (!agent) return;
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putAgent({
    ...agent,
    work: {
      kind: "offered",
      call: id,
      hotline: call.hotline,
      leg,
      progress: { kind: "answered" },
      deadlineMs,
    },
  });
  const others =
    call.phase.kind === "offering" ? call.phase.agents.filter((other) => other !== agent.id) : [];
  const claim = { kind: "connecting", agent: agent.id, bridge } as const;
  turn.putCall({
    ...call,
    attempts: Math.max(call.attempts, namesOfLostRecord),
    phase: { kind: "offering", agents: [...others, agent.id], claim },
  });
  connected(turn, { type: "connected", call: id, bridge });
}

/** By the record nobody has been reached yet. A leg outside that is dead was rung in vain. */
const mayHaveBegunToTalk = (call: Call, aliveLegs: ReadonlySet<LegId>): boolean =>
  isInQueue(call) ||
  call.phase.kind === "away" ||
  (call.phase.kind === "forwarding" && !aliveLegs.has(call.phase.leg));

/** The agent who talks over this leg, as if nothing else were on record. Null: there is none, or another leg of theirs is alive. */
function withoutOldWork(
  turn: Turn,
  id: AgentId,
  call: CallId,
  leg: LegId,
  aliveLegs: ReadonlySet<LegId>,
): Agent | null {
  const agent = turn.state.agents.get(id);
  const old = agent && legOf(agent);
  if (!agent || !old || old === leg) return agent;
  if (aliveLegs.has(old)) return null;
  // An earlier offer of the same caller: nothing is to be done for somebody who talks by now.
  if (callOf(agent) === call) turn.tell(call, { what: "offer_ended", agent: id, result: "cancelled" });
  else legEnded(turn, { type: "leg_ended", leg: old, cause: 0, sipCode: null });
  return turn.state.agents.get(id);
}

/** They were put together and the agent has hung up again, all while nobody watched: the end of the leg is noticed below. */
function takeTalkThatIsOver(turn: Turn, { call: id, bridge }: Talk, aliveLegs: ReadonlySet<LegId>): void {
  const call = turn.state.calls.get(id);
  if (call?.phase.kind !== "offering" || call.phase.claim.kind !== "connecting") return;
  if (call.phase.claim.bridge !== bridge) return;
  const leg = legOf(turn.agent(call.phase.claim.agent));
  if (leg !== null && !aliveLegs.has(leg)) connected(turn, { type: "connected", call: id, bridge });
}

/** A caller whom we know is alive. What was being heard or connected when the connection broke is begun anew. */
function goOn(turn: Turn, call: Call, aliveLegs: ReadonlySet<LegId>, isHere: boolean, lostAt: Now): void {
  const { phase } = call;
  if (phase.kind === "away") {
    if (isHere) backFromFallback(turn, call);
    return;
  }
  const bridge = bridgeUnderWay(phase);
  const why = "the connection to Asterisk was lost meanwhile";
  if (phase.kind === "ended") goOnWithFarewell(turn, call, lostAt);
  else if (bridge !== null && !connectAgain(turn, call, aliveLegs))
    connectFailed(turn, { type: "connect_failed", call: call.id, bridge, why });
  else if ("leg" in phase && !aliveLegs.has(phase.leg))
    legEnded(turn, { type: "leg_ended", leg: phase.leg, cause: 0, sipCode: null });
  const now = turn.call(call.id);
  if (now.phase.kind === "listening") welcome(turn, now, hotlineOf(turn, now), "greeting");
  // An announcement whose end we have missed would never turn into music.
  else if (now.hears === call.hears && (isInQueue(now) || now.phase.kind === "forwarding"))
    playMusic(turn, now);
}

/** Who has picked up is still there: the two are put together as if that had happened just now. */
function connectAgain(turn: Turn, call: Call, aliveLegs: ReadonlySet<LegId>): boolean {
  const { phase } = call;
  if (phase.kind !== "offering" || phase.claim.kind !== "connecting") return false;
  const agent = turn.agent(phase.claim.agent);
  if (agent.work.kind !== "offered" || !aliveLegs.has(agent.work.leg)) return false;
  turn.order({ type: "close_bridge", call: call.id, bridge: phase.claim.bridge });
  const deadlineMs = after(turn.now.monotonicMs, connectTimeoutMs);
  turn.putAgent({ ...agent, work: { ...agent.work, progress: { kind: "ringing" }, deadlineMs } });
  turn.putCall({ ...call, phase: { ...phase, claim: { kind: "none" } } });
  return true;
}

function bridgeUnderWay(phase: CallPhase): BridgeId | null {
  if (phase.kind === "offering" && phase.claim.kind === "connecting") return phase.claim.bridge;
  return phase.kind === "forwarding" ? phase.bridge : null;
}

/** The record of this leg was lost. Its agent has it on the phone all the same, and is not rung before it has ended. */
function releaseUnknown(turn: Turn, leg: LegId): void {
  turn.order({ type: "release_leg", leg, reason: "cancelled" });
  const named = parseLegId(leg);
  const call = named && turn.state.calls.get(named.call);
  if (call) turn.putCall({ ...call, attempts: Math.max(call.attempts, namesOfLostRecord) });
  const agent = named?.agent ? turn.state.agents.get(named.agent) : null;
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  if (agent?.work.kind === "idle") turn.putAgent({ ...agent, work: { kind: "releasing", leg, deadlineMs } });
  else if (agent?.work.kind === "wrap_up" && agent.work.leg === null)
    turn.putAgent({ ...agent, work: { ...agent.work, leg, confirmByMs: deadlineMs } });
}
