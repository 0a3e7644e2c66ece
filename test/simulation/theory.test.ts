import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";
import { ms } from "../../src/core/time.ts";
import { type Demand, forecast } from "../../src/report/erlang.ts";
import { confidence, type Interval, neverSeen, replications } from "./theory/confidence.ts";
import { firstCome } from "./theory/first-come.ts";
import { plainWay } from "./theory/hotline.ts";
import { type Fate, serve } from "./theory/run.ts";
import { type Caller, drawCallers } from "./theory/traffic.ts";

/*
 * The core against queueing theory, in two steps. The real core serves random callers on simulated time, and
 *
 * - how many wait, how long, and how many give up is what Erlang C and Erlang A say (src/report/erlang.ts);
 * - each single caller waits exactly as long as the plain rule "first come, first served" makes them (first-come.ts). That
 *   rule is fast enough for runs so long that chance leaves little room, and they must agree with theory, too.
 *
 * Each case is 20 runs of its own random numbers; the figure of theory must lie in the 99.9 % confidence interval of their
 * mean. The seeds are fixed, so the test gives the same figures every time. If an interval misses, look for the mistake:
 * another seed is no remedy.
 */

type Case = {
  readonly agents: number;
  readonly callsPerHour: number;
  readonly talkMs: number;
  readonly patienceMs: number | null;
  readonly seed: number;
  /** Left out of the figures: the first callers meet an empty hotline. Several times what a full one takes to forget. */
  readonly warmUpCalls: number;
  readonly calls: number;
};

const minuteMs = 60_000;
const talk = { talkMs: 6 * minuteMs, patienceMs: null } as const;
const hurry = { talkMs: 6 * minuteMs, patienceMs: 3 * minuteMs } as const;

const cases: readonly Case[] = [
  { agents: 15, callsPerHour: 30, ...talk, seed: 1, warmUpCalls: 100, calls: 500 },
  { agents: 4, callsPerHour: 30, ...talk, seed: 2, warmUpCalls: 200, calls: 1_800 },
  { agents: 15, callsPerHour: 120, ...talk, seed: 3, warmUpCalls: 400, calls: 1_600 },
  { agents: 15, callsPerHour: 143, ...talk, seed: 4, warmUpCalls: 3_000, calls: 3_000 },
  { agents: 1, callsPerHour: 6, ...talk, seed: 5, warmUpCalls: 100, calls: 1_400 },
  { agents: 2, callsPerHour: 17, ...talk, seed: 6, warmUpCalls: 400, calls: 2_100 },
  { agents: 100, callsPerHour: 920, ...talk, seed: 7, warmUpCalls: 1_000, calls: 2_000 },
  { agents: 15, callsPerHour: 120, ...hurry, seed: 8, warmUpCalls: 200, calls: 1_300 },
  { agents: 15, callsPerHour: 180, ...hurry, seed: 9, warmUpCalls: 200, calls: 1_300 },
  { agents: 2, callsPerHour: 60, ...hurry, seed: 10, warmUpCalls: 100, calls: 900 },
  {
    agents: 50,
    callsPerHour: 2_880,
    talkMs: minuteMs,
    patienceMs: 2 * minuteMs,
    seed: 11,
    warmUpCalls: 500,
    calls: 1_500,
  },
];

/** So many times longer are the runs without the core. */
const longer = 25;

suite("the core does what queueing theory says", () => {
  for (const each of cases)
    test(nameOf(each), (t) => {
      const random = xoroshiro128plus(each.seed);
      compare(
        t,
        each,
        simulate(each, random, (callers, agents) => serveBoth(callers, agents)),
      );
      const long = { ...each, warmUpCalls: 4 * each.warmUpCalls, calls: longer * each.calls };
      compare(
        t,
        long,
        simulate(long, random, (callers, agents) => firstCome(callers, agents)),
      );
    });
});

