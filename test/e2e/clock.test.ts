/** The clock on the wall is set back and forward by an hour while people wait and talk, for the daemon and for Asterisk. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { poll } from "../support/process.ts";
import { killForGood, supervise } from "../support/services.ts";
import { useSystem } from "../support/system.ts";

const hourMs = 3_600_000;
const system = useSystem();

/** Where Debian's package libfaketime has its library. */
function faketime(): string {
  const folders = readdirSync("/usr/lib").map((name) => join("/usr/lib", name, "faketime/libfaketime.so.1"));
  const found = folders.find((file) => existsSync(file));
  if (!found) throw new Error("libfaketime is missing: apt-get install libfaketime");
  return found;
}

const offsetFile = () => join(system.home, "run/clock-offset");
/** The daemon's and Asterisk's clock on the wall is so far off from now on; the one that counts durations is not. */
const setClock = (offset: string) => writeFileSync(offsetFile(), `${offset}\n`);

test("all are started with a clock that can be set", { timeout: 60_000 }, async () => {
  setClock("+0");
  const variables =
    `export LD_PRELOAD='${faketime()}' FAKETIME_TIMESTAMP_FILE='${offsetFile()}' ` +
    "FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_CACHE_DURATION=1";
  for (const service of ["asterisk", "guard", "daemon"] as const) {
    await supervise(system, "down", service);
    const file = join(system.home, "service", service, "run");
    const run = readFileSync(file, "utf8");
    assert.match(run, /^exec 2>&1\n/m);
    writeFileSync(file, run.replace("exec 2>&1\n", `exec 2>&1\n${variables}\n`));
    await supervise(system, "up", service);
  }
  await system.waitFor("it is up", ({ pbx }) => pbx.connected, 30_000);
});

for (const [index, [offset, offsetMs]] of (
  [
    ["-3600", -hourMs],
    ["+3600", hourMs],
  ] as const
).entries()) {
  test(`the clock is set to ${offset} s: nothing fires, nothing stands still`, {
    timeout: 60_000,
  }, async () => {
    const id = String(381 + index);
    await system.change("hotline", "set", "demo", "--wrap-up", "2s", "--max-wait", "10m");
    const phone = await system.agent(id);
    const begunMs = performance.now();
    const talking = await system.call();
    const rung = await phone.nextCall();
    await rung.answer();
    await system.waitForAgent(id, "talking");
    const talkedMs = performance.now();
    const waiting = await system.call("115", { from: "+493616" });
    await waiting.answered();
    await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);

    setClock(offset);
    await clockIs(offsetMs);
    const { hotlines } = await system.waitFor("only these two are there", ({ calls }) => calls.length === 2);
    assert.ok((hotlines[0]?.longestWaitMs ?? -1) < performance.now() - begunMs, "the wait is what it was");
    assert.deepEqual([talking.state, waiting.state], ["answered", "answered"]);

    rung.hangUp();
    await talking.ended();
    const talkMs = performance.now() - talkedMs;
    // Asterisk counts registrations by the clock on the wall: set forward, they are over until the phone registers again.
    await phone.register();
    // Wrap-up ends by itself: no deadline stands still.
    const next = await phone.nextCall();
    await next.answer();
    await system.waitForAgent(id, "talking");
    const allMs = performance.now() - begunMs;
    next.hangUp();
    await waiting.ended();
    await system.waitForAgent(id, "ready", 8_000);
    const [second, first] = await poll("both have ended", 5_000, async () => {
      const newest = (await system.api.calls(50, null)).filter(({ hotline }) => hotline !== null).slice(0, 2);
      return newest.every(({ outcome }) => outcome !== null) ? newest : undefined;
    });
    const times = JSON.stringify({ first, second });
    assert.deepEqual([first?.outcome, second?.outcome], ["answered", "answered"], times);
    assert.ok(Math.abs((first?.talkMs ?? 0) - talkMs) < 2_000, `talked ${talkMs} ms: ${times}`);
    assert.ok((second?.waitMs ?? 0) > 1_500 && (second?.waitMs ?? 0) < allMs, times);
    assert.ok((second?.talkMs ?? -1) >= 0 && (second?.talkMs ?? 0) < allMs, times);
    // Files are not dated by that clock, and by a file the daemon knows who asks.
    setClock("+0");
    await clockIs(0);
    await system.change("agent", "logout", id);
  });
}

test("set back while a caller waits for the daemon: handed over when the daemon is there", {
  timeout: 60_000,
}, async () => {
  const phone = await system.agent("383");
  await killForGood(system);
  const call = await system.call("115", { from: "+493617" });
  await call.answered();
  setClock("-3600");
  await poll("Asterisk's clock is set", 10_000, async () => {
    await asteriskNotes();
    return asteriskIs(-hourMs) || undefined;
  });
  await supervise(system, "up", "daemon");
  const rung = await phone.nextCall(20_000);
  await rung.answer();
  await system.waitForAgent("383", "talking");
  rung.hangUp();
  await call.ended();
  setClock("+0");
  await clockIs(0);
});

/** A call ends, whether the daemon is there or not. */
async function asteriskNotes(): Promise<void> {
  const call = await system.call("999");
  call.hangUp();
  await call.ended();
}

const asteriskIs = (offsetMs: number) => Math.abs(asteriskOffMs() - offsetMs) < 120_000;

/** Asterisk's note of a call that has ended stands in a file that is named by the minute. */
function asteriskOffMs(): number {
  const folder = homePaths(system.home).endedCalls;
  const dated = readdirSync(folder).map((name) => ({ name, atMs: statSync(join(folder, name)).mtimeMs }));
  const newest = dated.toSorted((a, b) => b.atMs - a.atMs)[0]?.name ?? "";
  const time = newest.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)$/, "$1-$2-$3T$4:$5:30Z");
  return Date.parse(time) - Date.now();
}

/** Waits until both have it: each call is in the daemon's log and in Asterisk's notes, with the time. */
function clockIs(offsetMs: number): Promise<true> {
  return poll("the clocks are set", 10_000, async () => {
    await asteriskNotes();
    if (!asteriskIs(offsetMs)) return undefined;
    const time =
      system
        .log("daemon")
        .match(/"time":"[^"]+"/g)
        ?.at(-1) ?? "";
    const offMs = Date.parse(time.slice(8, -1)) - Date.now();
    return Math.abs(offMs - offsetMs) < 30_000 || undefined;
  });
}

testAftermath(system, {
  daemon: [
    /"the connection to Asterisk is lost"/,
    /"not connected to (Asterisk|AMI), trying again"/,
    /"Asterisk shuts down"/,
    /alarm/,
  ],
  asterisk: [/ws_safe_read: /, /session_read: WebSocket read error/, /Stasis app .hotline. not active/],
});
