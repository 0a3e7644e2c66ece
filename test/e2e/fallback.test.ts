/** While the daemon is away: nobody who calls gets lost, and nobody loses the place. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CallView } from "../../src/api/schemas.ts";
import { homePaths } from "../../src/config/paths.ts";
import { type CallId, type LegId, parseLegId } from "../../src/core/ids.ts";
import { leftBehind } from "../../src/pbx/ari/left-behind.ts";
import { askAsterisk, testAftermath } from "../support/aftermath.ts";
import type { Call } from "../support/call.ts";
import { ari } from "../support/clean.ts";
import { endedCalls } from "../support/conversation.ts";
import { hearsSomething } from "../support/hears.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import { poll } from "../support/process.ts";
import { killForGood, supervise } from "../support/services.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();
/** The daemon, in the tests of what ends meanwhile. */
let diedMs = 0;

test("who calls while the daemon is away hears music, and is served in the order of arrival when it is back", {
  timeout: 60_000,
}, async () => {
  const phone = await system.agent("361");
  await poll("Asterisk knows the number", 10_000, async () =>
    (await askAsterisk(system, "dialplan show 115@fallback-plan-rendered")).includes("OPEN=")
      ? true
      : undefined,
  );
  await killForGood(system);
  const before = Date.now();
  const impatient = await system.call("115", { from: "+493610" });
  await impatient.answered();
  impatient.hangUp();
  await impatient.ended();
  const first = await system.call("115", { from: "+493611" });
  await first.answered();
  await hearsSomething(first);
  const second = await system.call("115", { from: "+493612" });
  await second.answered();
  await hearsSomething(second);

  await supervise(system, "up", "daemon");
  const rung = await phone.nextCall();
  assert.equal(rung.callerNumber, "+493611", "who came first is first");
  await rung.answer();
  await system.waitForAgent("361", "talking");
  await system.waitFor("the other waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  const calls = await system.api.calls(3, null);
  for (const { arrivedAt } of calls) {
    const lateMs = Date.parse(arrivedAt) - before;
    assert.ok(lateMs >= 0, `arrived ${lateMs} ms after the first one called`);
  }
  first.hangUp();
  second.hangUp();
  await rung.ended();
  await recorded("+493610", {
    outcome: "abandoned_short",
    endedBy: "caller",
    whileAway: true,
    story: ["arrived", "ended", "gone", "while_away waiting"],
  });
  await system.change("agent", "logout", "361");
});

test("what ends while the daemon is away ends in the record when it ended, and by whom", {
  timeout: 60_000,
}, async () => {
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  const phones = { "362": await system.agent("362"), "363": await system.agent("363") };
  const talks: { call: Call; rung: Call }[] = [];
  for (const [id, phone] of Object.entries(phones)) {
    const from = `+49${id}`;
    const call = await system.call("115", { from });
    const rung = await phone.nextCall();
    await rung.answer();
    talks.push({ call, rung });
    await system.waitForAgent(id, "talking");
  }
  const waiting = await system.call("115", { from: "+493623" });
  await waiting.answered();
  await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  await killForGood(system);
  diedMs = Date.now();

  waiting.hangUp();
  const leftAt = (await waiting.ended()).at;
  talks[0]!.rung.hangUp();
  const agentLeftAt = (await talks[0]!.rung.ended()).at;
  talks[1]!.call.hangUp();
  const callerLeftAt = (await talks[1]!.call.ended()).at;
  // Whose agent hung up is still on the line; the agent whose caller hung up is, too.
  const notes = await poll("Asterisk has noted the ends", 5_000, () => {
    const lines = notedEnds();
    return lines.length === 3 ? lines : undefined;
  });
  const ended = notes.map((note) => note.split("|")[1] ?? "");
  const stay = await ari<{ id: string }[]>(system, "channels");
  const alive = {
    callers: stay.filter(({ id }) => !parseLegId(id)).map(({ id }) => ({ call: id as CallId })),
    legs: stay.filter(({ id }) => parseLegId(id)).map(({ id }) => ({ leg: id as LegId })),
  };
  const variable = async (channel: string, name: string) =>
    (await ari<{ value: string }>(system, `channels/${channel}/variable?variable=${name}`)).value;
  assert.deepEqual(
    await leftBehind({ variable }, alive, ended),
    new Set([...alive.callers.map(({ call }) => call), parseLegId(alive.legs[0]?.leg ?? "")?.call]),
    "who stays knows of having been hung up on",
  );
  assert.equal((await leftBehind({ variable }, alive, [])).size, 0);
  for (const { call } of talks) call.hangUp();
  for (const { rung } of talks) rung.hangUp();
  const all = await poll("and those of the others", 5_000, () => {
    const lines = notedEnds();
    return lines.length === 5 ? lines : undefined;
  });
  const short = (note: string) => note.replace(/^(\w+)\|.*\|(yes|no)\|end$/, "$1 $2");
  assert.deepEqual(notes.map(short).toSorted(), ["caller no", "caller no", "leg no"]);
  assert.deepEqual(
    all.map(short).toSorted(),
    ["caller no", "caller no", "caller yes", "leg no", "leg yes"],
    "who stayed longer had been put together with somebody",
  );
  await supervise(system, "up", "daemon");
  await talks[0]!.call.ended();
  await talks[1]!.rung.ended();
  await system.waitFor("all is over", ({ pbx, calls }) => pbx.connected && calls.length === 0);

  const calls = (await endedCalls(system, 3)).toSorted((a, b) => a.arrivedAt.localeCompare(b.arrivedAt));
  const ends = calls.map(
    ({ arrivedAt, waitMs, talkMs }) => Date.parse(arrivedAt) + (waitMs ?? 0) + (talkMs ?? 0),
  );
  assert.deepEqual(
    calls.map(({ outcome, endedBy }) => `${outcome} ${endedBy}`),
    ["answered agent", "answered caller", "abandoned_short caller"],
  );
  for (const [index, trueEnd] of [agentLeftAt, callerLeftAt, leftAt].entries()) {
    const offMs = Math.abs((ends[index] ?? 0) - trueEnd);
    assert.ok(offMs < 500, `call ${index} ended ${offMs} ms off in the record`);
  }
  for (const id of ["362", "363"]) await system.change("agent", "logout", id);
});

test("the daemon freezes: new callers wait, it is killed and started again, and everybody has the place", {
  timeout: 60_000,
}, async () => {
  const phone = await system.agent("366");
  await system.change("agent", "pause", "366");
  const callers = [await system.call("115", { from: "+493661" })];
  await callers[0]!.answered();
  await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  const frozen = daemonPid(system);
  process.kill(frozen, "SIGSTOP");
  // Into the hands of the frozen daemon, and then of those who see that it is.
  callers.push(await system.call("115", { from: "+493662" }));
  await poll("Asterisk has not heard of it for long", 10_000, async () => {
    const globals = await askAsterisk(system, "dialplan show globals");
    const seen = Number(/DAEMON_SEEN=(\d+)/.exec(globals)?.[1]);
    return Date.now() / 1000 - seen > 4.5 || undefined;
  });
  callers.push(await system.call("115", { from: "+493663" }));
  await callers[2]!.answered();
  await hearsSomething(callers[2]!);
  await poll("it was killed and another one runs", 30_000, () => daemonPid(system) !== frozen || undefined);
  await system.waitFor("all wait", ({ hotlines }) => hotlines[0]?.waiting === 3, 15_000);
  await system.change("agent", "resume", "366");
  for (const [index, call] of callers.entries()) {
    const rung = await phone.nextCall();
    assert.equal(rung.callerNumber, `+49366${index + 1}`, "in the order of their arrival");
    await rung.answer();
    await system.waitForAgent("366", "talking");
    rung.hangUp();
    await call.ended();
  }
  await system.change("agent", "logout", "366");
});

test("the daemon stays away: Asterisk rings those who are logged in, and hands back who waits when the daemon is there", {
  timeout: 60_000,
}, async () => {
  await setPatience(3);
  const phone = await system.agent("364");
  const paused = await system.agent("365");
  await system.change("agent", "pause", "365");
  await poll("Asterisk knows who is there", 10_000, async () => {
    const queue = await askAsterisk(system, "queue show fallback-demo");
    return (queue.includes("PJSIP/364-") && !queue.includes("PJSIP/365-")) || undefined;
  });
  await killForGood(system);
  const first = await system.call("115", { from: "+493641" });
  const rung = await phone.nextCall();
  assert.equal(rung.callerNumber, "+493641");
  await rung.answer();
  await first.answered();
  const { exitCode, stderr } = await system.down();
  assert.equal(exitCode, 1, "nothing is stopped while somebody talks, the daemon being away or not");
  assert.match(stderr, /1 call\(s\) in progress/);
  const second = await system.call("115", { from: "+493642" });
  await second.answered();
  const third = await system.call("115", { from: "+493643" });
  await third.answered();
  await poll("they wait in Asterisk's own queue", 15_000, async () =>
    (await askAsterisk(system, "queue show fallback-demo")).includes("2 calls") ? true : undefined,
  );

  await supervise(system, "up", "daemon");
  await system.waitFor("they are handed back", ({ hotlines }) => hotlines[0]?.waiting === 2, 20_000);
  assert.equal(await system.agentState("364"), "busy", "who talks is not rung");
  assert.equal(first.state, "answered");
  rung.hangUp();
  await first.ended();
  await recorded("+493641", {
    outcome: "answered",
    endedBy: "agent",
    agent: "364",
    whileAway: true,
    story: ["arrived", "connected", "ended", "gone", "while_away people"],
  });
  const next = await phone.nextCall();
  assert.equal(next.callerNumber, "+493642", "in the order of their arrival");
  await next.answer();
  await system.waitForAgent("364", "talking");
  next.hangUp();
  await second.ended();
  third.hangUp();
  assert.equal(paused.calls.length, 0);
  for (const id of ["364", "365"]) await system.change("agent", "logout", id);
});

test("the daemon stays away: who waits already is given to the fallback in order, and who talks goes on", {
  timeout: 60_000,
}, async () => {
  await setPatience(3);
  const phone = await system.agent("367");
  await poll("Asterisk knows who is there", 10_000, async () =>
    (await askAsterisk(system, "queue show fallback-demo")).includes("PJSIP/367-") ? true : undefined,
  );
  const talking = await system.call("115", { from: "+493671" });
  const rung = await phone.nextCall();
  await rung.answer();
  await system.waitForAgent("367", "talking");
  const waiting = [];
  for (const from of ["+493672", "+493673"]) {
    const call = await system.call("115", { from });
    await call.answered();
    waiting.push(call);
  }
  await system.waitFor("both wait", ({ hotlines }) => hotlines[0]?.waiting === 2);
  await killForGood(system);
  await poll("they wait in Asterisk's own queue", 30_000, async () =>
    (await askAsterisk(system, "queue show fallback-demo")).includes("2 calls") ? true : undefined,
  );
  assert.equal(talking.state, "answered");
  await hearsSomething(waiting[0]!);
  rung.hangUp();
  const next = await phone.nextCall();
  assert.equal(next.callerNumber, "+493672", "in the order of their arrival");
  await next.answer();
  await talking.ended();

  await supervise(system, "up", "daemon");
  await system.waitFor("the other one is handed back", ({ hotlines }) => hotlines[0]?.waiting === 1, 20_000);
  await system.waitFor(
    "the conversation that Asterisk brought about is seen",
    ({ calls }) => calls.filter(({ phase }) => phase === "away").length === 1,
  );
  next.hangUp();
  await waiting[0]!.ended();
  await recorded("+493672", {
    outcome: "answered",
    endedBy: "agent",
    agent: "367",
    whileAway: true,
    story: [
      "arrived",
      "admitted",
      "announced",
      "while_away people",
      "connected",
      "ended",
      "gone",
      "while_away people",
    ],
  });
  const last = await phone.nextCall();
  assert.equal(last.callerNumber, "+493673");
  await last.answer();
  await system.waitForAgent("367", "talking");
  last.hangUp();
  await waiting[1]!.ended();
  await recorded("+493673", { outcome: "answered", endedBy: "agent", agent: "367", whileAway: true });
  await system.change("agent", "logout", "367");
});

test("who calls a closed hotline while the daemon is away is told so", { timeout: 60_000 }, async () => {
  await system.change("hours", "close", "--hotline", "demo", "--until", "resumed", "--reason", "test");
  await poll("Asterisk knows that it is closed", 10_000, async () =>
    (await askAsterisk(system, "dialplan show 115@fallback-plan-rendered")).includes("?yes:")
      ? undefined
      : true,
  );
  await killForGood(system);
  const call = await system.call("115", { from: "0301000001" });
  await call.answered();
  await hearsSomething(call);
  assert.equal((await call.ended()).by, "them");
  const stranger = await system.call("999");
  await poll("it rings", 5_000, () => stranger.state === "ringing" || undefined);
  stranger.hangUp();
  await supervise(system, "up", "daemon");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected);
  await recorded("0301000001", { outcome: "closed_adhoc", endedBy: "hotline", whileAway: true });
  await poll(
    "the wrong number is in the record",
    10_000,
    async () =>
      (await system.api.calls(50, null)).some(
        ({ outcome, whileAway }) => outcome === "unknown_number" && whileAway,
      ) || undefined,
  );
  await system.change("hours", "resume", "--hotline", "demo");
});

