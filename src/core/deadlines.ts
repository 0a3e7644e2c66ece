import type { Agent } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { Desk } from "./desks.ts";
import type { DeadlineOf } from "./events.ts";
import type { AgentId, CallId, HotlineId, PlaceId } from "./ids.ts";
import { unstaffedGraceMs } from "./limits.ts";
import type { State } from "./state.ts";
import { after, type MonotonicMs } from "./time.ts";
import { unreachable } from "./unreachable.ts";

/** When something must happen to this call by itself; null = never. */
export function callDeadline({ phase, due }: Call): MonotonicMs | null {
  switch (phase.kind) {
    case "listening":
      return soonest(phase.deadlineMs, due.giveUpMs);
    case "waiting":
      return soonest(due.giveUpMs, due.tierMs, due.stepMs, due.announcementMs);
    case "offering":
      // A caller for whom somebody rings is not sent away; the offers have deadlines of their own.
      return soonest(due.tierMs, due.announcementMs, due.ringNextMs);
    case "connected":
    case "forwarded":
    case "away":
      return null;
    case "forwarding":
    case "ended":
      return phase.deadlineMs;
    default:
      return unreachable(phase);
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

/** When those who wait at a hotline must be told something, or its hours looked at; null = never. */
export function deskDeadline({ unstaffedSince, allPausedSince, closing }: Desk): MonotonicMs | null {
  return soonest(
    unstaffedSince === null ? null : after(unstaffedSince, unstaffedGraceMs),
    allPausedSince === null ? null : after(allPausedSince, unstaffedGraceMs),
    closing.kind === "open" ? closing.lookAtMs : null,
    closing.kind === "grace" ? closing.releaseAtMs : null,
  );
}

/** The soonest deadline, for the loop to wake at: send `deadline_passed` then. Null: nothing is due, ever. */
export function nextDeadline(state: State): { readonly atMs: MonotonicMs; readonly of: DeadlineOf } | null {
  const first = state.deadlines.first();
  return first && { atMs: first.first as MonotonicMs, of: parseDeadlineKey(first.id) };
}

export const deadlineKey = (of: DeadlineOf): string => `${of.kind}:${of.id}`;

function parseDeadlineKey(key: string): DeadlineOf {
  const colon = key.indexOf(":");
  const kind = key.slice(0, colon) as DeadlineOf["kind"];
  const id = key.slice(colon + 1);
  switch (kind) {
    case "call":
      return { kind, id: id as CallId };
    case "agent":
      return { kind, id: id as AgentId };
    case "hotline":
      return { kind, id: id as HotlineId };
    case "old_place":
      return { kind, id: id as PlaceId };
    default:
      return unreachable(kind);
  }
}

function soonest(...times: readonly (MonotonicMs | null)[]): MonotonicMs | null {
  let first: MonotonicMs | null = null;
  for (const time of times) if (time !== null && (first === null || time < first)) first = time;
  return first;
}
