/** More calls than the machine is set to take: each is refused politely, those who are in notice nothing, and then all is well. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { expectNothingLeft } from "../support/clean.ts";
import { daemonPid } from "../support/inside.ts";
import { poll } from "../support/process.ts";
import { Sipp } from "../support/sipp.ts";
import { useSystem } from "../support/system.ts";

const maxAtOnce = 10;
const maxNewPerSecond = 4;
const calls = 60;
const rate = 30;

const system = useSystem();
const phones: Sipp[] = [];
after(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
});

test("callers beyond the limits hear why or a busy tone, the others are served", {
  timeout: 90_000,
}, async () => {
  const { configFile } = homePaths(system.home);
  const settings = readFileSync(configFile, "utf8")
    .replace(/maxAtOnce: \d+/, `maxAtOnce: ${maxAtOnce}`)
    .replace(/maxNewPerSecond: \d+/, `maxNewPerSecond: ${maxNewPerSecond}`);
  writeFileSync(configFile, settings);
  const pid = daemonPid(system);
  process.kill(pid, "SIGTERM");
  await poll("another daemon runs", 20_000, () => daemonPid(system) !== pid || undefined);
  await system.waitFor("it is connected", ({ pbx }) => pbx.connected, 20_000);
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
  const callers = await Sipp.start({ scenario: "caller-stays", to, calls, rate });
  const { created, successful, failed } = await callers.finished(60_000);
  const shown = await system.waitFor("all have left", ({ calls: left }) => left.length === 0);
  assert.deepEqual(
    shown.alarms.map(({ code }) => code),
    ["capacity"],
  );

  const all = await system.api.calls(calls + 1, null);
  assert.deepEqual({ created, recorded: all.length }, { created: calls, recorded: calls });
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

  const late = await system.call();
  await late.answered();
  await late.ended();
  const [last] = await system.api.calls(1, null);
  assert.equal(last?.outcome, "answered", "there is room again");
});
