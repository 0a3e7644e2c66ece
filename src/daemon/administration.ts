import type { Close, HoursView } from "../api/schemas.ts";
import type { AdminEvent } from "../core/events.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { HoursChange, Until } from "../core/hours/change.ts";
import { HoursSyntaxError, parseTimeOfDay, parseWeeklyLine, withDays } from "../core/hours/parse.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import { ms, type WallMs } from "../core/time.ts";
import { type AdminChanges, type AdminService, Refusal } from "../http/service.ts";
import { addAgent, assignAgent, changeDuty } from "./agents.ts";
import { announcing } from "./announcing.ts";
import {
  type AdministrationParts,
  askForChange,
  type ChangingParts,
  findAgent,
  findHotline,
} from "./asking.ts";
import { changeView, changeWithRows } from "./audit-text.ts";
import { doctorFacts } from "./doctor.ts";
import { addHotline, changeHotline, numbersOf, setNumber } from "./hotlines.ts";
import { addAgents, checkAgents, showCredentials } from "./many-agents.ts";
import { staffing } from "./staffing.ts";
import { findChange, previewUndo, undo } from "./undo.ts";
import { agentView, callStoryView, callView, hotlineView, hoursView, statusView } from "./views.ts";

/** What administrators can do. Reads look at the state; changes go through the loop and are on disk when they return. */
export function createAdministration(parts: AdministrationParts): AdminService {
  const { state, clock, store, announcements } = parts;
  return {
    status: () => statusView(state, clock.now(), parts.pbx.status(), parts.alarms.list()),
    live: parts.feed,
    doctor: () => doctorFacts(parts),
    calls: async ({ limit, since }) => {
      const from = since === undefined ? {} : { since: Date.parse(since) as WallMs };
      return (await store.calls({ limit, ...from })).map(callView);
    },
    call: async (id) => {
      const call = await store.call(id);
      if (!call) throw new Refusal(404, "unknown_call", `There is no call "${id}". See: hotline calls`);
      return callStoryView(call);
    },
    staffing: (query) =>
      staffing({ store, nowMs: clock.now().wallMs, findHotline: (id) => findHotline(state, id) }, query),
    agents: () => [...state.agents.values()].map((agent) => agentView(agent, clock.now())),
    checkAgents: (rows) => checkAgents(state, rows),
    hotlines: () => [...state.hotlines.values()].map((hotline) => hotlineView(state, hotline)),
    numbers: () => numbersOf(state),
    announcements: (id) => announcements.list(findHotline(state, id).id),
    changes: async (wanted) => (await store.changes(wanted)).map(changeView),
    change: async (id) => changeWithRows(await findChange(parts, id)),
    previewUndo: (change) => previewUndo(parts, change),
    ...nowOf(parts),
    by: (mandate) => createChanges({ ...parts, mandate }),
  };
}

/** How one thing is at present. */
function nowOf({ state, clock }: AdministrationParts): Pick<AdminService, "agent" | "hotline" | "hours"> {
  return {
    agent: (id) => agentView(findAgent(state, id), clock.now()),
    hotline: (id) => hotlineView(state, findHotline(state, id)),
    hours: (id) => hoursView(state, findHotline(state, id), clock.now()),
  };
}

function createChanges(parts: ChangingParts): AdminChanges {
  const { state, phones } = parts;
  const now = nowOf(parts);
  const change = async (event: AdminEvent) => {
    await askForChange(parts, event);
  };
  return {
    addAgent: (agent) => addAgent(parts, agent),
    addAgents: (rows) => addAgents(parts, rows),
    showCredentials: (agents) => showCredentials(parts, agents),
    removeAgent: async (id) => {
      await change({ type: "agent_removed", agent: id as AgentId });
      // The phone goes with the agent; an agent who talks finishes the call first.
      if (!state.agents.get(id as AgentId)) await phones.renew();
    },
    changeDuty: async (id, what) => {
      await changeDuty(parts, id, what);
      return now.agent(id);
    },
    assign: async (id, hotline, as) => {
      await assignAgent(parts, id, hotline, as);
      return now.agent(id);
    },
    unassign: async (id, hotline) => {
      await change({ type: "agent_unassigned", agent: id as AgentId, hotline: hotline as HotlineId });
      return now.agent(id);
    },
    addHotline: async (hotline) => {
      await addHotline(parts, hotline);
      return now.hotline(hotline.id);
    },
    removeHotline: (id) => change({ type: "hotline_removed", hotline: id as HotlineId }),
    changeHotline: async (id, settings) => {
      await changeHotline(parts, id, settings);
      return now.hotline(id);
    },
    setNumber: (number, row) => setNumber(parts, number, row),
    removeNumber: (number) => change({ type: "number_removed", number }),
    setHours: async (id, lines) => {
      const changes = parseHours(findHotline(state, id), lines);
      await change(hoursChange(id, { kind: "week", days: changes, from: null }));
      return now.hours(id);
    },
    close: (id, close) => closeHotline(parts, id, close),
    resume: async (id) => {
      await change(hoursChange(id, { kind: "resume" }));
      return now.hours(id);
    },
    ...announcing(parts),
    undo: (id) => undo(parts, id),
  };
}

/** Reads all lines before anything is changed; the first mistake is shown with its place. */
function parseHours(hotline: Hotline, lines: readonly string[]) {
  let weekly = hotline.schedule.weekly;
  return lines.map((line) => {
    try {
      const parsed = parseWeeklyLine(line);
      weekly = withDays(weekly, parsed.days, parsed.intervals);
      return parsed;
    } catch (error) {
      if (!(error instanceof HoursSyntaxError)) throw error;
      const place = `in "${line}" at character ${error.position + 1}`;
      throw new Refusal(400, "bad_hours", `${error.message} (${place}). Nothing was changed.`);
    }
  });
}

async function closeHotline(parts: ChangingParts, id: string, close: Close): Promise<HoursView> {
  if (close.until !== null && close.forMs !== null)
    throw new Refusal(400, "invalid", "Give --until or --for, not both. Nothing was changed.");
  findHotline(parts.state, id);
  const { reason, releaseWaiting } = close;
  const until = closeUntil(close);
  await askForChange(parts, { ...hoursChange(id, { kind: "close", reason, until }), releaseWaiting });
  return hoursView(parts.state, findHotline(parts.state, id), parts.clock.now());
}

const hoursChange = (id: string, change: HoursChange) =>
  ({ type: "hours_changed", hotline: id as HotlineId, change, releaseWaiting: false }) as const;

function closeUntil({ until, forMs }: Close): Until {
  if (forMs !== null) return { kind: "duration", lengthMs: ms(forMs) };
  if (until === null) return { kind: "next_change" };
  try {
    return { kind: "minute_of_day", minute: parseTimeOfDay(until) };
  } catch (error) {
    if (!(error instanceof HoursSyntaxError)) throw error;
    throw new Refusal(400, "bad_time", `--until: ${error.message}. Nothing was changed.`);
  }
}
