import type { AdminEvent } from "../core/events.ts";
import { aroundTheClock } from "../core/hours/schedule.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import { minutes, seconds } from "../core/time.ts";

const demo = "demo" as HotlineId;

/** What a new database starts with, so that a newcomer has something to call. */
export const demoHotline: readonly AdminEvent[] = [
  {
    type: "hotline_set",
    hotline: {
      id: demo,
      name: "Bürgerhotline",
      strategy: "longest-idle",
      ringTimeoutMs: seconds(20),
      wrapUpMs: seconds(10),
      autoPauseAfter: 2,
      maxWaiting: 500,
      maxWaitMs: minutes(60),
      shortAbandonMs: seconds(5),
      schedule: { timeZone: "Europe/Berlin", weekly: aroundTheClock, adHoc: { kind: "none" } },
    },
  },
  { type: "number_set", number: "115", hotline: demo },
];

export const demoAgents: readonly { readonly agent: AgentId; readonly name: string }[] = [
  { agent: "201" as AgentId, name: "Erika Muster" },
  { agent: "202" as AgentId, name: "Max Beispiel" },
  { agent: "203" as AgentId, name: "Ayşe Probe" },
];

export const demoMemberships = [{ hotline: demo }];
