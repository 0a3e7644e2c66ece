import type { Agent, Work } from "../agents.ts";
import { playMusic } from "../callers/hearing.ts";
import { otherSideLeft } from "../callers/leaving.ts";
import type { Call, Claim } from "../calls.ts";
import type { ReleaseReason } from "../effects.ts";
import type { PbxEvent } from "../events.ts";
import { type AgentId, bridgeId, type LegId, legId } from "../ids.ts";
import { confirmTimeoutMs, connectTimeoutMs, provisionalAnswerMs, putOffMs } from "../limits.ts";
import {
  callByForwardLeg,
  forwardAnswered,
  forwardConnected,
  forwardFailed,
  forwardLegEnded,
} from "../overflow/forward.ts";
import { after, between } from "../time.ts";
import { done, ignored, type Turn, type Verdict } from "../turn.ts";
import { countMiss, restAfter } from "./consequences.ts";
import { type OfferResult, resultOf } from "./result.ts";
import { legOver, startWrapUp } from "./work.ts";

/*
 * One offer: one agent's phone is rung for one call.
 *
 * requested -> ringing -> answered -> (claim) connecting -> connected
 * It ends at any point: the phone says no, rings out, the caller leaves, somebody else was first.
 */

type Offered = Extract<Work, { kind: "offered" }>;

/** Rings an agent for a caller, alone or beside others who ring already. */
export function offer(turn: Turn, call: Call, agent: Agent): void {
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  if (!hotline) throw new Error(`Call ${call.id} is offered for no hotline`);
  const attempt = call.attempts + 1;
  const leg = legId(call.id, agent.id, attempt);
  const { monotonicMs } = turn.now;
  turn.putAgent({
    ...agent,
    work: {
      kind: "offered",
      call: call.id,
      hotline: hotline.id,
      leg,
      progress: { kind: "requested", ringUntilMs: after(monotonicMs, hotline.ringTimeoutMs) },
      deadlineMs: after(monotonicMs, provisionalAnswerMs),
    },
  });
  const already =
    call.phase.kind === "offering" ? call.phase : { agents: [], claim: { kind: "none" } as Claim };
  turn.putCall({
    ...call,
    attempts: attempt,
    tried: [...call.tried, agent.id],
    phase: { kind: "offering", agents: [...already.agents, agent.id], claim: already.claim },
  });
  turn.order({
    type: "ring_agent",
    call: call.id,
    agent: agent.id,
    leg,
    ringTimeoutMs: hotline.ringTimeoutMs,
    show: { name: hotline.name, number: call.from },
  });
  turn.tell(call.id, { what: "offered", agent: agent.id });
}

export function legRinging(turn: Turn, event: Extract<PbxEvent, { type: "leg_ringing" }>): Verdict {
  const agent = turn.state.agentByLeg(event.leg);
  if (agent?.work.kind !== "offered" || agent.work.progress.kind !== "requested")
    return ignored("offer_already_over");
  const { ringUntilMs } = agent.work.progress;
  turn.putAgent({
    ...agent,
    work: { ...agent.work, progress: { kind: "ringing" }, deadlineMs: ringUntilMs },
  });
  turn.tell(agent.work.call, { what: "ringing", agent: agent.id });
  return done;
}

/** Picked up. The first claims the caller; who comes later is told that somebody else was faster. */
export function legAnswered(turn: Turn, event: Extract<PbxEvent, { type: "leg_answered" }>): Verdict {
  const forwarded = callByForwardLeg(turn, event.leg);
  if (forwarded) return forwardAnswered(turn, forwarded) ? done : ignored("already_so");
  const agent = turn.state.agentByLeg(event.leg);
  if (agent?.work.kind !== "offered") return ignored("offer_already_over");
  const { work } = agent;
  if (work.progress.kind === "answered") return ignored("already_so");
  const call = turn.call(work.call);
  const phase = offeringPhase(call);
  turn.tell(call.id, { what: "picked_up", agent: agent.id });
  if (phase.claim.kind !== "none") {
    release(turn, agent, work, "answered_elsewhere", "answered_elsewhere");
    withoutOffer(turn, call.id, agent.id);
    return done;
  }
  const bridge = bridgeId(call.id, call.attempts + 1);
  const deadlineMs = after(turn.now.monotonicMs, connectTimeoutMs);
  turn.putAgent({ ...agent, work: { ...work, progress: { kind: "answered" }, deadlineMs } });
  turn.putCall({
    ...call,
    attempts: call.attempts + 1,
    phase: { ...phase, claim: { kind: "connecting", agent: agent.id, bridge } },
  });
  turn.order({ type: "connect", call: call.id, leg: work.leg, bridge });
  return done;
}

