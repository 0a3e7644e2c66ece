import type { HotlineChange, HotlineSettings, HotlineView } from "../api/schemas.ts";
import { defaultSettings, type Hotline } from "../core/hotlines.ts";
import { neverOpen, plainSchedule } from "../core/hours/schedule.ts";
import type { HotlineId } from "../core/ids.ts";

/** A hotline's settings between the admin API and the core: the same but for a name, checked by the API's schema. */

type Settings = Omit<Hotline, "id" | "schedule">;

export function settingsOf({ autoPause, ...change }: HotlineChange): Partial<Settings> {
  const settings = { ...change, ...(autoPause !== undefined && { autoPauseAfter: autoPause }) };
  // Brands are for the compiler: the schema has checked what they promise.
  return settings as unknown as Partial<Settings>;
}

export function settingsView(hotline: Hotline): HotlineSettings {
  return {
    name: hotline.name,
    strategy: hotline.strategy,
    priority: hotline.priority,
    ringTimeoutMs: hotline.ringTimeoutMs,
    ringNextAfterMs: hotline.ringNextAfterMs,
    nextTierAfterMs: hotline.nextTierAfterMs,
    wrapUpMs: hotline.wrapUpMs,
    autoPause: hotline.autoPauseAfter,
    maxWaiting: hotline.maxWaiting,
    maxWaitMs: hotline.maxWaitMs,
    shortAbandonMs: hotline.shortAbandonMs,
    resumeWithinMs: hotline.resumeWithinMs,
    closingGraceMs: hotline.closingGraceMs,
    greetingMustFinish: hotline.greetingMustFinish,
    periodic: hotline.periodic.map((each) => ({ ...each })),
    overflow: hotline.overflow.map((step) => ({ ...step })),
  };
}

/** In Germany, and closed until somebody has set the hours: a number must not ring before it was meant to. */
const newSchedule = plainSchedule("Europe/Berlin", neverOpen);

export function newHotline(id: HotlineId, name: string, settings: Partial<Settings>): Hotline {
  return { ...defaultSettings, ...settings, id, name, schedule: newSchedule };
}

/** Settings that a stored row does not know yet are as in a new hotline. */
export function completeHotline(row: Hotline): Hotline {
  return { ...defaultSettings, ...row, schedule: { ...newSchedule, ...row.schedule } };
}

export const hasHours = ({ hoursOf, schedule }: Hotline): boolean =>
  hoursOf !== null ||
  [schedule.weekly, ...schedule.laterWeeks.map(({ weekly }) => weekly)].some((week) =>
    week.some((intervals) => intervals.length > 0),
  );

/** What stands in the way of callers being served. `ways`: the numbers and overflow steps that lead to the hotline. */
export function missingOf(hotline: Hotline, has: { ways: number; agents: number }): HotlineView["missing"] {
  return [
    ...(hasHours(hotline) ? [] : (["hours"] as const)),
    ...(has.ways > 0 ? [] : (["number"] as const)),
    ...(has.agents > 0 ? [] : (["agents"] as const)),
  ];
}
