/** More calls than the machine is set to take: each is refused politely, those who are in notice nothing, and then all is well. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setCapacity } from "../support/capacity.ts";
import { expectNothingLeft } from "../support/clean.ts";
import { endedCall, endedCalls } from "../support/conversation.ts";
import { asteriskPid, daemonPid } from "../support/inside.ts";
import { Sipp } from "../support/sipp.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();
const phones: Sipp[] = [];
after(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
});

test("callers beyond the limits hear why or a busy tone, the others are served", {
  timeout: 90_000,
}, async () => {
  const maxAtOnce = 10;
  const calls = 60;
  await setCapacity(system, { maxAtOnce, maxNewPerSecond: 4 });
  assert.match(
    (await system.hotline("status")).stdout,
    /^Load: +0 calls of at most 10, 4 new ones per second$/m,
  );

  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  for (const id of ["371", "372"]) {
    const credentials = await system.addAgent(id);
    phones.push(await Sipp.agent(credentials, { scenario: "agent-hangs-up", pauseMs: 200 }));
    await system.api.login(id);
    await system.waitForAgent(id, "ready");
  }
  const to = { number: "115", port: system.sipPort };
  const callers = await Sipp.start({ scenario: "caller-stays", to, calls, rate: 30 });
  const { created, successful, failed } = await callers.finished(60_000);
  const shown = await system.waitFor("all have left", ({ calls: left }) => left.length === 0);
  assert.deepEqual(
    shown.alarms.map(({ code }) => code),
    ["capacity"],
  );

  const all = await endedCalls(system, calls);
  assert.deepEqual(
    { created, recorded: (await system.api.calls(calls + 1, null)).length },
    { created: calls, recorded: calls },
  );
  const answered = all.filter(({ outcome }) => outcome === "answered");
  const refused = all.filter(({ outcome, reason }) => outcome === "full" && reason === "capacity");
  assert.equal(answered.length + refused.length, calls, "nobody has any other outcome");
  assert.ok(answered.length >= maxAtOnce, `only ${answered.length} were answered`);
  // The others heard an announcement, or an agent.
  assert.ok(
    failed > 0 && failed <= refused.length,
    `${failed} heard a busy tone, ${refused.length} were refused`,
  );
  assert.equal(successful, calls - failed);
  assert.doesNotMatch(callers.messages(), /^SIP\/2\.0 5\d\d /m);
  await callers.stop();
  await expectNothingLeft(system);

  const late = await system.call("115", { from: "+493619" });
  await late.answered();
  await late.ended();
  const { outcome } = await endedCall(system, "+493619");
  assert.equal(outcome, "answered", "there is room again");
});

/** Two to three times as many as there may be, in new ones and at once, for twenty seconds. */
test("three times the capacity: who is let in is served, the others are refused, and all are in the record", {
  timeout: 150_000,
}, async (context) => {
  const maxAtOnce = 25;
  const maxNewPerSecond = 10;
  const staying = { calls: 540, rate: 27 };
  const giving = { calls: 60, rate: 3 };
  await setCapacity(system, { maxAtOnce, maxNewPerSecond });
  const before = (await system.api.calls(1_000, null)).length;
  const pids = { daemon: daemonPid(system), asterisk: asteriskPid(system) };
  const to = { number: "115", port: system.sipPort };
  const callers = await Promise.all([
    Sipp.start({ scenario: "caller-stays", to, ...staying }),
    Sipp.start({ scenario: "caller", to, ...giving, pauseMs: 500 }),
  ]);
  let most = 0;
  const busiest = setInterval(async () => {
    const { calls } = await system.api.status();
    // The others hear their busy tone just then: how long that takes is the machine's speed.
    most = Math.max(most, calls.filter(({ phase }) => phase !== "ended").length);
  }, 500);
  const ends = await Promise.all(callers.map((each) => each.finished(100_000)));
  clearInterval(busiest);
  await system.waitFor("all have left", ({ calls }) => calls.length === 0, 30_000);
  assert.deepEqual({ daemon: daemonPid(system), asterisk: asteriskPid(system) }, pids, "both have lived on");
  await expectNothingLeft(system);

  const all = (await system.api.calls(1_000, null)).slice(0, -before);
  const count = Map.groupBy(all, ({ outcome, reason }) => `${outcome}${reason ? ` ${reason}` : ""}`);
  const of = (...outcomes: string[]) =>
    outcomes.reduce((sum, outcome) => sum + (count.get(outcome)?.length ?? 0), 0);
  const told = [...count].map(([outcome, list]) => `${list.length} ${outcome}`).join(", ");
  context.diagnostic(`offered ${all.length}: ${told}; at most ${most} at once`);
  assert.equal(all.length, staying.calls + giving.calls, told);
  const answered = of("answered");
  const full = of("full capacity");
  const left = of("abandoned", "abandoned_short");
  assert.equal(answered + full + left, all.length, told);
  const elapsedSeconds = staying.calls / staying.rate;
  const letIn = maxNewPerSecond * (elapsedSeconds + 5);
  assert.ok(answered + left <= letIn + 1, `${letIn} may come in: ${told}`);
  assert.ok(answered > maxAtOnce && full > all.length / 3, told);
  assert.ok(left <= giving.calls, "only those left who meant to");
  assert.ok(most <= Math.ceil(maxAtOnce * 1.1), `${most} were in at once`);
  // Each of the others has heard an announcement, or a busy tone and nothing worse.
  const messages = callers.map((each) => each.messages()).join("\n");
  assert.deepEqual(
    new Set(messages.match(/^SIP\/2\.0 [3-6]\d\d (?!Request Terminated)/gm)),
    new Set(["SIP/2.0 486 "]),
  );
  assert.equal(ends[0]!.created, staying.calls);
  assert.ok(ends[0]!.failed <= full, `${ends[0]!.failed} heard a busy tone: ${told}`);
  assert.doesNotMatch(system.log("asterisk"), /Maximum call limit|taskprocessor queue/i);
  const { alarms } = await system.api.status();
  assert.deepEqual(
    alarms.map(({ code }) => code),
    ["capacity"],
  );
  await Promise.all(callers.map((each) => each.stop()));
});
