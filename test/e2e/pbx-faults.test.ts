/** Asterisk frozen, and connections to it that are cut or go dead: noticed, shown, and over without help. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Status } from "../../src/api/schemas.ts";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import type { Call } from "../support/call.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import type { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { useSystem } from "../support/system.ts";
import { Wire } from "../support/wire.ts";

const system = useSystem();

/** The issue of a fault must be seen within this. */
const noticedMs = 10_000;

/** But for the plan for the time without the daemon: it may be on its way in the very moment. */
const alarmsOf = ({ alarms }: Status) =>
  alarms
    .map(({ code }) => code)
    .filter((code) => code !== "fallback")
    .toSorted();
const timesConnected = () => system.log("daemon").split('"connected to Asterisk"').length - 1;

/** One talks, one waits. */
async function twoCalls(id: string): Promise<{ phone: Phone; talking: Call; rung: Call; waiting: Call }> {
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  const phone = await system.agent(id);
  const talking = await system.call();
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent(id, "talking");
  const waiting = await system.call("115", { from: "+493615" });
  await waiting.answered();
  await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  return { phone, talking, rung, waiting };
}

/** Nobody was lost: the one goes on talking, the other is next. */
async function goesOn(id: string, { phone, talking, rung, waiting }: Awaited<ReturnType<typeof twoCalls>>) {
  assert.deepEqual([talking.state, rung.state, waiting.state], ["answered", "answered", "answered"]);
  rung.hangUp();
  await talking.ended();
  const next = await phone.nextCall();
  assert.equal(next.callerNumber, "+493615");
  await next.answer();
  await system.waitForAgent(id, "talking");
  waiting.hangUp();
  await waiting.ended();
  await system.change("agent", "logout", id);
}

test("Asterisk stands still: it is noticed and shown, and when it goes on so do the calls", {
  timeout: 150_000,
}, async () => {
  await setPatience(3);
  const calls = await twoCalls("361");
  const stoppedMs = performance.now();
  process.kill(asteriskPid(system), "SIGSTOP");
  const shown = await system.waitFor(
    "it is noticed",
    (status) => !status.pbx.connected && alarmsOf(status).join() === "ami,asterisk",
    noticedMs,
  );
  const seenMs = performance.now();
  assert.equal(shown.calls.length, 2, "nobody is taken for lost");
  const said = await system.hotline("status");
  assert.match(said.stdout, /Asterisk does not answer since \d\d:\d\d:\d\d/);
  // For longer than the guard's patience with a daemon that is away: it is not, and nobody is taken from it.
  const asked = new Set<string>();
  await poll("the guard has asked Asterisk twice, in vain", 40_000, () => {
    for (const pid of questions()) asked.add(pid);
    return asked.size >= 2 || undefined;
  });
  const wokenMs = performance.now();
  process.kill(asteriskPid(system), "SIGCONT");
  await system.waitFor("it is back", (status) => status.pbx.connected && status.alarms.length === 0);
  const ms = (from: number, to: number) => Math.round(to - from);
  console.log(
    `noticed after ${ms(stoppedMs, seenMs)} ms, all well ${ms(wokenMs, performance.now())} ms after it went on`,
  );
  await goesOn("361", calls);
  assert.doesNotMatch(readFileSync(join(system.home, "log/guard/current"), "utf8"), /given to the fallback/);
  await setPatience(30);
});

/** What asks this Asterisk something from outside at this moment: process ids. */
function questions(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return (
        command.startsWith("timeout\0") && command.includes(`${system.home}/`) && command.includes("\0-rx\0")
      );
    } catch {
      return false;
    }
  });
}

/** After how many seconds Asterisk and the guard give the daemon up. */
async function setPatience(seconds: number): Promise<void> {
  const { configFile } = homePaths(system.home);
  const text = readFileSync(configFile, "utf8");
  writeFileSync(configFile, text.replace(/fallbackAfterSeconds: \d+/, `fallbackAfterSeconds: ${seconds}`));
  await system.up();
}

test("connections go dead without a word, and are cut: each time there are new ones, and no call is lost", {
  timeout: 90_000,
}, async () => {
  const { configFile } = homePaths(system.home);
  const before = readFileSync(configFile, "utf8");
  const ari = await Wire.to(system.ports.ari);
  const ami = await Wire.to(system.ports.ami);
  try {
    // For the daemon only: Asterisk listens where it did.
    const diverted = before
      .replace(`port: ${system.ports.ari}\n`, `port: ${ari.port}\n`)
      .replace(`port: ${system.ports.ami}\n`, `port: ${ami.port}\n`);
    writeFileSync(configFile, diverted);
    await restartDaemon();
    assert.ok(ari.made > 0 && ami.made > 0, "the daemon uses the wires");
    const calls = await twoCalls("362");
    let times = timesConnected();
    let manager = ami.made;
    const deadMs = performance.now();
    ari.deaden();
    ami.deaden();
    await poll(
      "both connections are replaced",
      noticedMs,
      () => (timesConnected() > times && ami.made > manager) || undefined,
      () => system.describe(),
    );
    console.log(`dead connections replaced after ${Math.round(performance.now() - deadMs)} ms`);
    for (let cut = 1; cut <= 5; cut++) {
      times = timesConnected();
      manager = ami.made;
      ari.cut();
      ami.cut();
      await poll("both are back", 5_000, () => (timesConnected() > times && ami.made > manager) || undefined);
    }
    await goesOn("362", calls);
  } finally {
    writeFileSync(configFile, before);
    // While something goes through them, this process does not end.
    await restartDaemon().finally(() => Promise.all([ari.close(), ami.close()]));
  }
});

async function restartDaemon(): Promise<void> {
  const pid = daemonPid(system);
  process.kill(pid, "SIGTERM");
  await poll("another daemon runs", 20_000, () => daemonPid(system) !== pid || undefined);
  await system.waitFor("it is connected", ({ pbx }) => pbx.connected, 20_000);
}

testAftermath(system, {
  daemon: [
    /"the connection to Asterisk is lost"/,
    /"not connected to (Asterisk|AMI), trying again"/,
    /"alarm: Asterisk('s manager interface \(AMI\))? does not answer since /,
    /"Asterisk did not answer in time"/,
    /"Asterisk refused"/,
    /"an order was not carried out"/,
    /"AMI does not list the phones"/,
    /"alarm: Asterisk does not know what to do while the daemon is away: no answer within /,
  ],
  asterisk: [
    /ws_safe_read: (Web socket closed abruptly|Error reading from web socket)/,
    /session_read: WebSocket read error/,
  ],
});
