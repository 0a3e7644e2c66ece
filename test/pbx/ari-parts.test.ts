import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Chains } from "../../src/pbx/ari/chains.ts";
import { Backoff, pause } from "../../src/pbx/backoff.ts";
import { shortened } from "../../src/pbx/log.ts";
import { Reloads } from "../../src/pbx/reloads.ts";

const gate = () => Promise.withResolvers<void>();

describe("chains of orders", () => {
  it("keep the order of one key, and let others pass", async () => {
    const chains = new Chains();
    const seen: string[] = [];
    const slow = gate();
    chains.run("a", async () => {
      await slow.promise;
      seen.push("a1");
    });
    chains.run("a", async () => void seen.push("a2"));
    chains.run("b", async () => void seen.push("b1"));
    assert.deepEqual(seen, ["b1"], "what can begin begins at once");
    slow.resolve();
    await chains.idle();
    assert.deepEqual(seen, ["b1", "a1", "a2"]);
    assert.equal(chains.size, 0);
  });
});

describe("reloads", () => {
  it("run one at a time; who asks meanwhile shares the next", async () => {
    const gates = [gate(), gate(), gate()];
    let begun = 0;
    const reloads = new Reloads(() => gates[begun++]!.promise, 0);
    const first = reloads.ask();
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(begun, 1);
    const second = [reloads.ask(), reloads.ask(), reloads.ask()];
    assert.equal(new Set(second).size, 1);
    gates[0]!.resolve();
    gates[1]!.resolve();
    await Promise.all([first, ...second]);
    assert.equal(begun, 2);
  });

  it("one that fails does not hold up the next", async () => {
    let count = 0;
    const reloads = new Reloads(async () => {
      count += 1;
      if (count === 1) throw new Error("refused");
    }, 0);
    await assert.rejects(reloads.ask(), /refused/);
    await reloads.ask();
  });

  it("keep a distance", async () => {
    const begun: number[] = [];
    const reloads = new Reloads(async () => void begun.push(performance.now()), 20);
    await reloads.ask();
    await reloads.ask();
    assert.ok(begun[1]! - begun[0]! >= 15);
  });
});

describe("waiting between attempts", () => {
  it("doubles up to the longest, and starts over after a success", () => {
    let chance = 1;
    const backoff = new Backoff(100, 500, () => chance);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => backoff.next()),
      [100, 200, 400, 500, 500],
    );
    backoff.reset();
    chance = 0;
    assert.deepEqual([backoff.next(), backoff.next()], [50, 100], "at least half of it");
  });

  it("ends at once when there is nothing to wait for any more", async () => {
    const stop = new AbortController();
    const waiting = pause(60_000, stop.signal);
    stop.abort();
    await waiting;
    await pause(60_000, stop.signal);
  });
});

it("numbers in the log are shortened", () => {
  assert.deepEqual(
    [shortened("0891234789"), shortened("110"), shortened(null)],
    ["…789", "110", "anonymous"],
  );
});
