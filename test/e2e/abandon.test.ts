/** Callers who give up, at any moment, leave nothing behind. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { hungUpInTheMeantime, testAftermath } from "../support/aftermath.ts";
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
    // The phone of the test before has left by then.
    await system.waitForAgent("301", "offline");
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
    assertSameClock(ready.idleSince, before?.idleSince);
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

  test("while being connected with the agent, forty times: it was a conversation, or the agent is as before", {
    timeout: 60_000,
  }, async (context) => {
    const phone = await system.agent("301");
    const idleSince = async () => (await system.waitForAgent("301", "ready")).idleSince;
    const seen = { ringing: 0, connecting: 0, talking: 0 };
    for (let round = 0; round < 40; round++) {
      const from = `03066600${10 + round}`;
      const before = await idleSince();
      const caller = await system.call("115", { from });
      const agent = await phone.nextCall();
      await caller.answered();
      await agent.answer();
      // Picking up takes Asterisk and the daemon some milliseconds: the hang-up hits each of them.
      await pause(round % 10);
      caller.hangUp();
      await Promise.all([caller.ended(), agent.ended()]);
      const { id, outcome, endedBy } = await endedCall(system, from);
      const story = await storyUntil(system, id, "gone");
      const talked = story.includes("connected 301");
      const stage = talked ? "talking" : story.includes("picked_up 301") ? "connecting" : "ringing";
      seen[stage] += 1;
      assert.deepEqual(
        [outcome, endedBy],
        [talked ? "answered" : "abandoned_short", "caller"],
        story.join("\n"),
      );
      assert.equal(story.includes("offer_ended 301 cancelled"), !talked, story.join("\n"));
      assert.equal(story.filter((line) => line.startsWith("ended")).length, 1);
      const { reason } = await system.waitForAgent("301", "ready");
      assert.equal(reason, null, "nothing is held against the agent");
      if (!talked) assertSameClock(await idleSince(), before);
    }
    assert(seen.connecting > 0, "the instant that this is about was met");
    context.diagnostic(`the caller left while: ${JSON.stringify(seen)}`);
    await expectNothingLeft(system);
  });

  test("in the conversation: answered, ended by the caller, and the agent is free", async () => {
    const phone = await system.agent("301");
    const { id, caller, agent } = await talk(system, phone, "0307770020");
    caller.hangUp();
    assert.equal((await agent.ended()).by, "them");
    assert.equal((await storyUntil(system, id, "gone")).at(-2), "ended 301 answered caller");
    await system.waitForAgent("301", "ready");
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
    daemon: [/"(operation|order)":"answer".*"why":"Failed to answer channel"/],
    asterisk: [/stasis_app_control_answer: .*Failed to answer channel/, hungUpInTheMeantime],
  });
});

/** The API works out the time of day anew each time, which may differ by a millisecond. */
function assertSameClock(now: string | null, before: string | null | undefined): void {
  const movedMs = Date.parse(now ?? "") - Date.parse(before ?? "");
  assert(Math.abs(movedMs) <= 3, `the clock of the longest idle moved from ${before} to ${now}`);
}

async function waits(system: System, from: string) {
  const caller = await system.call("115", { from });
  await caller.hears(greetingHertz);
  return caller;
}
