import type { Membership } from "../core/agents.ts";
import type { AdminEvent } from "../core/events.ts";
import { defaultSettings } from "../core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../core/hours/schedule.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";

const demo = "demo" as HotlineId;

/** What a new database starts with, so that a newcomer has something to call. */
export const demoHotline: readonly AdminEvent[] = [
  {
    type: "hotline_added",
    hotline: {
      ...defaultSettings,
      id: demo,
      name: "Bürgerhotline",
      schedule: plainSchedule("Europe/Berlin", aroundTheClock),
    },
  },
  { type: "number_set", number: "115", hotline: demo, requires: [] },
];

export const demoAgents: readonly { readonly agent: AgentId; readonly name: string }[] = [
  { agent: "201" as AgentId, name: "Erika Muster" },
  { agent: "202" as AgentId, name: "Max Beispiel" },
  { agent: "203" as AgentId, name: "Ayşe Probe" },
];

export const demoMemberships: readonly Membership[] = [{ hotline: demo, tier: 1, skills: [] }];
