/** What callers are told, in the operator's own recordings, and who is turned away with which words. */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { AnnouncementView, CallView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announcementSound, announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { writeWav } from "../support/codecs.ts";
import { endedCall } from "../support/conversation.ts";
import { poll } from "../support/process.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";
import { sine } from "../support/tones.ts";

describe("announcements", () => {
  const system = useSystem();
  const listed = () => system.json<AnnouncementView[]>("announce", "list", "demo");

  /** A file in the test's own folder, beside the home. */
  function inFolder(name: string): string {
    return join(system.home, "..", name);
  }

  /** Is hung up on after an announcement. */
  async function turnedAway(caller: Call, from: string, outcome: string): Promise<void> {
    assert.equal((await caller.ended(20_000)).by, "them");
    const record = await endedCall(system, from);
    assert.deepEqual(
      [record.outcome, record.endedBy, record.agent, record.talkMs],
      [outcome, "hotline", null, null],
    );
    await storyUntil(system, record.id, "gone");
    assert.deepEqual(await storyOf(system, record.id), [
      "arrived",
      `announced ${outcome}`,
      `ended ${outcome} hotline`,
      "gone",
    ]);
  }

  test("nobody is logged in: the caller hears so in German, to the end, and is hung up on", async () => {
    const sound = await announcementSound(system, "no_agents");
    const caller = await system.call("115", { from: "0304440001" });
    await caller.hearsSpeech(sound, 20_000);
    await turnedAway(caller, "0304440001", "no_agents");
  });

  test("a renamed hotline answers with its new name", async () => {
    await system.agent("301");
    await system.change("hotline", "set", "demo", "--name", "Rathaus Erfurt");
    const spoken = async () => {
      const greeting = (await system.api.announcements("demo")).find(({ name }) => name === "greeting");
      return greeting?.text.startsWith("Rathaus Erfurt, guten Tag.") && greeting.lengthMs > 0
        ? true
        : undefined;
    };
    await poll("the greeting is spoken anew", 20_000, spoken);
    const sound = await announcementSound(system, "greeting");
    const caller = await system.call("115", { from: "0304440004" });
    await caller.hearsSpeech(sound, 20_000);
    caller.hangUp();
    await endedCall(system, "0304440004");
    await system.change("hotline", "set", "demo", "--name", "Bürgerhotline");
  });

  test("an imported recording is heard by the very next caller", async () => {
    const file = inFolder("greeting.wav");
    await system.agent("301");
    for (const [hertz, rate, from] of [
      [700, 8_000, "0304440002"],
      [900, 44_100, "0304440003"],
    ] as const) {
      writeWav(file, sine(hertz, 1_500, 8_000, rate), rate);
      const imported = await system.change<AnnouncementView>("announce", "import", "demo", "greeting", file);
      const { source, text, lengthMs } = imported;
      assert.deepEqual([source, text], ["file", "greeting.wav"]);
      // With a short silence before and after it.
      assert(lengthMs >= 1_500 && lengthMs <= 2_100, `${lengthMs} ms`);
      assert.deepEqual(
        (await listed()).find(({ name }) => name === "greeting"),
        imported,
      );
      for (const codec of ["alaw", "g722"] as const) {
        const caller = await system.call("115", { from: `${from}${codec.length}`, codecs: [codec] });
        await caller.hears(hertz);
        caller.hangUp();
        await endedCall(system, `${from}${codec.length}`);
      }
    }
    rmSync(file);
  });

  test("what is no recording is refused, and nothing is changed", async () => {
    await system.agent("301");
    await announceTone(system, "greeting", 700);
    const before = await listed();
    const [garbage, empty, good] = [inFolder("garbage.wav"), inFolder("empty.wav"), inFolder("good.wav")];
    writeFileSync(garbage, "This is no sound at all.\n".repeat(100));
    writeFileSync(empty, "");
    writeWav(good, sine(800, 500));
    const refused = [
      ["demo", "greeting", garbage],
      ["demo", "greeting", empty],
      ["demo", "greeting", inFolder("missing.wav")],
      ["demo", "greeting", system.home],
      ["demo", "song", good],
      ["elsewhere", "greeting", good],
    ];
    for (const args of refused) {
      const { exitCode, stdout, stderr } = await system.hotline(
        "announce",
        "import",
        ...args,
        "--yes",
        "--json",
      );
      assert([1, 2].includes(exitCode), `${args.join(" ")}: exit code ${exitCode}`);
      assert.equal(stdout, "");
      assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
    const unconfirmed = await system.hotline("announce", "import", "demo", "greeting", good);
    assert.equal(unconfirmed.exitCode, 2, "without --yes and without a terminal");
    assert.deepEqual(await listed(), before);
    const caller = await system.call("115");
    await caller.hears(700);
    caller.hangUp();
    await caller.ended();
    for (const file of [garbage, empty, good]) rmSync(file);
  });

  test("too many wait: the next caller hears so, those who wait stay", async () => {
    await announceTone(system, "full", 1_200);
    const phone = await system.agent("301");
    await system.change("hotline", "set", "demo", "--max-waiting", "1", "--wrap-up", "0s");
    await system.change("agent", "pause", "301");
    const first = await system.call("115", { from: "0304440010" });
    await first.hears(700);
    const second = await system.call("115", { from: "0304440011" });
    await second.hears(1_200);
    await turnedAway(second, "0304440011", "full");
    await system.change("agent", "resume", "301");
    const agent = await phone.nextCall();
    assert.equal(agent.callerNumber, "0304440010");
    await agent.answer();
    await system.waitForAgent("301", "talking");
    // Who talks no longer waits: there is room again.
    const third = await system.call("115", { from: "0304440012" });
    await third.hears(700);
    third.hangUp();
    agent.hangUp();
    await first.ended();
    await endedCall(system, "0304440012");
    await system.change("hotline", "set", "demo", "--max-waiting", "500");
  });

  test("who has waited too long hears so and is let go", async () => {
    await announceTone(system, "timed_out", 1_400);
    await system.agent("301");
    await system.change("agent", "pause", "301");
    await system.change("hotline", "set", "demo", "--max-wait", "2s");
    const caller = await system.call("115", { from: "0304440020" });
    await caller.hears(1_400);
    assert.equal((await caller.ended()).by, "them");
    const { outcome, waitMs } = await endedCall(system, "0304440020");
    assert.equal(outcome, "timed_out");
    assert(waitMs !== null && waitMs >= 2_000 && waitMs < 3_000, `${waitMs} ms`);
    await system.change("hotline", "set", "demo", "--max-wait", "60m");
    await system.change("agent", "logout", "301");
  });

  test("a number that no hotline has is refused with 404, without an answer, and recorded", async () => {
    const caller = await system.call("116117", { from: "0304440030" });
    const { by, status } = await caller.ended();
    assert.deepEqual([by, status], ["them", 404]);
    assert(!caller.responses.some((response) => response.status === 200));
    const record = await endedCall(system, "0304440030");
    assert.deepEqual([record.outcome, record.hotline], ["unknown_number", null]);
    const shown = await system.json<CallView>("calls", "show", record.id);
    assert.equal(shown.events?.[0]?.detail.number, "116117");
  });

  testAftermath(system);
});
