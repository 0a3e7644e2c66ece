/** A busy morning: calls come in faster than anybody likes, and when it is over nothing is left of it but the record. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { CallView, Status } from "../../src/api/schemas.ts";
import { askAsterisk, testAftermath } from "../support/aftermath.ts";
import { inspectorLines, lookInside } from "../support/inside.ts";
import { assertNoLeak, describeGrowth, type Measured, measure } from "../support/leaks.ts";
import { Sipp } from "../support/sipp.ts";
import { useSystem } from "../support/system.ts";

const agents = Array.from({ length: 20 }, (_, index) => String(301 + index));
const warmUpCalls = 100;
const calls = 500;
const rate = 10;
const talkMs = 1_000;

lookInside();
const system = useSystem();
const phones = new Map<string, Sipp>();

after(async () => {
  await Promise.all([...phones.values()].map((phone) => phone.stop()));
});

test("20 agents come to work", { timeout: 60_000 }, async () => {
  await system.change("hotline", "set", "demo", "--wrap-up", "0s", "--auto-pause", "0");
  for (const id of agents) {
    const credentials = await system.addAgent(id);
    phones.set(id, await Sipp.agent(credentials, { scenario: "agent-hangs-up", pauseMs: talkMs }));
    await system.api.login(id);
  }
  await system.waitFor("all agents are ready", allReady);
});

test("500 calls at 10 a second are all answered, and nothing is left over", {
  timeout: 150_000,
}, async () => {
  await callIn(warmUpCalls);
  const early = await measure(system);

  const started = performance.now();
  await callIn(calls);
  const lastedMs = performance.now() - started;
  const late = await measure(system);

  const all = await system.json<CallView[]>("calls", "--limit", "10000");
  report(all, lastedMs, early, late);

  assert.equal(all.length, warmUpCalls + calls);
  assert.deepEqual(
    countBy(all, ({ outcome }) => outcome),
    { answered: warmUpCalls + calls },
  );
  assert.deepEqual(
    countBy(all, ({ endedBy }) => endedBy),
    { agent: warmUpCalls + calls },
  );
  for (const [id, phone] of phones) {
    const rung = phone.messages().match(/^INVITE sip:/gm)?.length ?? 0;
    assert.equal(rung, all.filter(({ agent }) => agent === id).length, `calls of agent ${id}`);
    assert.equal(phone.counts().failed, 0, phone.describe());
  }
  for (const { id, talkMs: talked } of all) assert.ok(talked !== null, `call ${id} has no length`);

  const counts = await askAsterisk(system, "core show channels count");
  assert.match(counts, /^0 active channels$/m);
  assert.match(counts, /^0 of \d+ max active calls /m);
  assertNoLeak(early, late, calls);
});

testAftermath(system, { daemon: inspectorLines });

/** So many citizens call, each from a phone of SIPp's, and stay until the agent hangs up. */
async function callIn(count: number): Promise<void> {
  const callers = await Sipp.start({
    scenario: "caller-stays",
    to: { number: "115", port: system.sipPort },
    calls: count,
    rate,
  });
  try {
    const result = await callers.finished((count / rate) * 1_000 + 30_000);
    const trouble = result.exitCode === 0 ? "" : callers.describe();
    assert.deepEqual(result, { exitCode: 0, created: count, successful: count, failed: 0 }, trouble);
  } finally {
    await callers.stop();
  }
  await system.waitFor("all is quiet again", (status) => status.calls.length === 0 && allReady(status));
}

function allReady({ hotlines }: Status): boolean {
  return hotlines[0]?.agents.ready === agents.length;
}

function report(all: readonly CallView[], lastedMs: number, early: Measured, late: Measured): void {
  const waits = all.map(({ waitMs }) => waitMs ?? Number.NaN).sort((a, b) => a - b);
  const at = (share: number) => waits[Math.floor((waits.length - 1) * share)];
  console.log(
    [
      `${calls} calls in ${(lastedMs / 1_000).toFixed(1)} s; waits: median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`,
      describeGrowth(early, late, warmUpCalls, calls),
    ].join("\n"),
  );
}

function countBy<T>(items: readonly T[], key: (item: T) => string | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(key(item))] = (counts[String(key(item))] ?? 0) + 1;
  return counts;
}