/** Both are in the bridge: now, and not before, the other phones stop. */
export function connected(turn: Turn, event: Extract<PbxEvent, { type: "connected" }>): Verdict {
  const call = turn.state.calls.get(event.call);
  if (!call) return ignored("call_already_gone");
  if (call.phase.kind === "forwarding" && call.phase.bridge === event.bridge) {
    forwardConnected(turn, call);
    return done;
  }
  if (call.phase.kind !== "offering" || call.phase.claim.kind !== "connecting")
    return ignored("offer_already_over");
  const { claim, agents } = call.phase;
  if (claim.bridge !== event.bridge) return ignored("offer_already_over");
  const winner = turn.agent(claim.agent);
  if (winner.work.kind !== "offered") throw new Error(`Agent ${winner.id} is connected without an offer`);
  const { hotline, leg } = winner.work;
  turn.putAgent({
    ...winner,
    misses: 0,
    rest: { kind: "none" },
    today: { ...winner.today, calls: winner.today.calls + 1 },
    work: { kind: "talking", call: call.id, hotline, leg, since: turn.now.monotonicMs },
  });
  const phase = { kind: "connected", agent: winner.id, bridge: claim.bridge, since: turn.now } as const;
  turn.putCall({ ...call, phase, hears: { kind: "agent" }, due: { ...call.due, ringNextMs: null } });
  const waitMs = between(call.arrivedAt.monotonicMs, turn.now.monotonicMs);
  turn.tell(call.id, { what: "connected", agent: winner.id, waitMs });
  for (const id of agents) {
    const other = turn.agent(id);
    if (id !== winner.id && other.work.kind === "offered")
      release(turn, other, other.work, "answered_elsewhere", "answered_elsewhere");
  }
  return done;
}

/** The winner could not be put together with the caller. The others ring on. */
export function connectFailed(turn: Turn, event: Extract<PbxEvent, { type: "connect_failed" }>): Verdict {
  const call = turn.state.calls.get(event.call);
  if (!call) return ignored("call_already_gone");
  if (call.phase.kind === "forwarding" && call.phase.bridge === event.bridge) {
    turn.order({ type: "release_leg", leg: call.phase.leg, reason: "cancelled" });
    forwardFailed(turn, call, event.why);
    return done;
  }
  if (call.phase.kind !== "offering" || call.phase.claim.kind !== "connecting")
    return ignored("offer_already_over");
  if (call.phase.claim.bridge !== event.bridge) return ignored("offer_already_over");
  const agent = turn.agent(call.phase.claim.agent);
  turn.tell(call.id, { what: "not_connected", agent: agent.id, why: event.why });
  if (agent.work.kind === "offered") release(turn, agent, agent.work, "cancelled", "failed");
  withoutOffer(turn, call.id, agent.id);
  return done;
}

/** The agent's channel is gone: the phone said no, the agent hung up, or it is what we ordered. */
export function legEnded(turn: Turn, event: Extract<PbxEvent, { type: "leg_ended" }>): Verdict {
  const forwarded = callByForwardLeg(turn, event.leg);
  if (forwarded) {
    forwardLegEnded(turn, forwarded, resultOf(event.cause, event.sipCode));
    return done;
  }
  const agent = turn.state.agentByLeg(event.leg);
  if (!agent) return ignored("leg_already_gone");
  const { work } = agent;
  if (work.kind === "offered") {
    // Who picked up and hung up again before the caller was there has not refused anything.
    const said = resultOf(event.cause, event.sipCode);
    const result = work.progress.kind === "answered" ? "failed" : said;
    // Asterisk's own patience has ended meanwhile, too. A no is a no.
    if (isDisturbed(turn, work.leg) && said !== "busy" && said !== "declined") {
      turn.tell(work.call, { what: "offer_ended", agent: agent.id, result: "cancelled" });
      legOver(turn, agent);
      withoutOffer(turn, work.call, agent.id);
    } else phoneEndedOffer(turn, agent, work, result);
  } else if (work.kind === "talking") {
    const call = turn.call(work.call);
    startWrapUp(turn, agent, "leg_gone");
    otherSideLeft(turn, call);
  } else {
    legOver(turn, agent);
  }
  return done;
}

