/**
 * A bug takes the daemon down again and again. After the third time within a minute it starts without the call that it is about:
 * everybody else is served, conversations go on, and what was set aside is in the record once.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import type { CallView } from "../../src/api/schemas.ts";
import { homePaths } from "../../src/config/paths.ts";
import { plantBug, removeBug, withBug } from "../support/bug.ts";
import type { Call } from "../support/call.ts";
import { expectNothingLeft } from "../support/clean.ts";
import type { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { killForGood, supervise } from "../support/services.ts";
import { linesOf } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

withBug();
const system = useSystem();
const died = () => (system.log("daemon").match(/"the daemon had died: this is a bug"/g) ?? []).length;
let phone: Phone;

/** The crashes of one test are not those of the next, whose minute is not over. */
async function forgetCrashes(): Promise<void> {
  await supervise(system, "down", "daemon");
  const { daemonCrashes } = homePaths(system.home);
  const { bootId } = JSON.parse(readFileSync(daemonCrashes, "utf8"));
  writeFileSync(daemonCrashes, JSON.stringify({ bootId, crashes: [], tried: [], told: null }));
  await supervise(system, "up", "daemon");
  await system.waitFor("it is up", ({ pbx, alarms }) => pbx.connected && alarms.length === 0, 20_000);
}

/** With a new phone. The old one left at the end of the test before, and until that is known the agent counts as ready. */
async function agentIsThere(): Promise<void> {
  await system.waitForAgent("391", "offline");
  phone = await system.phone("391");
  await system.waitForAgent("391", "ready");
}

/** One talks, two wait. */
async function threeCallers(): Promise<{
  talking: Call;
  rung: Call;
  bad: Call;
  good: Call;
  badId: string;
  goodId: string;
}> {
  const talking = await system.call("115", { from: "+493611" });
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("391", "talking");
  const bad = await system.call("115", { from: "+493616" });
  await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  const good = await system.call("115", { from: "+493617" });
  await system.waitFor("two wait", ({ hotlines }) => hotlines[0]?.waiting === 2);
  return {
    talking,
    rung,
    bad,
    good,
    badId: (await recorded("+493616")).id,
    goodId: (await recorded("+493617")).id,
  };
}

/** The call of this test from there, as soon as it is on disk: then a daemon that is killed has not forgotten it. */
const recorded = (number: string): Promise<CallView> =>
  system.waitForCall(
    `${number} is on record`,
    ({ from, arrivedAt }) => from === number && arrivedAt >= begun,
  );

/** It is that caller's turn, who is served to the end. */
async function serves(number: string, caller: Call): Promise<void> {
  const next = await phone.nextCall();
  assert.equal(next.callerNumber, number, "in the order of arrival");
  await next.answer();
  await system.waitForAgent("391", "talking");
  next.hangUp();
  await caller.ended();
}

/** All of them in the record once; its outcome. */
async function outcomes(...numbers: string[]): Promise<(string | null)[]> {
  const ended = (calls: CallView[]) => calls.every(({ outcome }) => outcome !== null);
  const calls = await poll("all have their outcome", 10_000, async () => {
    const all = (await system.api.calls(100, null)).filter(({ arrivedAt }) => arrivedAt >= begun);
    return ended(all) ? all : undefined;
  });
  assert.equal(calls.length, numbers.length, JSON.stringify(calls, null, 1));
  return numbers.map((number) => calls.find(({ from }) => from === number)?.outcome ?? null);
}
let begun = "";

test("an agent comes to work", { timeout: 60_000 }, async () => {
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  phone = await system.agent("391");
});

for (const how of ["throw", "segv"] as const)
  test(`each thing about one caller ends the daemon (${how}): that caller goes to the fallback, the others are served`, {
    timeout: 90_000,
  }, async (context) => {
    begun = new Date().toISOString();
    await agentIsThere();
    const { talking, rung, bad, good, badId } = await threeCallers();
    const before = died();
    const begunMs = performance.now();
    plantBug(system.home, { on: badId, how });
    // Something happens about that caller: it strikes for the first time.
    await killForGood(system);
    await supervise(system, "up", "daemon");
    const { alarms } = await system.waitFor(
      "it runs without that call",
      (status) => status.pbx.connected && status.alarms.some(({ code }) => code === "crash_loop"),
      40_000,
    );
    context.diagnostic(`alarm ${Math.round(performance.now() - begunMs)} ms after the first crash`);
    assert.equal(died() - before, 3);
    assert.match(alarms[0]!.message, new RegExp(`without the call ${badId}`));
    assert.equal(talking.state, "answered", "the conversation goes on");
    const { by } = await bad.ended(15_000);
    assert.equal(by, "them", "heard the apology");
    rung.hangUp();
    await talking.ended();
    await serves("+493617", good);
    // And everybody who calls from now on.
    await serves("+493618", await system.call("115", { from: "+493618" }));
    assert.deepEqual(await outcomes("+493611", "+493616", "+493617", "+493618"), [
      "answered",
      "failed",
      "answered",
      "answered",
    ]);
    const story = linesOf(await system.api.call(badId));
    assert.equal(story.filter((line) => line.startsWith("ended")).length, 1, story.join("\n"));
    assert.equal(died() - before, 3, "it has not died since");
    assert.ok(reports().some((text) => text.includes(badId)));
    removeBug(system.home);
    await expectNothingLeft(system);
    await forgetCrashes();
  });

