import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { after, test } from "node:test";
import { playMany } from "./many.ts";
import { scenarioOf } from "./scenario.ts";
import { Player } from "./seeds.ts";
import { shrink } from "./shrink.ts";

const player = new Player();
after(() => player.close());

test("thousands of seeds break no rule", { timeout: 300_000 }, async () => {
  const { seeds, counts, failure } = await playMany({ from: 1, count: 3_000, jobs: availableParallelism() });
  const told = failure && `seed ${failure.seed}, ${failure.violation.rule}\n${failure.trace.join("\n")}`;
  assert.equal(told, null);
  assert.equal(seeds, 3_000);
  // That nothing happened would be no success.
  assert.ok(counts.kills > 1_000 && counts.restarts > 300 && counts.calls > 15_000, JSON.stringify(counts));
});

test("a seed replays exactly, whatever was played before it", async () => {
  for (const seed of [7, 32, 517]) {
    const first = await player.play(seed, scenarioOf(seed), true);
    await player.play(seed + 1, scenarioOf(seed + 1), false);
    const second = await player.play(seed, scenarioOf(seed), true);
    assert.ok(first.trace.length > 50);
    assert.equal(second.trace.join("\n"), first.trace.join("\n"));
  }
});

test("it is the same with the store's own writing thread", { timeout: 120_000 }, async () => {
  const threaded = new Player(true);
  for (const seed of [7, 32, 517]) {
    const alone = await player.play(seed, scenarioOf(seed), true);
    const beside = await threaded.play(seed, scenarioOf(seed), true);
    assert.equal(beside.trace.join("\n"), alone.trace.join("\n"));
  }
  const { failure, counts } = await threaded.playSeeds(1, 150);
  await threaded.close();
  assert.equal(failure, null);
  assert.ok(counts.kills > 50, JSON.stringify(counts));
});

test("shrinking leaves what is needed and nothing else", async () => {
  const items = Array.from({ length: 100 }, (_, n) => n);
  const needed = [3, 50, 51, 98];
  const left = await shrink(items, async (some) => needed.every((n) => some.includes(n)), 1_000);
  assert.deepEqual(left, needed);
});
