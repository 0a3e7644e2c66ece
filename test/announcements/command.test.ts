import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runCommand } from "../../src/announcements/command.ts";
import { inTurn, limitTo } from "../../src/announcements/limit.ts";
import { script, tempFolder } from "./support.ts";

const options = { input: "", timeoutMs: 10_000, maxOutputBytes: 1000 };

test("a command that hangs is ended, also when a child of it holds on to its output", async (t) => {
  const hangs = script(tempFolder(t), "hangs", "sleep 5 & wait");
  const began = performance.now();
  const result = await runCommand(hangs, [], { ...options, timeoutMs: 200 });
  assert.ok(performance.now() - began < 3000);
  assert.match(result.ok ? "" : result.reason, /took longer than 0.2 s$/);
});

test("a command that writes without end is ended", async () => {
  const result = await runCommand("yes", [], options);
  assert.match(result.ok ? "" : result.reason, /yes wrote too much/);
});

test("input and arguments reach a command as they are, and no shell sees them", async (t) => {
  const trace = join(tempFolder(t), "trace");
  const echoed = await runCommand("echo", [`$(touch ${trace})`, `;touch ${trace}`], options);
  assert.equal(echoed.ok && echoed.stdout.toString(), `$(touch ${trace}) ;touch ${trace}\n`);
  const copied = await runCommand("cat", [], { ...options, input: "Grüße" });
  assert.equal(copied.ok && copied.stdout.toString(), "Grüße");
  assert.ok(!existsSync(trace));
});

test("a command that does not read its input is judged by how it ended", async () => {
  assert.equal((await runCommand("true", [], { ...options, input: "x".repeat(1_000_000) })).ok, true);
  const failed = await runCommand("false", [], { ...options, input: "x".repeat(1_000_000) });
  assert.match(failed.ok ? "" : failed.reason, /false failed \(1\)/);
});

test("no more than so many tasks run at once, and one that fails gives its place free", async () => {
  const limit = limitTo(2);
  let running = 0;
  let most = 0;
  const task = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    throw new Error("failed");
  };
  const results = await Promise.allSettled(Array.from({ length: 9 }, () => limit(task)));
  assert.ok(results.every(({ status }) => status === "rejected"));
  assert.equal(most, 2);
});

test("tasks of one key run one after the other, those of others beside them", async () => {
  const turn = inTurn();
  const order: string[] = [];
  const task = (name: string, ms: number) => async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    order.push(name);
    if (name === "a1") throw new Error("failed");
  };
  await Promise.allSettled([turn("a", task("a1", 60)), turn("a", task("a2", 0)), turn("b", task("b1", 0))]);
  assert.deepEqual(order, ["b1", "a1", "a2"]);
});
