/** Open and closed, each change counting for the very next call. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { HoursView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

const hertz = { greeting: 600, closed: 1_200, closed_adhoc: 1_500 } as const;

describe("opening hours", () => {
  const system = useSystem();
  before(async () => {
    for (const name of ["greeting", "closed", "closed_adhoc"] as const)
      await announceTone(system, name, hertz[name]);
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  });

  /** Calls, hears why nobody answers, and is hung up on. */
  async function turnedAway(from: string, announcement: "closed" | "closed_adhoc"): Promise<void> {
    const caller = await system.call("115", { from });
    await caller.hears(hertz[announcement]);
    const ending = await caller.ended();
    assert.equal(ending.by, "them");
    const record = await system.waitForCall(
      "the record",
      (call) => call.from === from && call.outcome !== null,
    );
    assert.deepEqual(
      [record.outcome, record.endedBy, record.agent, record.talkMs],
      [announcement, "hotline", null, null],
    );
    await storyUntil(system, record.id, "gone");
    assert.deepEqual(await storyOf(system, record.id), [
      "arrived",
      `announced ${announcement}`,
      `ended ${announcement} hotline`,
      "gone",
    ]);
  }

  /** Calls, is let in and gives up. */
  async function letIn(from: string): Promise<void> {
    const caller = await system.call("115", { from });
    await caller.hears(hertz.greeting);
    const { id } = await system.waitForCall("the call", (call) => call.from === from);
    assert((await storyOf(system, id)).includes("admitted"));
    caller.hangUp();
    await caller.ended();
  }

  test("outside the weekly hours callers hear that it is closed; the hours set anew count for the next call", async () => {
    await system.agent("301");
    await system.change("hours", "set", "mon-sun", "closed");
    const [hotline] = (await system.api.status()).hotlines;
    assert.equal(hotline?.open, false);
    assert.match(hotline.reason, /outside opening hours/);
    await turnedAway("0305550001", "closed");
    await system.change("hours", "set", "mon-sun", "00:00-24:00");
    await letIn("0305550002");
  });

  test("closed at short notice and opened again, each for the very next call", async () => {
    await system.agent("301");
    const closed = await system.change<HoursView>("hours", "close", "--until", "23:59", "--reason", "Storm");
    assert.equal(closed.open, false);
    assert.equal(closed.adHoc?.reason, "Storm");
    assert.match((await system.api.status()).hotlines[0]!.reason, /Storm/);
    await turnedAway("0305550003", "closed_adhoc");
    const opened = await system.change<HoursView>("hours", "resume");
    assert.deepEqual([opened.open, opened.adHoc], [true, null]);
    await letIn("0305550004");
  });

  test("closing at short notice goes before the weekly hours; opening again leaves those as they are", async () => {
    await system.agent("301");
    await system.change("hours", "set", "mon-sun", "closed");
    await system.change("hours", "close", "--for", "1h", "--reason", "Drill");
    await turnedAway("0305550005", "closed_adhoc");
    await system.change("hours", "resume");
    await turnedAway("0305550006", "closed");
    await system.change("hours", "set", "mon-sun", "00:00-24:00");
  });

  test("closed for two seconds, it opens again by itself", async () => {
    await system.agent("301");
    const { adHoc } = await system.change<HoursView>("hours", "close", "--for", "2s", "--reason", "Drill");
    const until = Date.parse(adHoc?.until ?? "");
    await turnedAway("0305550007", "closed_adhoc");
    await system.waitFor("it is open", ({ hotlines }) => hotlines[0]!.open);
    assert(Date.now() >= until, "it opens not a moment too soon");
    assert.equal((await system.json<HoursView>("hours", "show")).adHoc, null);
    await letIn("0305550008");
  });

  test("who waits already when it closes is still served; who calls then is not", async () => {
    const phone = await system.agent("301");
    await system.change("agent", "pause", "301");
    const early = await system.call("115", { from: "0305550009" });
    await early.hears(hertz.greeting);
    await system.change("hours", "close", "--for", "1h", "--reason", "Storm");
    await turnedAway("0305550010", "closed_adhoc");
    await system.change("agent", "resume", "301");
    const agent = await phone.nextCall();
    assert.equal(agent.callerNumber, "0305550009");
    await agent.answer();
    await system.waitForAgent("301", "talking");
    agent.hangUp();
    await early.ended();
    await system.change("hours", "resume");
    const record = await system.waitForCall("the record", (call) => call.from === "0305550009");
    assert.equal(record.outcome, "answered");
  });

  test("opening again with nothing closed succeeds; wrong hours change nothing", async () => {
    assert.equal((await system.hotline("hours", "resume", "--yes")).exitCode, 0);
    const before = await system.json("hours", "show");
    for (const wrong of [
      ["hours", "set", "mon-sun", "25:00-26:00"],
      ["hours", "set", "someday", "08:00-12:00"],
      ["hours", "set", "mon", "08:00-12:00,11:00-13:00"],
      ["hours", "close", "--for", "0s", "--reason", "x"],
      ["hours", "close", "--until", "24:30", "--reason", "x"],
      ["hours", "close", "--for", "1h"],
    ]) {
      const { exitCode, stdout, stderr } = await system.hotline(...wrong, "--yes");
      assert.deepEqual([exitCode, stdout], [2, ""], `${wrong.join(" ")}\n${stderr}`);
      assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
    assert.deepEqual(await system.json("hours", "show"), before);
  });

  testAftermath(system);
});