test("Asterisk dies while the daemon is away: who had called is in the record once", {
  timeout: 60_000,
}, async () => {
  // Or Asterisk would say sorry to the one who stays, and hang up, perhaps before it is killed.
  await setPatience(60);
  await poll("Asterisk knows that it is open again", 10_000, async () => {
    const plan = await askAsterisk(system, "dialplan show 115@fallback-plan-rendered");
    return plan.includes("?yes:") || undefined;
  });
  await killForGood(system);
  diedMs = Date.now();
  const calls = [
    await system.call("115", { from: "+493681" }),
    await system.call("115", { from: "+493682" }),
  ] as const;
  for (const call of calls) await call.answered();
  calls[1].hangUp();
  await calls[1].ended();
  await poll("Asterisk has noted that", 5_000, () => notedEnds().length === 1 || undefined);
  const died = asteriskPid(system);
  process.kill(died, "SIGKILL");
  const isBack = async () => {
    const answer = await askAsterisk(system, "core show uptime").catch(() => "");
    return (asteriskPid(system) !== died && answer.includes("System uptime")) || undefined;
  };
  await poll("another Asterisk runs", 20_000, isBack);
  // Whoever hangs up now hangs up on nobody.
  calls[0].hangUp();
  await calls[0].ended();
  await supervise(system, "up", "daemon");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected, 20_000);
  const lost = { outcome: "failed", endedBy: "pbx_lost", whileAway: true } as const;
  await recorded("+493681", { ...lost, story: ["arrived", "ended", "gone", "while_away lost"] });
  await recorded("+493682", { outcome: "abandoned_short", endedBy: "caller", whileAway: true });
  await recorded("+493610", { whileAway: true });
});

