import type { AgentCounts, AgentView, CallView, HotlineView, Status } from "../api/schemas.ts";
import { type Agent, agentReason, agentState } from "../core/agents.ts";
import type { Call } from "../core/calls.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { between, type MonotonicMs, type Now, type WallMs } from "../core/time.ts";
import type { PbxStatus } from "../pbx/port.ts";
import { type DayFigures, target } from "../report/today.ts";
import type { CallRecord, CallWithEvents } from "../store/types.ts";
import type { Alarm } from "./alarms.ts";
import { hoursNotices } from "./hours-notices.ts";
import { reasonOf } from "./hours-views.ts";
import { missingOf, settingsView } from "./settings.ts";

/** How the state looks through the admin API. */

export const isoTime = (at: WallMs): string => new Date(at).toISOString();

export type StatusParts = {
  readonly now: Now;
  readonly pbx: PbxStatus;
  readonly alarms: readonly Alarm[];
  readonly todayOf: (hotline: Hotline) => DayFigures;
  /** Facts that the loop has not looked at yet. */
  readonly eventsWaiting: number;
};

export function statusView(state: State, parts: StatusParts): Status {
  const { now, pbx, alarms, todayOf, eventsWaiting } = parts;
  const { capacity } = state.loose;
  return {
    pbx: { connected: pbx.connected, version: pbx.version },
    load: {
      calls: state.calls.size,
      maxCalls: capacity?.maxCalls ?? null,
      maxNewPerSecond: capacity?.maxNewPerSecond ?? null,
      eventsWaiting,
      requestsWaiting: pbx.requestsWaiting,
    },
    target,
    hotlines: [...state.hotlines.values()].map((hotline) => {
      const queue = state.queue(hotline.id);
      const oldest = queue.oldest() as MonotonicMs | null;
      return {
        id: hotline.id,
        name: hotline.name,
        open: state.opening(hotline, now.wallMs).opening.open,
        reason: openingReason(state, hotline, now),
        waiting: queue.length,
        longestWaitMs: oldest === null ? null : between(oldest, now.monotonicMs),
        agents: countAgents(state, hotline.id),
        today: todayOf(hotline),
      };
    }),
    calls: [...state.calls.values()].map((call) => ({
      id: call.id,
      hotline: call.hotline,
      phase: call.phase.kind,
      agent: agentOf(call),
      forwardedTo:
        call.phase.kind === "forwarding" || call.phase.kind === "forwarded" ? call.phase.number : null,
      since: isoTime(call.arrivedAt.wallMs),
    })),
    alarms: alarmsView(alarms),
    notices: hoursNotices(state, now.wallMs),
  };
}

export const alarmsView = (alarms: readonly Alarm[]): Status["alarms"] =>
  alarms.map(({ code, message, since }) => ({ code, message, since: isoTime(since) }));

function agentOf(call: Call): string | null {
  if (call.phase.kind === "connected") return call.phase.agent;
  if (call.phase.kind !== "offering") return null;
  return call.phase.claim.kind === "connecting" ? call.phase.claim.agent : (call.phase.agents[0] ?? null);
}

/** Why the hotline is open or closed, in words. */
export function openingReason(state: State, hotline: Hotline, { wallMs }: Now): string {
  const { opening } = state.opening(hotline, wallMs);
  return reasonOf(state.schedule(hotline), wallMs, opening);
}

export const noAgents = (): AgentCounts => ({
  ready: 0,
  offered: 0,
  talking: 0,
  wrap_up: 0,
  paused: 0,
  busy: 0,
  offline: 0,
  logged_out: 0,
});

function countAgents(state: State, hotline: HotlineId): AgentCounts {
  const counts = noAgents();
  for (const agent of state.agents.values())
    if (agent.memberships.some((membership) => membership.hotline === hotline))
      counts[agentState(agent)] += 1;
  return counts;
}

export function agentView(agent: Agent, now: Now): AgentView {
  const idleMs = between(agent.idleSince, now.monotonicMs);
  return {
    id: agent.id,
    name: agent.name,
    state: agentState(agent),
    reason: agentReason(agent),
    idleSince: agentState(agent) === "ready" ? isoTime((now.wallMs - idleMs) as WallMs) : null,
    hotlines: agent.memberships.map(({ hotline }) => hotline),
    memberships: agent.memberships.map(({ hotline, tier, skills }) => ({
      hotline,
      tier,
      skills: [...skills],
    })),
  };
}

export function hotlineView(state: State, hotline: Hotline): HotlineView {
  const rows = [...state.numbers.values()].filter((row) => row.hotline === hotline.id);
  const memberships = [...state.agents.values()].flatMap((agent) =>
    agent.memberships
      .filter((membership) => membership.hotline === hotline.id)
      .map(({ tier, skills }) => ({ agent: agent.id, tier, skills: [...skills] })),
  );
  return {
    id: hotline.id,
    ...settingsView(hotline),
    numbers: rows.map(({ number }) => number),
    agents: memberships.map(({ agent }) => agent),
    numberSkills: rows.map(({ number, requires }) => ({ number, skills: [...requires] })),
    memberships,
    missing: missingOf(hotline, {
      ways: rows.length + movesTo(state, hotline.id),
      agents: memberships.length,
    }),
  };
}

/** How many overflow steps of other hotlines lead there. */
const movesTo = (state: State, id: HotlineId): number =>
  [...state.hotlines.values()]
    .flatMap(({ overflow }) => overflow)
    .filter(({ action }) => action.kind === "move" && action.hotline === id).length;

export function callView(record: CallRecord): CallView {
  const { arrivedAtMs, ...rest } = record;
  return { ...rest, arrivedAt: isoTime(arrivedAtMs) };
}

export function callStoryView({ events, ...record }: CallWithEvents): CallView {
  return {
    ...callView(record),
    events: events.map(({ atMs, what, detail }) => ({ at: isoTime(atMs), what, detail: { ...detail } })),
  };
}
