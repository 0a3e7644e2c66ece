import type { Demand } from "../../src/report/erlang.ts";

/*
 * The same queue as in src/report/erlang.ts, computed by brute force instead of by formulas: the number of calls in the
 * system as a chain of states, cut off where nobody ever comes, and the way of one caller through the queue in small steps
 * (uniformization). Slow, and good for small systems only.
 */

const hourMs = 3_600_000;
/** So unlikely that it does not show in any figure. */
const negligible = 1e-18;

type Rates = {
  readonly arrival: number;
  readonly service: number;
  readonly leave: number;
  readonly agents: number;
};

export type BruteForce = {
  readonly waitProbability: number;
  readonly meanWaitMs: number;
  readonly abandonProbability: number;
  readonly occupancy: number;
  answeredWithin(waitMs: number): number;
};

export function bruteForce(demand: Demand, agents: number): BruteForce {
  const rates: Rates = {
    arrival: demand.callsPerHour / hourMs,
    service: 1 / demand.handlingMs,
    leave: demand.patienceMs === null ? 0 : 1 / demand.patienceMs,
    agents,
  };
  const shares = stationary(rates);
  const sum = (of: (calls: number) => number) =>
    shares.reduce((all, share, calls) => all + share * of(calls), 0);
  const queue = sum((calls) => Math.max(0, calls - agents));
  return {
    waitProbability: sum((calls) => (calls >= agents ? 1 : 0)),
    // Little's law.
    meanWaitMs: queue / rates.arrival,
    abandonProbability: (queue * rates.leave) / rates.arrival,
    occupancy: sum((calls) => Math.min(calls, agents)) / agents,
    answeredWithin: (waitMs) => {
      const atOnce = sum((calls) => (calls < agents ? 1 : 0));
      // Who finds `calls` in the system has `calls - agents` callers before them.
      return atOnce + answeredFromQueue(rates, shares.slice(agents), waitMs);
    },
  };
}

/** The share of time with so many calls in the system; what an arriving call finds, too. */
function stationary({ arrival, service, leave, agents }: Rates): number[] {
  const weights = [1];
  let total = 1;
  for (let calls = 1; ; calls++) {
    const down = Math.min(calls, agents) * service + Math.max(0, calls - agents) * leave;
    const weight = weights[calls - 1]! * (arrival / down);
    weights.push(weight);
    total += weight;
    if (down > arrival && weight < total * negligible) break;
  }
  return weights.map((weight) => weight / total);
}

/**
 * The probability to be waiting in the queue at first and to reach an agent by then. `start[k]`: to have k callers before
 * one at the arrival.
 */
function answeredFromQueue(
  { service, leave, agents }: Rates,
  start: readonly number[],
  waitMs: number,
): number {
  // At each tick at most one thing happens; ticks come at random, this many in a millisecond.
  const tickRate = agents * service + start.length * leave;
  let before = [...start];
  let answered = 0;
  let within = 0;
  let lnTicks = -tickRate * waitMs;
  const ticksMax = tickRate * waitMs + 12 * Math.sqrt(tickRate * waitMs) + 50;
  for (let tick = 0; tick < ticksMax; tick++) {
    within += Math.exp(lnTicks) * answered;
    const after = before.map((share, k) => share * (1 - (agents * service + (k + 1) * leave) / tickRate));
    answered += (before[0] ?? 0) * ((agents * service) / tickRate);
    for (let k = 1; k < before.length; k++)
      after[k - 1]! += before[k]! * ((agents * service + k * leave) / tickRate);
    before = after;
    lnTicks += Math.log((tickRate * waitMs) / (tick + 1));
  }
  return within;
}