suite("how agents are rung, and wrap-up, do not change who is served first", () => {
  const demand = { callsPerHour: 40, handlingMs: 6 * minuteMs, patienceMs: 5 * minuteMs };
  for (const strategy of ["longest-idle", "ring-all"] as const)
    for (const wrapUpMs of [ms(0), ms(30_000)])
      test(`${strategy}, wrap-up ${wrapUpMs / 1000} s`, () => {
        const callers = drawCallers(demand, 3_000, xoroshiro128plus(12));
        const fates = serveBoth(callers, 4, { strategy, wrapUpMs });
        assert.ok(fates.some(({ answered }) => !answered) && fates.some(({ waitMs }) => waitMs > 0));
      });
});

function nameOf({ agents, callsPerHour, talkMs, patienceMs }: Case): string {
  const load = ((callsPerHour * talkMs) / 3_600_000 / agents).toFixed(3);
  const patience = patienceMs === null ? "all wait" : `patience ${patienceMs / minuteMs} min`;
  return `${agents} agents, ${callsPerHour} calls/h of ${talkMs / minuteMs} min, load ${load}, ${patience}`;
}

type Serve = (callers: readonly Caller[], agents: number) => Fate[];

/** Nothing is random about the callers' fates: they follow from the order of arrival alone. */
function serveBoth(callers: readonly Caller[], agents: number, way = plainWay): Fate[] {
  const fates = serve(callers, agents, way);
  assert.deepEqual(fates, firstCome(callers, agents, way.wrapUpMs));
  return fates;
}

const waits = ({ waitMs }: Fate) => (waitMs > 0 ? 1 : 0);
const waitSeconds = ({ waitMs }: Fate) => waitMs / 1000;
const givesUp = ({ answered }: Fate) => (answered ? 0 : 1);
/** Given up, or answered too late for the target. */
const misses = ({ answered, waitMs }: Fate) => (answered && waitMs <= 30_000 ? 0 : 1);
const figures = [waits, waitSeconds, givesUp, misses] as const;

/** The means over the callers after the warm-up, of each figure, run by run. */
function simulate({ agents, warmUpCalls, calls, ...each }: Case, random: JumpableRandomGenerator, by: Serve) {
  const means = figures.map((): number[] => []);
  for (let run = 0; run < replications; run++) {
    // A jump is further than any run goes, so no two runs share random numbers.
    random.jump();
    const callers = drawCallers(demandOf(each), warmUpCalls + calls, random.clone());
    const fates = by(callers, agents).slice(warmUpCalls);
    for (const [i, figure] of figures.entries())
      means[i]!.push(fates.reduce((sum, fate) => sum + figure(fate), 0) / calls);
  }
  return means as [waits: number[], waitSeconds: number[], givesUp: number[], misses: number[]];
}

const demandOf = (each: Pick<Case, "callsPerHour" | "talkMs" | "patienceMs">): Demand => ({
  callsPerHour: each.callsPerHour,
  handlingMs: each.talkMs,
  patienceMs: each.patienceMs,
});

function compare(t: TestContext, each: Case, means: ReturnType<typeof simulate>): void {
  const theory = forecast(demandOf(each), each.agents);
  assert.ok(theory, "stable");
  const [waited, waitedSeconds, gaveUp, missed] = means;
  const share = (shares: readonly number[]) =>
    shares.every((one) => one === 0) ? neverSeen(each.calls * replications) : confidence(shares);
  check(t, "probability of waiting", theory.waitProbability, share(waited));
  check(t, "not answered in 30 s", 1 - theory.answeredWithin(30_000), share(missed));
  if (each.patienceMs !== null) check(t, "given up", theory.abandonProbability, share(gaveUp));
  // Where nobody waited there is nothing to be said about how long.
  if (waited.some((one) => one > 0))
    check(t, "mean wait in s", theory.meanWaitMs / 1000, confidence(waitedSeconds));
}

function check(t: TestContext, what: string, theory: number, { mean, low, high }: Interval): void {
  const digits = (figure: number) => figure.toPrecision(4);
  const text = `${what}: theory ${digits(theory)}, simulated ${digits(mean)} [${digits(low)}, ${digits(high)}]`;
  t.diagnostic(text);
  assert.ok(low <= theory && theory <= high, text);
}
