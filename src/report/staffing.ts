import { agentsNeeded, type Demand, forecast, loadOf } from "./erlang.ts";

export type Target = { readonly share: number; readonly withinMs: number };

/** What so many agents mean. Shares are 0..1 of all calls. */
export type StaffingLine = {
  readonly agents: number;
  readonly occupancy: number;
  readonly waitProbability: number;
  readonly meanWaitMs: number;
  readonly serviceLevel: number;
  readonly abandonProbability: number;
  readonly meetsTarget: boolean;
};

export type StaffingPlan = {
  /** The fewest that meet the target. */
  readonly agents: number;
  /** Fewer than this, and the queue would grow without end. */
  readonly agentsMin: number;
  /** By agents, around the number that is needed. */
  readonly lines: readonly StaffingLine[];
};

/** No hotline has more; a mistake in the figures is more likely. */
export const agentsMax = 5_000;

/** So many lines of the table before and after what is needed. */
const around = 3;

/** How many agents meet the target. Null: not even `agentsMax`. */
export function planStaffing(demand: Demand, target: Target): StaffingPlan | null {
  const agents = agentsNeeded(demand, target, agentsMax);
  if (agents === null) return null;
  const agentsMin = demand.patienceMs === null ? Math.floor(loadOf(demand)) + 1 : 1;
  const lines: StaffingLine[] = [];
  for (let n = Math.max(agentsMin, agents - around); n <= agents + around; n++) {
    const line = lineFor(demand, target, n);
    if (line) lines.push(line);
  }
  return { agents, agentsMin, lines };
}

function lineFor(demand: Demand, target: Target, agents: number): StaffingLine | null {
  const expected = forecast(demand, agents);
  if (!expected) return null;
  const { occupancy, waitProbability, meanWaitMs, abandonProbability } = expected;
  const serviceLevel = expected.answeredWithin(target.withinMs);
  const meetsTarget = serviceLevel >= target.share;
  return { agents, occupancy, waitProbability, meanWaitMs, serviceLevel, abandonProbability, meetsTarget };
}

/** An hour of the week in local time: `weekday` 1 Monday to 7 Sunday. */
export type HourOfWeek = {
  readonly weekday: number;
  readonly hour: number;
  /** How many of these hours were counted. */
  readonly hours: number;
  /** The calls in all of them. */
  readonly calls: number;
};

/** The hour of the week with the most calls; the earlier one of equals. Null: there is none with a call. */
export function busiestHour(week: readonly HourOfWeek[]): HourOfWeek | null {
  let busiest: HourOfWeek | null = null;
  for (const each of week)
    if (each.calls > 0 && (!busiest || each.calls / each.hours > busiest.calls / busiest.hours))
      busiest = each;
  return busiest;
}
