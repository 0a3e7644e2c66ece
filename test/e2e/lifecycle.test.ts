/** Starting, stopping and dying: what the two processes do to the calls, and to each other. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import { poll } from "../support/process.ts";
import { System, useSystem } from "../support/system.ts";

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
    const [waitingCall] = await system.api.calls(1, null);

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

    rung.hangUp();
    await talking.ended();
    const next = await phone.nextCall();
    assert.equal(next.callerNumber, "+493612");
    await next.answer();
    await system.waitForAgent(id, "talking");
    next.hangUp();
    await waiting.ended();
    const calls = await system.api.calls(2, null);
    assert.deepEqual(
      calls.map(({ outcome }) => outcome),
      ["answered", "answered"],
    );
    assert.equal(calls[0]?.id, waitingCall?.id);
    assert.equal(calls[0]?.arrivedAt, waitingCall?.arrivedAt, "the place and the waiting time are kept");
    await system.change("agent", "logout", id);
  });
}

test("Asterisk is killed: its calls are in the record, and it works again without help", {
  timeout: 90_000,
}, async () => {
  const phone = await system.agent("341");
  const talking = await system.call();
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("341", "talking");
  process.kill(asteriskPid(system), "SIGKILL");
  await system.waitFor("the loss is noticed", ({ pbx }) => !pbx.connected, 15_000);
  talking.vanish();
  rung.vanish();
  await system.waitFor("it is back", ({ pbx, calls }) => pbx.connected && calls.length === 0, 40_000);
  const [lost] = await system.api.calls(1, null);
  assert.equal(lost?.outcome, "answered");
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
  const drained = system.down("--drain");
  call.hangUp();
  assert.equal((await drained).exitCode, 0);
  await system.up();
  await system.waitFor("it is up", ({ pbx }) => pbx.connected);
});

test("a second daemon on the same home is refused with one line", async () => {
  const { exitCode, stderr } = await system.hotline("serve");
  assert.equal(exitCode, 1);
  assert.match(
    stderr.trim(),
    /^hotline: A daemon runs for this home already \(pid \d+ holds .*\)\. Stop it first: scripts\/down$/,
  );
  assert.equal((await system.api.status()).pbx.connected, true);
});

test("a port that is in use is named, and nothing is started", { timeout: 60_000 }, async (t) => {
  const other = new System();
  t.after(() => other.remove(false));
  const holder = createSocket("udp4");
  t.after(() => holder.close());
  await other.takePorts();
  holder.bind({ address: "127.0.0.1", port: other.sipPort, exclusive: true });
  await once(holder, "listening");
  await assert.rejects(other.up(), (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`port ${other.sipPort}/udp \\(sip\\.port\\) on 127\\.0\\.0\\.1 is in use by `),
    );
    return true;
  });
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
  assert.match(add.stderr, /^hotline: Agent 351 is added, but Asterisk does not know the phone yet/);
  await sv("up");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected, 30_000);
});

testAftermath(system, {
  daemon: [
    /"the connection to Asterisk is lost"/,
    /"not connected to (Asterisk|AMI), trying again"/,
    /"Asterisk shuts down"/,
  ],
  asterisk: [/ws_safe_read: Web socket closed abruptly/, /session_read: WebSocket read error/],
});
