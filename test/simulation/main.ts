import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type ManySeeds, playMany } from "./many.ts";
import { scenarioOf } from "./scenario.ts";
import { type Failure, Player } from "./seeds.ts";

const usage = `scripts/simulate [--seeds 2000] [--from 1] [--jobs CORES] [--json]   plays that many seeds
scripts/simulate --replay SEED                                       plays one seed and tells all that happens`;

/** Exit codes: 0 all is well, 1 a rule was broken, 2 wrong use. */
async function main(): Promise<number> {
  const wanted = wantedOf(process.argv.slice(2));
  if (!wanted) {
    console.error(usage);
    return 2;
  }
  return wanted.replay === null ? simulate(wanted) : replay(wanted.replay);
}

function wantedOf(args: string[]): (ManySeeds & { replay: number | null; json: boolean }) | null {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: "string", default: "2000" },
        from: { type: "string", default: "1" },
        jobs: { type: "string", default: String(availableParallelism()) },
        json: { type: "boolean", default: false },
        replay: { type: "string" },
      },
    });
    const number = (text: string) => {
      if (!/^\d+$/.test(text) || Number(text) < 1) throw new Error(`${text} is not a number above 0`);
      return Number(text);
    };
    return {
      count: number(values.seeds),
      from: number(values.from),
      jobs: number(values.jobs),
      json: values.json,
      replay: values.replay === undefined ? null : number(values.replay),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function replay(seed: number): Promise<number> {
  const player = new Player();
  const { trace, violation } = await player.play(seed, scenarioOf(seed), true);
  await player.close();
  for (const line of trace) console.log(line);
  return violation ? 1 : 0;
}

async function simulate(wanted: ManySeeds & { json: boolean }): Promise<number> {
  const startedMs = performance.now();
  const perSecond = (seeds: number) => ((seeds * 1000) / (performance.now() - startedMs)).toFixed(0);
  let toldMs = startedMs;
  const { seeds, counts, failure } = await playMany({
    ...wanted,
    progress: (done) => {
      if (wanted.json || performance.now() - toldMs < 10_000) return;
      toldMs = performance.now();
      console.log(`${done} of ${wanted.count} seeds, ${perSecond(done)} a second`);
    },
  });
  if (wanted.json) {
    console.log(JSON.stringify({ seeds, counts, failure }));
    return failure ? 1 : 0;
  }
  const { steps, orders, calls, kills, restarts } = counts;
  console.log(
    `${seeds} seeds, ${perSecond(seeds)} a second: ${calls} calls, ${steps} events, ${orders} orders, ` +
      `${kills} kills of the daemon, ${restarts} restarts of Asterisk`,
  );
  if (!failure) return 0;
  console.log(describeFailure(failure));
  return 1;
}

function describeFailure({ seed, violation, moves, trace }: Failure): string {
  const title = `Seed ${seed} breaks the rule "${violation.rule}", shortened to ${moves} moves:`;
  return ["", title, "", ...trace, "", `All of it: scripts/simulate --replay ${seed}`].join("\n");
}

process.exitCode = await main();
