/**
 * The whole machine stands still for a while, as a suspended or paused virtual machine does, and then goes on: Asterisk, the daemon and
 * the guard are stopped at once, and go on in this or that order, while the world outside has not stood still. That the clock which counts
 * durations stops as well when a machine is suspended is another matter: then the clock on the wall has been set forward, see clock.test.ts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { testAftermath } from "../support/aftermath.ts";
import { endedCalls } from "../support/conversation.ts";
import { hearsSomething } from "../support/hears.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import { linesOf } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();
const stillMs = 16_000;

type Part = "asterisk" | "daemon" | "guard";

const pidOf = (part: Part): number => {
  if (part === "guard") return Number(readFileSync(join(system.home, "service/guard/supervise/pid"), "utf8"));
  return part === "daemon" ? daemonPid(system) : asteriskPid(system);
};

/** Some seconds between two parts that go on: a machine that comes back has a lot to read from its disk. */
const orders: readonly (readonly [name: string, order: readonly (Part | number)[]])[] = [
  ["all at once", ["guard", "daemon", "asterisk"]],
  ["the guard long before the daemon", ["guard", "asterisk", 6_000, "daemon"]],
  ["the daemon before Asterisk", ["daemon", "guard", 500, "asterisk"]],
];

for (const [index, [name, order]] of orders.entries())
  test(`the machine stands still, then goes on, ${name}: so do all calls, and nobody is blamed`, {
    timeout: 120_000,
  }, async (context) => {
    const [talker, picker] = [`48${index}`, `49${index}`];
    await system.change(
      "hotline",
      "set",
      "demo",
      "--wrap-up",
      "0s",
      "--ring-timeout",
      "12s",
      "--auto-pause",
      "1",
    );
    const phone = await system.agent(talker);
    const talking = await system.call("115", { from: "+493611" });
    const rung = await phone.nextCall();
    await rung.answer();
    await system.waitForAgent(talker, "talking");
    const other = await system.agent(picker);
    const ringing = await system.call("115", { from: "+493612" });
    const picked = await other.nextCall();
    const waiting = [];
    for (const from of ["+493613", "+493614"]) {
      waiting.push(await system.call("115", { from }));
      await system.waitFor(`${from} waits`, ({ calls }) => calls.length === waiting.length + 2);
    }
    const pids = { daemon: pidOf("daemon"), asterisk: pidOf("asterisk") };
    const connected = () => system.log("daemon").split('"connected to Asterisk"').length;
    const before = connected();

    for (const part of ["guard", "asterisk", "daemon"] as const) process.kill(pidOf(part), "SIGSTOP");
    // Longer than the phone may ring, and it is picked up meanwhile.
    await pause(stillMs / 2);
    await picked.answer();
    await pause(stillMs / 2);
    for (const step of order) {
      if (typeof step === "number") await pause(step);
      else process.kill(pidOf(step), "SIGCONT");
    }
    const goneOnMs = performance.now();
    await system.waitForAgent(picker, "talking", 15_000);
    context.diagnostic(
      `picked up: talks ${Math.round(performance.now() - goneOnMs)} ms after; connected anew ${connected() - before} times`,
    );
    await system.waitFor(
      "nothing is wrong",
      ({ pbx, alarms }) => pbx.connected && alarms.length === 0,
      20_000,
    );
    assert.deepEqual({ daemon: pidOf("daemon"), asterisk: pidOf("asterisk") }, pids, "nobody was killed");
    for (const call of [talking, rung, ringing, picked, ...waiting]) assert.equal(call.state, "answered");
    for (const call of waiting) await hearsSomething(call);

    rung.hangUp();
    await talking.ended();
    for (const [place, from] of ["+493613", "+493614"].entries()) {
      const next = await phone.nextCall();
      assert.equal(next.callerNumber, from, "in the order of arrival");
      await next.answer();
      await system.waitForAgent(talker, "talking");
      next.hangUp();
      await waiting[place]!.ended();
    }
    picked.hangUp();
    await ringing.ended();
    for (const id of [talker, picker]) await system.waitForAgent(id, "ready");
    const calls = await endedCalls(system, 4);
    for (const { id, outcome } of calls) {
      assert.equal(outcome, "answered");
      const story = linesOf(await system.api.call(id));
      assert.ok(!story.some((line) => /no_answer|unreachable/.test(line)), story.join("\n"));
    }
    for (const id of [talker, picker]) await system.change("agent", "logout", id);
  });

testAftermath(system, {
  // The connections were silent for so long that they are not trusted any more.
  daemon: [/"part":"pbx"/, /alarm/],
  asterisk: [/ws_safe_read: /, /session_read: WebSocket read error/],
});
