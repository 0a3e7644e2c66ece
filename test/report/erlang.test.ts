import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  agentsNeeded,
  type Demand,
  erlangB,
  type Forecast,
  forecast,
  loadOf,
} from "../../src/report/erlang.ts";
import { bruteForce } from "./birth-death.ts";

const minuteMs = 60_000;

function expected(demand: Demand, agents: number): Forecast {
  const result = forecast(demand, agents);
  assert.ok(result, "the queue is stable");
  return result;
}

const near = (actual: number, wanted: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${what}: ${actual} is not ${wanted} ± ${tolerance}`);

suite("published figures", () => {
  test("Erlang B, from printed tables", () => {
    near(erlangB(10, 10), 0.2146, 5e-5, "10 lines, 10 erlangs");
    near(erlangB(100, 100), 0.0757, 5e-5, "100 lines, 100 erlangs");
    near(erlangB(1, 1), 0.5, 1e-15, "1 line, 1 erlang");
  });

  test("Erlang C: 100 calls in half an hour, 3 minutes each, 14 agents (Call Centre Helper)", () => {
    const all = expected({ callsPerHour: 200, handlingMs: 3 * minuteMs, patienceMs: null }, 14);
    near(all.waitProbability, 0.174, 5e-4, "probability of waiting");
    near(all.answeredWithin(20_000), 0.888, 5e-4, "service level in 20 s");
    near(all.meanWaitMs, 7_800, 50, "mean wait");
    near(all.occupancy, 0.714, 5e-4, "occupancy");
  });

  test("Erlang C: 360 calls in half an hour, 4 minutes each, 55 agents (mitan.co.uk, worked example)", () => {
    const all = expected({ callsPerHour: 720, handlingMs: 4 * minuteMs, patienceMs: null }, 55);
    near(all.waitProbability, 0.239, 5e-4, "probability of waiting");
    near(all.meanWaitMs, 8_180, 5, "mean wait");
    near(all.answeredWithin(15_000), 0.846, 5e-4, "service level in 15 s");
    near(all.occupancy, 0.873, 5e-4, "occupancy");
  });

  // Mandelbaum, Zeltyn: the Palm/Erlang-A queue; what patience changes at 48 calls a minute and 50 agents.
  test("Erlang C: 48 calls in a minute, 1 minute each, 50 agents", () => {
    const all = expected({ callsPerHour: 48 * 60, handlingMs: minuteMs, patienceMs: null }, 50);
    near(all.meanWaitMs, 20_800, 50, "mean wait");
    near(all.answeredWithin(58_100), 0.9, 5e-4, "90th percentile of the wait");
    near(all.occupancy, 0.96, 5e-3, "occupancy");
  });

  test("Erlang A: the same with 2 minutes of patience", () => {
    const all = expected({ callsPerHour: 48 * 60, handlingMs: minuteMs, patienceMs: 2 * minuteMs }, 50);
    near(all.abandonProbability, 0.031, 5e-4, "abandoned");
    near(all.meanWaitMs, 3_700, 50, "mean wait");
    near(all.occupancy, 0.93, 5e-3, "occupancy");
  });
});

suite("against brute force", () => {
  const cases: [callsPerHour: number, handlingMs: number, patienceMs: number | null, agents: number][] = [
    [30, 6 * minuteMs, null, 4],
    [30, 6 * minuteMs, null, 15],
    [135, 6 * minuteMs, null, 15],
    [8, 6 * minuteMs, null, 1],
    [18, 6 * minuteMs, null, 2],
    [8, 6 * minuteMs, 3 * minuteMs, 1],
    // In overload, a little and a lot, with agents enough and too many.
    [40, 6 * minuteMs, minuteMs, 1],
    [180, 6 * minuteMs, 3 * minuteMs, 15],
    [400, 6 * minuteMs, 10 * minuteMs, 15],
    [120, 6 * minuteMs, 3 * minuteMs, 15],
    [60, 6 * minuteMs, 20_000, 15],
    [2880, minuteMs, 2 * minuteMs, 50],
  ];
  for (const [callsPerHour, handlingMs, patienceMs, agents] of cases) {
    const patience = patienceMs === null ? "all wait" : `patience ${patienceMs / 1000} s`;
    test(`${agents} agents, ${callsPerHour} calls per hour, ${handlingMs / 1000} s, ${patience}`, () => {
      const demand = { callsPerHour, handlingMs, patienceMs };
      const formula = expected(demand, agents);
      const chain = bruteForce(demand, agents);
      near(formula.waitProbability, chain.waitProbability, 1e-9, "probability of waiting");
      near(formula.meanWaitMs, chain.meanWaitMs, 1e-3, "mean wait");
      near(formula.abandonProbability, chain.abandonProbability, 1e-9, "abandoned");
      near(formula.occupancy, chain.occupancy, 1e-9, "occupancy");
      for (const waitMs of [0, 5_000, 30_000, 180_000])
        near(formula.answeredWithin(waitMs), chain.answeredWithin(waitMs), 1e-8, `answered in ${waitMs} ms`);
    });
  }
});

suite("what must hold for any figures", () => {
  const demands = fc.record({
    callsPerHour: fc.double({ min: 0.01, max: 100_000, noNaN: true }),
    handlingMs: fc.integer({ min: 1_000, max: 3_600_000 }),
    patienceMs: fc.option(fc.integer({ min: 1_000, max: 86_400_000 })),
  });
  /** Around the load, where all the trouble is. */
  const agentsFor = (demand: Demand, factor: number) =>
    Math.min(50_000, Math.ceil(loadOf(demand) * factor) + 1);

  test("shares stay shares, more agents are never worse, more waiting answers more", () => {
    const factors = fc.double({ min: 0.01, max: 3, noNaN: true });
    fc.assert(
      fc.property(demands, factors, (demand, factor) => {
        const agents = agentsFor(demand, factor);
        const few = forecast(demand, agents);
        assert.equal(few === null, demand.patienceMs === null && loadOf(demand) >= agents);
        if (few === null) return;
        const more = expected(demand, agents + 1);
        for (const each of [few, more])
          for (const share of [each.occupancy, each.waitProbability, each.abandonProbability])
            assert.ok(share >= -1e-12 && share <= 1 + 1e-12, `${share}`);
        const rounding = 1e-9;
        assert.ok(more.waitProbability <= few.waitProbability + rounding);
        assert.ok(more.meanWaitMs <= few.meanWaitMs * (1 + rounding) + 1e-3);
        let before = -rounding;
        for (const waitMs of [0, 1_000, 30_000, 600_000]) {
          const share = few.answeredWithin(waitMs);
          assert.ok(share >= before - rounding && share <= 1 + rounding, `${share} in ${waitMs} ms`);
          assert.ok(more.answeredWithin(waitMs) >= share - rounding);
          before = share;
        }
      }),
      { numRuns: 300, seed: 115 },
    );
  });

  test("very long patience is no end of it", () => {
    const demand = { callsPerHour: 135, handlingMs: 6 * minuteMs };
    const patient = expected({ ...demand, patienceMs: 1e12 }, 15);
    const endless = expected({ ...demand, patienceMs: null }, 15);
    near(patient.waitProbability, endless.waitProbability, 1e-6, "probability of waiting");
    near(patient.meanWaitMs, endless.meanWaitMs, 10, "mean wait");
    near(patient.answeredWithin(30_000), endless.answeredWithin(30_000), 1e-6, "in 30 s");
  });

  test("a load that agents cannot carry", () => {
    const demand = { callsPerHour: 30, handlingMs: 6 * minuteMs, patienceMs: null };
    assert.equal(loadOf(demand), 3);
    assert.equal(forecast(demand, 3), null);
    assert.ok(forecast(demand, 4));
  });
});

suite("the agents that are needed", () => {
  test("are enough, and one fewer is not", () => {
    for (const callsPerHour of [0.5, 3, 30, 135, 1_000, 20_000]) {
      for (const patienceMs of [null, 30_000, 3 * minuteMs]) {
        const demand = { callsPerHour, handlingMs: 6 * minuteMs, patienceMs };
        const level = (n: number) => forecast(demand, n)?.answeredWithin(30_000) ?? 0;
        const agents = agentsNeeded(demand, { share: 0.75, withinMs: 30_000 }, 20_000);
        assert.ok(agents !== null && level(agents) >= 0.75);
        assert.ok(agents === 1 || level(agents - 1) < 0.75, `${agents} for ${callsPerHour}`);
      }
    }
  });

  test("may be more than there can be", () => {
    const demand = { callsPerHour: 30, handlingMs: 6 * minuteMs, patienceMs: null };
    const target = { share: 0.75, withinMs: 30_000 };
    assert.equal(agentsNeeded(demand, target, 4), null);
    assert.equal(agentsNeeded(demand, target, 5), 5);
  });
});
