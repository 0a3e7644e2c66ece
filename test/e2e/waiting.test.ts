/** What happens to callers who wait, on real phones: announcements in turn, greetings to the end, tiers and skills. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone, spokenSound } from "../support/announcements.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import { poll } from "../support/process.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

const waitingHertz = 700;

describe("waiting", () => {
  const system = useSystem();
  const set = (...settings: string[]) => system.change("hotline", "set", "demo", ...settings);

  test("announcements come in turn, with the caller's place; the phone rings meanwhile, and the answer ends them", async () => {
    await announceTone(system, "greeting", 500);
    await announceTone(system, "waiting_1", waitingHertz);
    await set("--wrap-up", "0s", "--periodic", "waiting_1 1s", "--periodic", "position 1s");
    const second = await spokenSound(system, { kind: "position", position: 2 });
    const phone = await system.agent("301");
    await system.change("agent", "pause", "301");
    const first = await system.call("115", { from: "0307770001" });
    await first.hears(waitingHertz, 20_000);
    const caller = await system.call("115", { from: "0307770002" });
    await caller.hears(waitingHertz, 20_000);
    await caller.hearsSpeech(second, 30_000);
    await first.hangUp();
    await endedCall(system, "0307770001");
    await system.change("agent", "resume", "301");
    const ringing = await phone.nextCall();
    ringing.ring();
    const { id } = await runningCall(system, "0307770002");
    const offered = (await storyUntil(system, id, "ringing 301")).length;
    // While the phone rings, announcements go on.
    await poll("another announcement", 10_000, async () => {
      const since = (await storyOf(system, id)).slice(offered);
      return since.some((line) => line.startsWith("announced")) || undefined;
    });
    await ringing.answer();
    await storyUntil(system, id, "connected 301");
    await caller.hangUp();
    const record = await endedCall(system, "0307770002");
    assert.equal(record.outcome, "answered");
    await set("--periodic", "none");
  });

  test("a greeting that must be heard rings nobody before its end", async () => {
    await set("--greeting-must-finish", "yes");
    const phone = await system.agent("302");
    const caller = await system.call("115", { from: "0307770003" });
    const ringing = await phone.nextCall();
    ringing.ring();
    const { id } = await runningCall(system, "0307770003");
    const story = await storyUntil(system, id, "ringing 302");
    assert.deepEqual(story.slice(0, 5), [
      "arrived",
      "admitted",
      "announced greeting",
      "music",
      "offered 302",
    ]);
    await caller.hangUp();
    assert.equal((await endedCall(system, "0307770003")).outcome, "abandoned_short");
    await set("--greeting-must-finish", "no");
    await system.clearPhones();
  });

  test("the second tier joins after its time, and a number that needs a skill rings only who has it", async () => {
    await set("--next-tier-after", "2s");
    const [best, reserve] = [await system.agent("303"), await system.agent("304")];
    await system.change("agent", "assign", "304", "demo", "--tier", "2", "--skills", "en");
    await system.change("number", "add", "116", "demo", "--skills", "en");
    const talking = await system.call("115", { from: "0307770004" });
    const answered = await best.nextCall();
    await answered.answer();
    const waiting = await system.call("115", { from: "0307770005" });
    const joined = await reserve.nextCall();
    joined.ring();
    const { id } = await runningCall(system, "0307770005");
    const story = await storyUntil(system, id, "ringing 304");
    assert.ok(story.includes("tier_joined"), story.join(", "));
    assert.ok(!story.includes("offered 303"));
    await waiting.hangUp();
    await talking.hangUp();
    await endedCall(system, "0307770004");
    await system.waitForAgent("303", "ready");
    // The first tier is ready, but does not speak English.
    const english = await system.call("116", { from: "0307770006" });
    const understood = await reserve.nextCall();
    understood.ring();
    await english.hangUp();
    const { id: englishId } = await endedCall(system, "0307770006");
    assert.ok(!(await storyOf(system, englishId)).includes("offered 303"));
  });

  testAftermath(system);
});
