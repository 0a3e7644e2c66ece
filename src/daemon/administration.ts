import type { AdminEvent } from "../core/events.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { type AdminChanges, type AdminService, Refusal } from "../http/service.ts";
import { addAgent, assignAgent, changeDuty } from "./agents.ts";
import { announcing } from "./announcing.ts";
import {
  type AdministrationParts,
  askForChange,
  type ChangingParts,
  findAgent,
  findHotline,
  refuseDryRun,
} from "./asking.ts";
import { changeView, changeWithRows } from "./audit-text.ts";
import { backUp } from "./backup.ts";
import { doctorFacts } from "./doctor.ts";
import { applyDocument, exportDocument, previewDocument } from "./document/apply.ts";
import { explainCall } from "./explaining.ts";
import { addHotline, changeHotline, numbersOf, setNumber } from "./hotlines.ts";
import { holidaysOf, hoursEvent, hoursOf, previewOf } from "./hours.ts";
import { addAgents, checkAgents, showCredentials } from "./many-agents.ts";
import { staffing } from "./staffing.ts";
import { findChange, previewUndo, undo } from "./undo.ts";
import { agentView, callStoryView, callView, hotlineView, statusView } from "./views.ts";

/** What administrators can do. Reads look at the state; changes go through the loop and are on disk when they return. */
export function createAdministration(parts: AdministrationParts): AdminService {
  const { state, clock, store, announcements } = parts;
  return {
    status: () => {
      const now = clock.now();
      return statusView(state, {
        now,
        pbx: parts.pbx.status(),
        alarms: parts.alarms.list(),
        todayOf: (hotline) => parts.feed.today(hotline, now),
        eventsWaiting: parts.loop.backlog,
      });
    },
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
    holidays: (id) => holidaysOf(state, id, clock.now().wallMs),
    previewHours: (id, order) => previewOf(state, id, order, clock.now().wallMs),
    explain: (query) => explainCall(state, announcements, query, clock.now()),
    exportDocument: () => exportDocument(parts),
    previewDocument: (document) => previewDocument(parts, document),
    ...nowOf(parts),
    by: (mandate, rehearses) => createChanges({ ...parts, mandate, rehearses }),
  };
}

/** How one thing is at present. */
function nowOf({ state, clock }: AdministrationParts): Pick<AdminService, "agent" | "hotline" | "hours"> {
  return {
    agent: (id) => agentView(findAgent(state, id), clock.now()),
    hotline: (id) => hotlineView(state, findHotline(state, id)),
    hours: (id, days) => hoursOf(state, id, clock.now().wallMs, days),
  };
}

function createChanges(parts: ChangingParts): AdminChanges {
  const { state, phones, clock } = parts;
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
    changeHours: async (id, order, basis) => {
      await change(hoursEvent(state, id, order, clock.now().wallMs, basis));
      return now.hours(id);
    },
    ...announcing(parts),
    undo: (id) => undo(parts, id),
    backUp: () => {
      refuseDryRun(parts);
      return backUp(parts);
    },
    applyDocument: (document) => applyDocument(parts, document),
  };
}
