import type { StaffingQuery, StaffingView } from "../api/staffing.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { WallMs } from "../core/time.ts";
import { Refusal } from "../http/service.ts";
import { type Demand, loadOf } from "../report/erlang.ts";
import { agentsMax, busiestHour, planStaffing } from "../report/staffing.ts";
import type { Store } from "../store/store.ts";

/** Fewer answered calls say too little about the talk time and about when people call. */
const answeredMin = 30;
const weekMs = 7 * 24 * 3_600_000;
const weeksDefault = 4;

export type StaffingParts = {
  readonly store: Pick<Store, "arrivals">;
  readonly nowMs: WallMs;
  /** Throws Refusal when there is no such hotline. */
  findHotline(id: string): Hotline;
};

type Basis = Pick<StaffingView, "record" | "callsPerHour" | "talkMs" | "wrapUpMs">;

/** How many agents are needed. Throws Refusal for what cannot be, or when there are too few calls in the record. */
export async function staffing(parts: StaffingParts, query: StaffingQuery): Promise<StaffingView> {
  const basis = given(query) ?? (await fromRecord(parts, query));
  const { targetPercent, targetWithinMs } = query;
  const patienceMs = query.patienceMs ?? null;
  const handlingMs = basis.talkMs + basis.wrapUpMs;
  const demand: Demand = { callsPerHour: basis.callsPerHour, handlingMs, patienceMs };
  const plan = planStaffing(demand, { share: targetPercent / 100, withinMs: targetWithinMs });
  const load = loadOf(demand);
  if (!plan)
    throw new Refusal(
      400,
      "too_many_agents",
      `That would take more than ${agentsMax} agents (a load of ${Math.round(load)} erlangs). Are the figures right?`,
    );
  return {
    ...basis,
    patienceMs,
    load: rounded(load),
    targetPercent,
    targetWithinMs,
    agents: plan.agents,
    agentsMin: plan.agentsMin,
    table: plan.lines.map((line) => ({
      agents: line.agents,
      occupancy: rounded(line.occupancy),
      waitProbability: rounded(line.waitProbability),
      meanWaitMs: Math.round(line.meanWaitMs),
      serviceLevel: rounded(line.serviceLevel),
      abandoned: patienceMs === null ? null : rounded(line.abandonProbability),
      meetsTarget: line.meetsTarget,
    })),
  };
}

function given({ callsPerHour, talkMs, wrapUpMs }: StaffingQuery): Basis | null {
  if (callsPerHour === undefined || talkMs === undefined) return null;
  return { record: null, callsPerHour, talkMs, wrapUpMs: wrapUpMs ?? 0 };
}

async function fromRecord(
  { store, nowMs, findHotline }: StaffingParts,
  query: StaffingQuery,
): Promise<Basis> {
  if (query.hotline === undefined)
    throw new Refusal(400, "invalid", "Name a hotline, or give the calls per hour and the talk time.");
  const { id, wrapUpMs, schedule } = findHotline(query.hotline);
  const weeks = query.weeks ?? weeksDefault;
  const fromMs = (nowMs - weeks * weekMs) as WallMs;
  const { timeZone } = schedule;
  const { week, answeredCalls, meanTalkMs } = await store.arrivals({
    hotline: id,
    timeZone,
    fromMs,
    toMs: nowMs,
  });
  const busiest = busiestHour(week);
  if (!busiest || meanTalkMs === null || answeredCalls < answeredMin)
    throw new Refusal(
      409,
      "too_few_calls",
      `Too few calls to go by: ${answeredCalls} answered at ${id} in the last ${weeks === 1 ? "week" : `${weeks} weeks`}, at least ${answeredMin} and a full hour are needed. Look further back with --weeks, or give the figures: hotline staffing --calls-per-hour 30 --talk 6m`,
    );
  return {
    record: { hotline: id, timeZone, weeks, ...busiest, answeredCalls },
    callsPerHour: busiest.calls / busiest.hours,
    talkMs: Math.round(meanTalkMs),
    wrapUpMs: query.wrapUpMs ?? wrapUpMs,
  };
}

/** Six digits behind the point are more than enough. */
const rounded = (figure: number): number => Math.round(figure * 1e6) / 1e6;
