import type { LiveAgent, LiveCall, LiveHotline } from "../api/live.ts";
import type { AgentCounts } from "../api/schemas.ts";
import { type Agent, agentReason, agentState } from "../core/agents.ts";
import type { Call } from "../core/calls.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { MonotonicMs, WallMs } from "../core/time.ts";
import type { DayFigures } from "../report/today.ts";
import { shorten } from "./log.ts";
import { isoTime, noAgents } from "./views.ts";

/** The rows of the event stream. A row that has not changed comes out the same at any time. */

/** When that was by the clock on the wall. */
export type ToWall = (at: MonotonicMs) => WallMs;

export type HotlineParts = {
  readonly open: boolean;
  readonly reason: string;
  readonly agents: AgentCounts | undefined;
  readonly today: DayFigures;
  readonly toWall: ToWall;
};

export function liveHotline(state: State, hotline: Hotline, parts: HotlineParts): LiveHotline {
  const { open, reason, agents, today, toWall } = parts;
  const queue = state.queue(hotline.id);
  const oldest = queue.oldest() as MonotonicMs | null;
  return {
    id: hotline.id,
    name: hotline.name,
    timeZone: state.schedule(hotline).timeZone,
    open,
    reason,
    waiting: queue.length,
    waitingSince: oldest === null ? null : isoTime(toWall(oldest)),
    agents: agents ?? noAgents(),
    today,
  };
}

/** How many agents of each hotline are in which state; hotlines without any are left out. */
export function countAllAgents(state: State): Map<HotlineId, AgentCounts> {
  const all = new Map<HotlineId, AgentCounts>();
  for (const agent of state.agents.values()) {
    const is = agentState(agent);
    for (const { hotline } of agent.memberships) {
      const counts = all.get(hotline) ?? noAgents();
      counts[is] += 1;
      all.set(hotline, counts);
    }
  }
  return all;
}

export function liveAgent(agent: Agent, since: WallMs | null, toWall: ToWall): LiveAgent {
  const state = agentState(agent);
  const until = state === "wrap_up" && agent.work.kind === "wrap_up" ? agent.work.untilMs : null;
  return {
    id: agent.id,
    name: agent.name,
    state,
    reason: agentReason(agent),
    since: since === null ? null : isoTime(since),
    until: until === null ? null : isoTime(toWall(until)),
    hotlines: agent.memberships.map(({ hotline }) => hotline),
  };
}

export function liveCall(call: Call, toWall: ToWall): LiveCall {
  const { phase } = call;
  const isForwarded = phase.kind === "forwarding" || phase.kind === "forwarded";
  const isTalking = phase.kind === "connected" || phase.kind === "forwarded";
  return {
    id: call.id,
    hotline: call.hotline,
    from: shorten(call.from),
    phase: phase.kind,
    arrivedAt: isoTime(call.arrivedAt.wallMs),
    waitingSince: isoTime(toWall(call.waitingSince)),
    talkingSince: isTalking ? isoTime(phase.since.wallMs) : null,
    agents: agentsOf(call),
    forwardedTo: isForwarded ? phase.number : null,
    outcome: phase.kind === "ended" ? phase.result.outcome : null,
  };
}

function agentsOf({ phase }: Call): string[] {
  if (phase.kind === "connected") return [phase.agent];
  if (phase.kind !== "offering") return [];
  return phase.claim.kind === "connecting" ? [phase.claim.agent] : [...phase.agents];
}
