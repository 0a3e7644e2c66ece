/** Callers who give up, at any moment, leave nothing behind. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import { ari, expectNothingLeft } from "../support/clean.ts";
import { endedCall, runningCall, talk } from "../support/conversation.ts";
import { storyUntil } from "../support/story.ts";
import { type System, useSystem } from "../support/system.ts";

const greetingHertz = 600;

describe("callers who give up", () => {
  const system = useSystem();
  before(async () => {
    await announceTone(system, "greeting", greetingHertz);
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  });

  test("during the greeting, with nobody free: abandoned at once, within five seconds", async () => {
    await system.agent("301");
    await system.change("agent", "pause", "301");
    const caller = await system.call("115", { from: "0307770001" });
    await caller.hears(greetingHertz);
    const { id } = await runningCall(system, "0307770001");
    caller.hangUp();
    await caller.ended();
    const { outcome, endedBy, waitMs, agent } = await endedCall(system, "0307770001");
    assert.deepEqual([outcome, endedBy, agent], ["abandoned_short", "caller", null]);
    assert(waitMs !== null && waitMs < 5_000);
    assert.deepEqual(await storyUntil(system, id, "gone"), [
      "arrived",
      "admitted",
      "announced greeting",
      "ended abandoned_short caller",
      "gone",
    ]);
    await expectNothingLeft(system);
  });

  test("while waiting with music, after more than five seconds: abandoned", async () => {
    await system.phone("301");
    await system.waitForAgent("301", "paused");
    const caller = await system.call("115", { from: "0307770002" });
    const { id } = await runningCall(system, "0307770002");
    await storyUntil(system, id, "music");
    await system.waitFor("waiting for more than 5 s", ({ hotlines }) => hotlines[0]!.longestWaitMs! > 5_050);
    caller.hangUp();
    const { outcome, endedBy, waitMs } = await endedCall(system, "0307770002");
    assert.deepEqual([outcome, endedBy], ["abandoned", "caller"]);
    assert(waitMs !== null && waitMs > 5_000 && waitMs < 10_000, `${waitMs} ms`);
    await expectNothingLeft(system);
    await system.change("agent", "resume", "301");
  });

  test("while a phone rings: it stops, the agent is ready at once and has missed nothing", async (context) => {
    const phone = await system.agent("301");
    const before = (await system.api.agents()).find(({ id }) => id === "301");
    const callersPhone = await system.caller();
    const caller = await callersPhone.call("115", { from: "0307770003", port: system.sipPort });
    const agent = await phone.nextCall();
    agent.ring();
    const { id } = await runningCall(system, "0307770003");
    await storyUntil(system, id, "ringing 301");
    await caller.answered();
    caller.hangUp();
    const { by, status, at } = await agent.ended();
    assert.deepEqual([by, status], ["them", 487]);
    const bye = callersPhone.trace.findLast(
      ({ message }) => message.kind === "request" && message.method === "BYE",
    );
    context.diagnostic(`caller's BYE to the agent's CANCEL: ${at - (bye?.at ?? Number.NaN)} ms`);
    const ready = await system.waitForAgent("301", "ready");
    // The clock of the longest idle has not moved: nobody is put back for a caller who gave up.
    assert.equal(ready.idleSince?.slice(0, 22), before?.idleSince?.slice(0, 22));
    assert((await storyUntil(system, id, "gone")).includes("offer_ended 301 cancelled"));
    await expectNothingLeft(system);
  });

  test("in the very moment in which the agent picks up, twenty times: both ends end, nothing is left", async () => {
    const phone = await system.agent("301");
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 20; round++) {
      const from = `03088800${10 + round}`;
      const caller = await system.call("115", { from });
      const agent = await phone.nextCall();
      await caller.answered();
      if (round % 2 === 0) caller.hangUp();
      const answered = agent.answer();
      if (round % 2 === 1) caller.hangUp();
      await answered;
      await Promise.all([caller.ended(), agent.ended()]);
      const { outcome } = await endedCall(system, from);
      outcomes[String(outcome)] = (outcomes[String(outcome)] ?? 0) + 1;
      await system.waitForAgent("301", "ready");
    }
    const known = ["abandoned_short", "answered"];
    assert.deepEqual(
      Object.keys(outcomes).filter((outcome) => !known.includes(outcome)),
      [],
      JSON.stringify(outcomes),
    );
    await expectNothingLeft(system);
  });

  test("before the call is even answered (CANCEL): one row, nothing left", async () => {
    await system.agent("301");
    const count = async () => (await system.api.calls(1_000, null)).length;
    const before = await count();
    for (let round = 0; round < 10; round++) {
      const caller = await system.call("115", { from: `03099900${10 + round}` });
      caller.hangUp();
      await caller.ended();
    }
    await system.waitFor("all are gone", ({ calls }) => calls.length === 0);
    await expectNothingLeft(system);
    assert((await count()) <= before + 10);
    await system.waitForAgent("301", "ready");
  });

  test("one gives up, the others keep their order", async () => {
    const phone = await system.agent("301");
    const first = await talk(system, phone, "0307770010");
    const [second, third] = [await waits(system, "0307770011"), await waits(system, "0307770012")];
    second.hangUp();
    await endedCall(system, "0307770011");
    assert.equal((await ari(system, "channels")).length, 3);
    first.agent.hangUp();
    const next = await phone.nextCall();
    assert.equal(next.callerNumber, "0307770012");
    next.ring();
    third.hangUp();
    await next.ended();
  });

  // A caller who leaves in the instant in which the call is answered: Asterisk says so, and it is no fault.
  testAftermath(system, {
    daemon: [/"operation":"answer".*"why":"Failed to answer channel"/],
    asterisk: [/stasis_app_control_answer: .*Failed to answer channel/],
  });
});

async function waits(system: System, from: string) {
  const caller = await system.call("115", { from });
  await caller.hears(greetingHertz);
  return caller;
}