test("what ends the daemon is in no call's name: who waits is taken in anew, in order", {
  timeout: 90_000,
}, async () => {
  begun = new Date().toISOString();
  await agentIsThere();
  const { talking, rung, bad, good } = await threeCallers();
  const arrived = new Map((await system.api.calls(2, null)).map(({ id, arrivedAt }) => [id, arrivedAt]));
  plantBug(system.home, { on: "pbx_snapshot", how: "throw" });
  await killForGood(system);
  await supervise(system, "up", "daemon");
  const { daemonCrashes } = homePaths(system.home);
  await poll("it starts without them", 40_000, () =>
    readFileSync(daemonCrashes, "utf8").includes("taken_anew") ? true : undefined,
  );
  removeBug(system.home);
  await system.waitFor("they wait again", ({ hotlines }) => hotlines[0]?.waiting === 2, 20_000);
  for (const { id, arrivedAt } of await system.api.calls(2, null)) {
    const offMs = Date.parse(arrivedAt) - Date.parse(arrived.get(id) ?? "");
    assert.ok(Math.abs(offMs) < 2_000, `arrived ${offMs} ms later than before`);
  }
  assert.equal(talking.state, "answered", "the conversation goes on");
  rung.hangUp();
  await talking.ended();
  await serves("+493616", bad);
  await serves("+493617", good);
  assert.deepEqual(await outcomes("+493611", "+493616", "+493617"), ["answered", "answered", "answered"]);
  await expectNothingLeft(system);
  await forgetCrashes();
});

test("what is on record of two calls is unusable: one is served all the same, one has failed, the others never notice", {
  timeout: 90_000,
}, async () => {
  begun = new Date().toISOString();
  await agentIsThere();
  const { talking, rung, bad, good, badId, goodId } = await threeCallers();
  const gone = await system.call("115", { from: "+493619" });
  await system.waitFor("three wait", ({ hotlines }) => hotlines[0]?.waiting === 3);
  const { id: goneId } = await recorded("+493619");
  await killForGood(system);
  gone.hangUp();
  await gone.ended();
  const db = new Database(join(system.home, "hotline.db"));
  db.prepare("UPDATE live_calls SET call = json_remove(call, '$.due') WHERE id = ?").run(badId);
  db.prepare("UPDATE live_calls SET call = '{}' WHERE id = ?").run(goneId);
  db.close();
  await supervise(system, "up", "daemon");
  const { alarms } = await system.waitFor("it is up", ({ pbx }) => pbx.connected, 20_000);
  assert.deepEqual(
    alarms.map(({ code }) => code),
    ["live_calls"],
  );
  assert.match(alarms[0]!.message, /of 2 live call\(s\)/);
  assert.equal(talking.state, "answered");
  rung.hangUp();
  await talking.ended();
  await serves("+493616", bad);
  await serves("+493617", good);
  assert.deepEqual(await outcomes("+493611", "+493616", "+493617", "+493619"), [
    "answered",
    "answered",
    "answered",
    "failed",
  ]);
  assert.ok(reports().some((text) => text.includes(badId) && !text.includes("+493616")));
  assert.ok(goodId);
  await expectNothingLeft(system);
});

test("killing it is no bug, however often", { timeout: 60_000 }, async () => {
  const before = died();
  for (let times = 0; times < 4; times++) {
    await killForGood(system);
    await supervise(system, "up", "daemon");
    await system.waitFor("it is up", ({ pbx }) => pbx.connected, 20_000);
  }
  assert.equal(died(), before);
  const { alarms } = await system.api.status();
  assert.deepEqual(alarms, []);
});

function reports(): string[] {
  const folder = join(homePaths(system.home).logs, "faults");
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
}
