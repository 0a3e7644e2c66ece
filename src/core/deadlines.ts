import type { Agent } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { DeadlineOf } from "./events.ts";
import type { AgentId, CallId, HotlineId } from "./ids.ts";
import { unstaffedGraceMs } from "./limits.ts";
import type { Staffing, State } from "./state.ts";
import { after, type MonotonicMs } from "./time.ts";
import { unreachable } from "./unreachable.ts";

/** When something must happen to this call by itself; null = never. */
export function callDeadline(call: Call): MonotonicMs | null {
  switch (call.phase.kind) {
    case "waiting":
      return call.giveUpAtMs;
    case "offering":
      // A caller for whom somebody rings is not sent away; the offers have deadlines of their own.
      return null;
    case "connected":
      return null;
    case "ended":
      return call.phase.deadlineMs;
    default:
      return unreachable(call.phase);
  }
}

/** When something must happen to this agent by itself; null = never. */
export function agentDeadline(agent: Agent): MonotonicMs | null {
  const { work, rest } = agent;
  switch (work.kind) {
    case "offered":
    case "releasing":
      return work.deadlineMs;
    case "wrap_up":
      return work.confirmByMs ?? work.untilMs;
    case "talking":
      return null;
    case "idle":
      return rest.kind === "resting" ? rest.untilMs : null;
    default:
      return unreachable(work);
  }
}

/** Waiting callers are told after a grace that nobody is there. */
export const staffingDeadline = (staffing: Staffing): MonotonicMs =>
  after(staffing.unstaffedSince, unstaffedGraceMs);

/** The soonest deadline, for the loop to wake at: send `deadline_passed` then. Null: nothing is due, ever. */
export function nextDeadline(state: State): { readonly atMs: MonotonicMs; readonly of: DeadlineOf } | null {
  const first = state.deadlines.first();
  return first && { atMs: first.key as MonotonicMs, of: parseDeadlineKey(first.id) };
}

export const deadlineKey = (of: DeadlineOf): string => `${of.kind}:${of.id}`;

function parseDeadlineKey(key: string): DeadlineOf {
  const id = key.slice(key.indexOf(":") + 1);
  if (key.startsWith("call:")) return { kind: "call", id: id as CallId };
  if (key.startsWith("agent:")) return { kind: "agent", id: id as AgentId };
  return { kind: "hotline", id: id as HotlineId };
}