function phoneEndedOffer(turn: Turn, agent: Agent, work: Offered, result: OfferResult): void {
  const rested = { ...agent, rest: restAfter(agent, result, turn.now.monotonicMs) };
  turn.tell(work.call, { what: "offer_ended", agent: agent.id, result });
  legOver(turn, { ...rested, idleSince: turn.now.monotonicMs });
  withoutOffer(turn, work.call, agent.id);
}

/** A deadline of an agent who is offered a call: the phone rang out, never rang, or was never connected. */
export function offerIsLate(turn: Turn, agent: Agent, work: Offered): void {
  const { progress, call } = work;
  if (isDisturbed(turn, work.leg)) {
    release(turn, agent, work, "cancelled", "cancelled");
  } else if (progress.kind === "answered") {
    turn.tell(call, { what: "not_connected", agent: agent.id, why: "it took too long" });
    release(turn, agent, work, "cancelled", "failed");
  } else if (progress.kind === "requested") {
    const rest = restAfter(agent, "unreachable", turn.now.monotonicMs);
    release(turn, { ...agent, rest, idleSince: turn.now.monotonicMs }, work, "cancelled", "unreachable");
  } else {
    const missed = countMiss(turn, agent, work.hotline);
    release(turn, { ...missed, idleSince: turn.now.monotonicMs }, work, "no_answer", "no_answer");
  }
  withoutOffer(turn, call, agent.id);
}

/** Time went on without us. Nobody can say what a phone did meanwhile: whoever rings now is not charged, and rung again. */
export function offersDisturbed(turn: Turn): Verdict {
  const legs = [...turn.state.agents.values()].flatMap(({ work }) =>
    work.kind === "offered" ? [work.leg] : [],
  );
  turn.state.loose = { ...turn.state.loose, disturbed: legs };
  return done;
}

const isDisturbed = (turn: Turn, leg: LegId): boolean => turn.state.loose.disturbed.includes(leg);

/** Nothing can be said of the phone now: look again soon. */
export function putOff(turn: Turn, agent: Agent, work: Offered): void {
  turn.putAgent({ ...agent, work: { ...work, deadlineMs: after(turn.now.monotonicMs, putOffMs) } });
}

/** Ends all offers of a call that is over or goes elsewhere. The clocks of the agents do not move. */
export function releaseOffers(turn: Turn, call: Call, reason: ReleaseReason): void {
  const { agents, claim } = offeringPhase(call);
  for (const id of agents) {
    const agent = turn.agent(id);
    if (agent.work.kind === "offered" && agent.work.call === call.id)
      release(turn, agent, agent.work, reason, "cancelled");
  }
  if (claim.kind === "connecting") turn.order({ type: "close_bridge", call: call.id, bridge: claim.bridge });
}

/** All offers of a call went down with Asterisk. Nobody is to blame, no clock moves. */
export function offersLost(turn: Turn, call: Call): void {
  for (const id of offeringPhase(call).agents) {
    turn.tell(call.id, { what: "offer_ended", agent: id, result: "cancelled" });
    legOver(turn, turn.agent(id));
  }
}

/** Orders the hang-up. The agent stays reserved until the end of the leg is confirmed. */
function release(turn: Turn, agent: Agent, work: Offered, reason: ReleaseReason, result: OfferResult): void {
  turn.order({ type: "release_leg", leg: work.leg, reason });
  turn.tell(work.call, { what: "offer_ended", agent: agent.id, result });
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putAgent({ ...agent, work: { kind: "releasing", leg: work.leg, deadlineMs } });
}

/** Takes an agent out of a call's offers; a call that nobody rings for any more waits again, in its old place. */
function withoutOffer(turn: Turn, id: Call["id"], agent: AgentId): void {
  const call = turn.call(id);
  const { agents, claim } = offeringPhase(call);
  const lostWinner = claim.kind === "connecting" && claim.agent === agent;
  if (lostWinner) turn.order({ type: "close_bridge", call: id, bridge: claim.bridge });
  const left = agents.filter((other) => other !== agent);
  const claimNow: Claim = lostWinner ? { kind: "none" } : claim;
  const next: Call = left.length
    ? { ...call, phase: { kind: "offering", agents: left, claim: claimNow } }
    : { ...call, phase: { kind: "waiting" }, due: { ...call.due, ringNextMs: null } };
  turn.putCall(next);
  // Connecting has ended the music.
  if (lostWinner && call.hears.kind === "music") playMusic(turn, next);
}

function offeringPhase(call: Call): Extract<Call["phase"], { kind: "offering" }> {
  if (call.phase.kind !== "offering") throw new Error(`Call ${call.id} is ${call.phase.kind}, not offering`);
  return call.phase;
}
