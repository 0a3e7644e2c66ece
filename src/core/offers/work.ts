import { type Agent, isFree } from "../agents.ts";
import { newDesk } from "../desks.ts";
import type { HotlineId } from "../ids.ts";
import { confirmTimeoutMs, handlingKept } from "../limits.ts";
import { after, between, type DurationMs, type MonotonicMs } from "../time.ts";
import type { Turn } from "../turn.ts";

/**
 * The conversation is over, or was so `at` some time ago: wrap-up began then, also when the leg's end is not confirmed yet.
 */
export function startWrapUp(
  turn: Turn,
  agent: Agent,
  legNow: "leg_gone" | "leg_pending",
  at: MonotonicMs = turn.now.monotonicMs,
): void {
  if (agent.work.kind !== "talking") throw new Error(`Agent ${agent.id} is ${agent.work.kind}, not talking`);
  const { hotline, leg, since } = agent.work;
  const { monotonicMs } = turn.now;
  const talkMs = between(since, at);
  // Who goes home after this call has nothing to wrap up for.
  const setMs = turn.state.hotlines.get(hotline)?.wrapUpMs;
  const lengthMs =
    agent.duty.kind === "leaving" || setMs === undefined ? (0 as typeof confirmTimeoutMs) : setMs;
  if (lengthMs > 0) turn.tellOfAgent(agent.id, { what: "wrap_up", lengthMs });
  noteHandling(turn, hotline, (talkMs + lengthMs) as DurationMs);
  const pending = legNow === "leg_pending";
  const wrappingUp = turn.putAgent({
    ...agent,
    today: { ...agent.today, talkMs: (agent.today.talkMs + talkMs) as DurationMs },
    work: {
      kind: "wrap_up",
      untilMs: after(at, lengthMs),
      leg: pending ? leg : null,
      confirmByMs: pending ? after(monotonicMs, confirmTimeoutMs) : null,
    },
  });
  endWrapUpIfOver(turn, wrappingUp);
}

/** For the expected wait of those who wait. */
function noteHandling(turn: Turn, hotline: HotlineId, lengthMs: DurationMs): void {
  if (!turn.state.hotlines.get(hotline)) return;
  const desk = turn.state.desks.get(hotline) ?? newDesk(hotline);
  const handlingMs = [...desk.handlingMs, lengthMs].slice(-handlingKept);
  turn.state.desks.put(hotline, { ...desk, handlingMs });
}

/** The end of a leg that was being hung up is confirmed. */
export function legOver(turn: Turn, agent: Agent): void {
  if (agent.work.kind === "wrap_up") {
    endWrapUpIfOver(turn, turn.putAgent({ ...agent, work: { ...agent.work, leg: null, confirmByMs: null } }));
  } else {
    becomeIdle(turn, agent);
  }
}

/** A deadline of an agent in wrap-up: it is over, or the leg's end is overdue. */
export function wrapUpDeadline(turn: Turn, agent: Agent): void {
  if (agent.work.kind !== "wrap_up")
    throw new Error(`Agent ${agent.id} is ${agent.work.kind}, not in wrap-up`);
  if (agent.work.leg === null) {
    endWrapUpIfOver(turn, agent);
    return;
  }
  turn.order({ type: "verify_leg", leg: agent.work.leg });
  const confirmByMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putAgent({ ...agent, work: { ...agent.work, confirmByMs } });
}

/** The end of a released leg is overdue: ask Asterisk, and go on asking. */
export function releaseIsLate(turn: Turn, agent: Agent): void {
  if (agent.work.kind !== "releasing")
    throw new Error(`Agent ${agent.id} is ${agent.work.kind}, not releasing`);
  turn.order({ type: "verify_leg", leg: agent.work.leg });
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  turn.putAgent({ ...agent, work: { ...agent.work, deadlineMs } });
}

/** The agent is done sooner. */
export function endWrapUp(turn: Turn, agent: Agent): void {
  if (agent.work.kind !== "wrap_up")
    throw new Error(`Agent ${agent.id} is ${agent.work.kind}, not in wrap-up`);
  const over = turn.putAgent({ ...agent, work: { ...agent.work, untilMs: turn.now.monotonicMs } });
  endWrapUpIfOver(turn, over);
}

/** The agent needs longer: from now on, or from when wrap-up would have ended. */
export function extendWrapUp(turn: Turn, agent: Agent, byMs: DurationMs): void {
  if (agent.work.kind !== "wrap_up")
    throw new Error(`Agent ${agent.id} is ${agent.work.kind}, not in wrap-up`);
  turn.putAgent({ ...agent, work: { ...agent.work, untilMs: after(agent.work.untilMs, byMs) } });
  turn.tellOfAgent(agent.id, { what: "wrap_up_extended", byMs });
}

function endWrapUpIfOver(turn: Turn, agent: Agent): void {
  const { work } = agent;
  if (work.kind !== "wrap_up" || work.leg !== null || work.untilMs > turn.now.monotonicMs) return;
  becomeIdle(turn, { ...agent, idleSince: turn.now.monotonicMs });
}

/** Free again, or gone, if that was asked for during the call. */
function becomeIdle(turn: Turn, agent: Agent): void {
  if (agent.duty.kind === "leaving" && agent.duty.next === "removed") {
    turn.state.agents.delete(agent.id);
    return;
  }
  const leaving = agent.duty.kind === "leaving";
  const idle = turn.putAgent({
    ...agent,
    work: { kind: "idle" },
    duty: leaving ? { kind: "logged_out" } : agent.duty,
  });
  if (leaving) turn.tellOfAgent(agent.id, { what: "logged_out" });
  if (isFree(idle)) turn.tellOfAgent(agent.id, { what: "ready" });
}
