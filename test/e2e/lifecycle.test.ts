/** Starting, stopping and dying: what the two processes do to the calls, and to each other. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { homePaths, programFolder } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import { hearsSomething } from "../support/hears.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import { poll } from "../support/process.ts";
import { useSystem } from "../support/system.ts";
import { tone } from "../support/tones.ts";

const system = useSystem();

for (const [index, signal] of (["SIGTERM", "SIGKILL"] as const).entries()) {
  test(`the daemon gets ${signal}: nobody notices, and who waits is next`, { timeout: 60_000 }, async () => {
    const id = String(331 + index);
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
    const phone = await system.agent(id);
    const talking = await system.call("115", { from: "+493611" });
    const rung = await phone.nextCall();
    await rung.answer();
    await system.waitForAgent(id, "talking");
    const waiting = await system.call("115", { from: "+493612" });
    await waiting.answered();
    await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
    const waitingCall = await runningCall(system, "+493612");

    const before = daemonPid(system);
    process.kill(before, signal);
    await poll("another daemon runs", 20_000, () => {
      const pid = Number(readFileSync(homePaths(system.home).daemonPid, "utf8"));
      return pid !== before || undefined;
    });
    await system.waitFor(
      "both calls are taken over",
      ({ pbx, calls }) => pbx.connected && calls.length === 2,
    );
    assert.equal(talking.state, "answered");
    assert.equal(waiting.state, "answered");
    await hearsSomething(waiting);

    rung.hangUp();
    await talking.ended();
    const next = await phone.nextCall();
    assert.equal(next.callerNumber, "+493612");
    await next.answer();
    await system.waitForAgent(id, "talking");
    next.hangUp();
    await waiting.ended();
    const { arrivedAt, outcome } = await system.waitForCall(
      "it is over",
      (call) => call.id === waitingCall.id && call.outcome !== null,
    );
    assert.equal(outcome, "answered");
    assert.equal(arrivedAt, waitingCall.arrivedAt, "the place and the waiting time are kept");
    assert.deepEqual(
      (await system.api.calls(2, null)).map((call) => call.outcome),
      ["answered", "answered"],
    );
    await system.change("agent", "logout", id);
  });
}

test("the daemon is killed in the middle of a late announcement: it is cut off, and an agent is connected at once", {
  timeout: 90_000,
}, async () => {
  const cutOff = 700;
  const agentHertz = 1_000;
  await announceTone(system, "waiting_1", 500, 500);
  await announceTone(system, "waiting_2", cutOff, 40_000);
  const settings = ["--wrap-up", "0s"];
  await system.change(
    "hotline",
    "set",
    "demo",
    ...settings,
    "--periodic",
    `${"waiting_1 1s, ".repeat(5)}waiting_2 1s`,
  );
  const phone = await system.agent("335", { sound: tone(agentHertz) });
  await system.change("agent", "pause", "335");
  const call = await system.call("115", { from: "+493613" });
  await call.hears(cutOff, 40_000);
  const pid = daemonPid(system);
  process.kill(pid, "SIGKILL");
  await poll("another daemon runs", 20_000, () => daemonPid(system) !== pid || undefined);
  await system.waitFor("the call is taken over", ({ pbx, calls }) => pbx.connected && calls.length === 1);
  await system.change("agent", "resume", "335");
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("335", "talking", 3_000);
  await call.hears(agentHertz, 3_000);
  call.hangUp();
  await rung.ended();
  await system.change("hotline", "set", "demo", "--periodic", "none");
  await system.change("agent", "logout", "335");
});

test("Asterisk is killed: its calls are in the record, and it works again without help", {
  timeout: 90_000,
}, async () => {
  const phone = await system.agent("341");
  const talking = await system.call();
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("341", "talking");
  const waiting = await system.call("115", { from: "+493614" });
  await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  // What was ordered for the caller is done; else its failing would be told, rightly.
  await waiting.answered();
  await hearsSomething(waiting);
  process.kill(asteriskPid(system), "SIGKILL");
  const diedMs = Date.now();
  await system.waitFor("the loss is noticed", ({ pbx }) => !pbx.connected, 15_000);
  for (const call of [talking, rung, waiting]) call.vanish();
  await system.waitFor("it is back", ({ pbx, calls }) => pbx.connected && calls.length === 0, 40_000);
  await endedCall(system, "+493614");
  const lost = await system.api.calls(2, null);
  assert.deepEqual(
    lost.map(({ outcome, endedBy, agent }) => ({ outcome, endedBy, agent })),
    [
      { outcome: "failed", endedBy: "pbx_lost", agent: null },
      { outcome: "answered", endedBy: "pbx_lost", agent: "341" },
    ],
  );
  for (const { arrivedAt, waitMs, talkMs } of lost) {
    const endedMs = Date.parse(arrivedAt) + (waitMs ?? 0) + (talkMs ?? 0);
    assert.ok(Math.abs(endedMs - diedMs) < 1_000, "they ended when it died, not when it was back");
  }
  await phone.register();
  await system.waitForAgent("341", "ready", 20_000);
  const call = await system.call();
  await (await phone.nextCall()).answer();
  await system.waitForAgent("341", "talking");
  call.hangUp();
  await call.ended();
  await system.change("agent", "logout", "341");
});

test("scripts/up again and scripts/down while somebody talks: nothing happens to the call", {
  timeout: 90_000,
}, async () => {
  const phone = await system.agent("342");
  const call = await system.call();
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("342", "talking");
  await system.up();
  const { exitCode, stderr } = await system.down();
  assert.equal(exitCode, 1);
  assert.match(stderr, /1 call/);
  assert.equal(call.state, "answered");
  const drain = spawn(join(programFolder, "scripts/down"), ["--drain"], {
    env: { ...process.env, HOTLINE_HOME: system.home },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const drained = once(drain, "exit");
  let said = "";
  drain.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await poll(
    "it waits",
    10_000,
    () => said.includes("waiting for 1 call") || undefined,
    () => said,
  );
  assert.equal(call.state, "answered");
  assert.equal(await system.agentState("342"), "talking");
  call.hangUp();
  assert.deepEqual(await drained, [0, null]);
  expectNothingRuns(system.home);
  await system.up();
  await system.waitFor("it is up", ({ pbx }) => pbx.connected);
});

test("scripts/down --force ends the calls, and they are in the record when it is up again", {
  timeout: 90_000,
}, async () => {
  const phone = await system.agent("343");
  const call = await system.call("115", { from: "+493613" });
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("343", "talking");
  const { exitCode } = await system.down("--force");
  assert.equal(exitCode, 0);
  assert.equal((await call.ended()).by, "them");
  assert.equal((await rung.ended()).by, "them");
  expectNothingRuns(system.home);
  assert.match((await system.down()).stderr, /is not running/);

  await system.up();
  const [record] = await system.api.calls(1, null);
  assert.deepEqual(
    { from: record?.from, outcome: record?.outcome, agent: record?.agent },
    { from: "+493613", outcome: "answered", agent: "343" },
  );
  await system.change("agent", "logout", "343");
});

test("Asterisk is not running: status says so, and what needs it is refused clearly", {
  timeout: 60_000,
}, async () => {
  const service = join(system.home, "service/asterisk");
  const sv = async (order: string) => {
    const [code] = await once(spawn("sv", ["-w", "20", order, service], { stdio: "ignore" }), "exit");
    return code as number;
  };
  await sv("down");
  await system.waitFor("the loss is noticed", ({ pbx }) => !pbx.connected, 15_000);
  const status = await system.hotline("status");
  assert.equal(status.exitCode, 0);
  assert.match(status.stdout, /^Asterisk: +NOT CONNECTED +no call can be taken$/m);
  const add = await system.hotline("agent", "add", "351", "--name", "Spät", "--yes");
  assert.equal(add.exitCode, 1);
  assert.match(add.stderr, /^hotline: Asterisk is not connected, so agent 351 was not added/);
  assert.ok(!(await system.api.agents()).some(({ id }) => id === "351"), "nothing is half done");
  await sv("up");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected, 30_000);
});

testAftermath(system, {
  daemon: [
    /"the connection to Asterisk is lost"/,
    /"not connected to (Asterisk|AMI), trying again"/,
    /"Asterisk shuts down"/,
    /"alarm":"(asterisk|ami)"/,
  ],
  asterisk: [/ws_safe_read: Web socket closed abruptly/, /session_read: WebSocket read error/],
});

/** No process of this home, and nothing mounted for it. What starts, watches and tests it is not of it. */
function expectNothingRuns(home: string): void {
  const read = (pid: string, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "latin1").replaceAll("\0", " ");
    } catch {
      return ""; // Ended meanwhile.
    }
  };
  const running = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => ({ pid, command: read(pid, "cmdline"), environment: read(pid, "environ") }))
    .filter(({ command, environment }) => `${command} ${environment}`.includes(home))
    .filter(({ command }) => !command.includes("read -r word"))
    .map(({ pid, command }) => `${pid} ${command}`);
  assert.deepEqual(running, []);
  assert.ok(!readFileSync("/proc/mounts", "utf8").includes(home), "something is mounted");
}
