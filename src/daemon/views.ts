import type { AgentCounts, AgentView, CallView, HotlineView, HoursView, Status } from "../api/schemas.ts";
import { type Agent, agentReason, agentState } from "../core/agents.ts";
import type { Call } from "../core/calls.ts";
import type { Hotline } from "../core/hotlines.ts";
import { nextOpening } from "../core/hours/next.ts";
import { describeWeekly } from "../core/hours/parse.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { between, type MonotonicMs, type Now, type WallMs } from "../core/time.ts";
import type { PbxStatus } from "../pbx/port.ts";
import type { CallRecord, CallWithEvents } from "../store/types.ts";
import type { Alarm } from "./alarms.ts";
import { hasHours, missingOf, settingsView } from "./settings.ts";

/** How the state looks through the admin API. */

export const isoTime = (at: WallMs): string => new Date(at).toISOString();

export function statusView(state: State, now: Now, pbx: PbxStatus, alarms: readonly Alarm[]): Status {
  return {
    pbx: { connected: pbx.connected, version: pbx.version },
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
  const { open, rule } = state.opening(hotline, wallMs).opening;
  if (rule.kind === "ad_hoc") {
    const until = rule.untilMs === null ? "somebody resumes the hours" : localTime(hotline, rule.untilMs);
    return `${open ? "opened" : "closed"} until ${until}: ${rule.reason}`;
  }
  if (open) return rule.kind === "exception" ? `special hours today: ${rule.reason}` : "opening hours";
  if (!hasHours(hotline)) return "outside opening hours: none are set";
  const next = nextOpening(state.schedule(hotline), wallMs);
  const opens = next === null ? "no opening within two months" : `opens ${localTime(hotline, next)}`;
  switch (rule.kind) {
    case "exception":
      return `special hours today: ${rule.reason}, ${opens}`;
    case "holiday":
      return `${rule.name}, ${opens}`;
    default:
      return `outside opening hours, ${opens}`;
  }
}

/** A moment as it stands on the wall of the hotline's office. */
export function localTime(hotline: Hotline, at: WallMs): string {
  const { timeZone } = hotline.schedule;
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone }).format(at);
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

export function hoursView(state: State, hotline: Hotline, now: Now): HoursView {
  const { weekly, timeZone } = state.schedule(hotline);
  const { open, rule } = state.opening(hotline, now.wallMs).opening;
  const next = nextOpening(state.schedule(hotline), now.wallMs);
  return {
    hotline: hotline.id,
    timeZone,
    weekly: describeWeekly(weekly),
    adHoc:
      rule.kind === "ad_hoc" && !open
        ? {
            closed: true,
            reason: rule.reason,
            until: rule.untilMs === null ? null : isoTime(rule.untilMs),
          }
        : null,
    open,
    reason: openingReason(state, hotline, now),
    nextOpening: next === null ? null : isoTime(next),
  };
}

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