testAftermath(system, {
  daemon: [/"the connection to Asterisk is lost"/, /closed_until_resumed:demo/],
  asterisk: [
    /ws_safe_read: Web socket closed abruptly/,
    /ws_safe_read: Error reading from web socket: Connection reset by peer/,
    /session_read: WebSocket read error/,
    // Who was given to the fallback in the middle of an announcement.
    /playback_final_update: .* Playback failed for sound:/,
    /stasis_app_exec: Stasis app 'hotline' not active/,
  ],
});

/** Of those who were alive when the daemon died. */
function notedEnds(): string[] {
  const folder = homePaths(system.home).endedCalls;
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
  return lines.filter((line) => /^(caller|leg)\|/.test(line) && Number(line.split("|")[2]) >= diedMs);
}

/** What is in the record of a caller, once; `story`: its lines, in their order. */
async function recorded(
  from: string,
  expected: Partial<CallView> & { readonly story?: readonly string[] },
): Promise<void> {
  const row = await poll(`${from} is in the record`, 15_000, async () => {
    const mine = (await system.api.calls(50, null)).filter((call) => call.from === from);
    assert.ok(mine.length <= 1, `${from} is there ${mine.length} times`);
    return mine[0]?.outcome ? mine[0] : undefined;
  });
  const { story, ...columns } = expected;
  for (const [name, value] of Object.entries(columns))
    assert.equal(row[name as keyof CallView], value, `${name} of ${JSON.stringify(row)}`);
  if (!story) return;
  const { events = [] } = await system.api.call(row.id);
  const lines = events
    // Whether the greeting was over by then does not matter.
    .filter(({ what }) => what !== "music")
    .map(({ what, detail }) => (what === "while_away" ? `${what} ${detail.reached}` : what));
  assert.deepEqual(lines, story);
}

/** After how long the daemon is given up. */
async function setPatience(seconds: number): Promise<void> {
  const settings = homePaths(system.home).configFile;
  const text = readFileSync(settings, "utf8");
  writeFileSync(settings, text.replace(/fallbackAfterSeconds: \d+/, `fallbackAfterSeconds: ${seconds}`));
  await system.up();
}
