import type { AgentId, CallId, HotlineId, LegId } from "./ids.ts";
import type { DurationMs, MonotonicMs, WallMs } from "./time.ts";

/**
 * An agent is three independent unions; what people see is derived from them.
 *
 * duty   logged_out -> on (login) -> paused (pause, auto-pause) -> on (resume) -> logged_out (logout)
 *        leaving: logout or removal asked for during a call; takes effect when the call is over.
 * phone  what the phone's registration says. `unknown` counts as reachable, so that nobody is refused just
 *        after a start.
 * work   idle -> offered (ring_agent) -> talking (connected) -> wrap_up -> idle
 *        offered -> releasing (no answer, cancelled, answered elsewhere) -> idle, once the leg's end is confirmed
 *        offered -> idle (declined, busy, unreachable: the leg has ended by itself)
 */
export type Agent = {
  readonly id: AgentId;
  readonly name: string;
  readonly memberships: readonly Membership[];
  readonly duty: Duty;
  readonly phone: Phone;
  readonly work: Work;
  readonly rest: Rest;
  /** One clock over all hotlines; who has the oldest rings first. */
  readonly idleSince: MonotonicMs;
  /** Unanswered offers in a row. */
  readonly misses: number;
  readonly today: Tally;
};

/** What administrators set of an agent; all else comes and goes by itself. */
export type AgentSettings = Pick<Agent, "id" | "name" | "memberships">;

/** The memberships in the order of the hotlines. Null: there is no such agent, or there is none once the call is over. */
export function agentSettings(agent: Agent | null): AgentSettings | null {
  if (!agent || (agent.duty.kind === "leaving" && agent.duty.next === "removed")) return null;
  const { id, name, memberships } = agent;
  return { id, name, memberships: memberships.toSorted((a, b) => (a.hotline < b.hotline ? -1 : 1)) };
}

/** Serving a hotline, at a tier (1 is best), for callers who need no other skills than these. */
export type Membership = {
  readonly hotline: HotlineId;
  readonly tier: number;
  readonly skills: readonly string[];
};

/**
 * What the strategies `fewest-calls` and `least-talk` compare, counted since local midnight. Not a statistic: who logs
 * in later starts at the lowest present value, so as not to be rung for every call.
 */
export type Tally = { readonly dayStartMs: WallMs; readonly calls: number; readonly talkMs: DurationMs };

export type Duty =
  | { readonly kind: "logged_out" }
  | { readonly kind: "on" }
  | { readonly kind: "paused"; readonly reason: string | null }
  | { readonly kind: "leaving"; readonly next: "logged_out" | "removed" };

export type Phone = "unknown" | "reachable" | "unreachable" | "in_use";

export type Work =
  | { readonly kind: "idle" }
  | {
      readonly kind: "offered";
      readonly call: CallId;
      readonly hotline: HotlineId;
      readonly leg: LegId;
      readonly progress: LegProgress;
      /** When the wait for this progress is over. */
      readonly deadlineMs: MonotonicMs;
    }
  | {
      readonly kind: "talking";
      readonly call: CallId;
      readonly hotline: HotlineId;
      readonly leg: LegId;
      readonly since: MonotonicMs;
    }
  /** The leg is being hung up; the agent is free when its end is confirmed. */
  | { readonly kind: "releasing"; readonly leg: LegId; readonly deadlineMs: MonotonicMs }
  | {
      readonly kind: "wrap_up";
      readonly untilMs: MonotonicMs;
      /** Still being hung up; wrap-up does not end before that is confirmed. */
      readonly leg: LegId | null;
      /** While the leg's end is awaited: when to ask Asterisk about it. */
      readonly confirmByMs: MonotonicMs | null;
    };

/** requested: no answer from the phone yet. ringing: it rings. answered: picked up, not yet with the caller. */
export type LegProgress =
  | { readonly kind: "requested"; readonly ringUntilMs: MonotonicMs }
  | { readonly kind: "ringing" }
  | { readonly kind: "answered" };

/** After a phone said no, a while without offers. */
export type Rest =
  | { readonly kind: "none" }
  | {
      readonly kind: "resting";
      readonly why: "declined" | "busy" | "unreachable" | "failed";
      readonly untilMs: MonotonicMs;
      readonly lengthMs: DurationMs;
    }
  /** The rest is over; kept until the phone says something better, so that the next one is longer. */
  | { readonly kind: "rested"; readonly why: "busy" | "unreachable"; readonly lengthMs: DurationMs };

export type AgentState =
  | "logged_out"
  | "talking"
  | "offered"
  | "offline"
  | "busy"
  | "wrap_up"
  | "paused"
  | "ready";

/** The one state that people see, by a fixed precedence. */
export function agentState(agent: Agent): AgentState {
  if (agent.duty.kind === "logged_out") return "logged_out";
  if (agent.work.kind === "talking") return "talking";
  if (agent.work.kind === "offered" || agent.work.kind === "releasing") return "offered";
  if (agent.phone === "unreachable") return "offline";
  if (agent.phone === "in_use") return "busy";
  if (agent.work.kind === "wrap_up") return "wrap_up";
  if (agent.duty.kind === "paused" || agent.duty.kind === "leaving") return "paused";
  return "ready";
}

/** Why the agent is in that state, where there is something to say. */
export function agentReason(agent: Agent): string | null {
  if (agent.duty.kind === "paused") return agent.duty.reason;
  if (agent.duty.kind === "leaving")
    return agent.duty.next === "removed" ? "removed after this call" : "logs out after this call";
  return agent.rest.kind === "resting" ? `${agent.rest.why}, asked again soon` : null;
}

/** May be offered a call now. */
export function isFree(agent: Agent): boolean {
  return (
    agent.duty.kind === "on" &&
    agent.work.kind === "idle" &&
    agent.rest.kind !== "resting" &&
    (agent.phone === "reachable" || agent.phone === "unknown")
  );
}

/** Logged in with a phone that can be reached, paused or not: somebody is there. */
export function isPresent(agent: Agent): boolean {
  return (agent.duty.kind === "on" || agent.duty.kind === "paused") && agent.phone !== "unreachable";
}

/** Logged in, not paused, with a phone that can be reached: will take calls, now or after the present one. */
export function isStaffed(agent: Agent): boolean {
  return agent.duty.kind === "on" && agent.phone !== "unreachable";
}

export function legOf(agent: Agent): LegId | null {
  return agent.work.kind === "idle" ? null : agent.work.leg;
}

export function callOf(agent: Agent): CallId | null {
  return agent.work.kind === "offered" || agent.work.kind === "talking" ? agent.work.call : null;
}
