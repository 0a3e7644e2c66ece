import { type Agent, agentState, type Rest } from "../agents.ts";
import type { HotlineId } from "../ids.ts";
import { busyRestMs, declinedRestMs, failedRestMs, unreachableRestMs } from "../limits.ts";
import { after, type DurationMs, type MonotonicMs } from "../time.ts";
import type { Turn } from "../turn.ts";
import type { OfferResult } from "./result.ts";

/** How long to leave an agent alone after the phone ended an offer; twice as long each time in a row. */
export function restAfter(agent: Agent, result: OfferResult, now: MonotonicMs): Rest {
  const resting = (why: Extract<Rest, { kind: "resting" }>["why"], lengthMs: DurationMs): Rest => ({
    kind: "resting",
    why,
    untilMs: after(now, lengthMs),
    lengthMs,
  });
  switch (result) {
    case "declined":
      return resting("declined", declinedRestMs);
    case "busy":
      return resting("busy", longer(agent, "busy", busyRestMs));
    case "unreachable":
      return resting("unreachable", longer(agent, "unreachable", unreachableRestMs));
    case "failed":
      return resting("failed", failedRestMs);
    default:
      return { kind: "none" };
  }
}

function longer(
  agent: Agent,
  why: "busy" | "unreachable",
  limit: { first: DurationMs; longest: DurationMs },
) {
  const { rest } = agent;
  if (rest.kind === "none" || rest.why !== why) return limit.first;
  return Math.min(rest.lengthMs * 2, limit.longest) as DurationMs;
}

/** The rest is over: may be rung again; the next one is longer if the phone still says no. */
export function restIsOver(rest: Extract<Rest, { kind: "resting" }>): Rest {
  return rest.why === "busy" || rest.why === "unreachable"
    ? { kind: "rested", why: rest.why, lengthMs: rest.lengthMs }
    : { kind: "none" };
}

/**
 * The phone rang out. So many misses in a row pause the agent, so that the next caller does not wait for a silent
 * phone; but never the last one who is ready, since then nobody would be there at all. A ring group charges no
 * misses.
 */
export function countMiss(turn: Turn, agent: Agent, hotlineId: HotlineId): Agent {
  const hotline = turn.state.hotlines.get(hotlineId);
  const rang: Agent = { ...agent, rest: { kind: "none" } };
  if (!hotline || hotline.strategy === "ring-all") return rang;
  const misses = agent.misses + 1;
  const counted = { ...rang, misses };
  if (hotline.autoPauseAfter === 0 || misses < hotline.autoPauseAfter || agent.duty.kind !== "on")
    return counted;
  if (isLastReady(turn, agent)) {
    turn.tellOfAgent(agent.id, { what: "not_paused", misses });
    return counted;
  }
  turn.tellOfAgent(agent.id, { what: "paused", reason: "no answer" });
  return { ...counted, misses: 0, duty: { kind: "paused", reason: "no answer" } };
}

function isLastReady(turn: Turn, agent: Agent): boolean {
  return agent.memberships.some(({ hotline }) =>
    turn.state
      .staff(hotline)
      .staffed.ids()
      .every((id) => id === agent.id || !canBeRung(turn.agent(id))),
  );
}

/** Whose phone said no the last time it was asked is no help. */
const canBeRung = (agent: Agent): boolean =>
  agentState(agent) === "ready" &&
  (agent.rest.kind === "none" || (agent.rest.why !== "busy" && agent.rest.why !== "unreachable"));
