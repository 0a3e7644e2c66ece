/** All phones ring at once; the first to pick up has the caller, and nobody else is left with a missed call. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { AgentView } from "../../src/api/schemas.ts";
import { hungUpInTheMeantime, testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { expectNothingLeft } from "../support/clean.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import type { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { Sipp } from "../support/sipp.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { type System, useSystem } from "../support/system.ts";

describe("ring group", () => {
  const system = useSystem();
  const ids = ["301", "302", "303"];
  before(async () => {
    await announceTone(system, "greeting", 600);
    await system.change(
      "hotline",
      "set",
      "demo",
      "--strategy",
      "ring-all",
      "--wrap-up",
      "0s",
      "--ring-timeout",
      "3s",
    );
  });

  async function allPhones(): Promise<Phone[]> {
    const phones: Phone[] = [];
    for (const id of ids) phones.push(await system.agent(id));
    return phones;
  }

  /** Somebody calls, and all these phones ring. */
  async function allRing(phones: readonly Phone[], from: string) {
    const caller = await system.call("115", { from });
    const rings = await Promise.all(phones.map((phone) => phone.nextCall()));
    for (const ringing of rings) ringing.ring();
    const { id } = await runningCall(system, from);
    return { id, caller, rings };
  }

  function assertElsewhere({ by, reason }: Awaited<ReturnType<Call["ended"]>>): void {
    assert.equal(by, "them");
    assert.match(reason ?? "no Reason header", /cause=200.*Call completed elsewhere|cause=26/i);
  }

  test("the first to pick up wins, the others are told that it was answered elsewhere, and have missed nothing", async (context) => {
    const phones = await allPhones();
    for (let round = 1; round <= 3; round++) {
      const from = `030111000${round}`;
      const { id, caller, rings } = await allRing(phones, from);
      const invites = rings.map((ringing) => firstSight(phones, ringing));
      context.diagnostic(
        `from the first INVITE to the last: ${Math.max(...invites) - Math.min(...invites)} ms`,
      );
      const [winner, ...losers] = rings as [Call, Call, Call];
      await winner.answer();
      const endings = await Promise.all(losers.map((loser) => loser.ended()));
      for (const ending of endings) assertElsewhere(ending);
      if (round === 1)
        context.diagnostic(`the losers' CANCEL says: ${endings.map(({ reason }) => reason).join(" | ")}`);
      const story = await storyUntil(system, id, "connected 301");
      assert.deepEqual(
        story.filter((line) => line.startsWith("offered")).sort(),
        ids.map((each) => `offered ${each}`),
      );
      caller.hangUp();
      await winner.ended();
      await endedCall(system, from);
      for (const each of ids) await system.waitForAgent(each, "ready");
      assert.deepEqual((await storyOf(system, id)).filter((line) => line.startsWith("offer_ended")).sort(), [
        "offer_ended 302 answered_elsewhere",
        "offer_ended 303 answered_elsewhere",
      ]);
    }
    // Three rounds lost, and nobody is paused for it.
    const agents = await system.json<AgentView[]>("agent", "list");
    assert.deepEqual(
      agents.filter(({ id }) => ids.includes(id)).map(({ state, reason }) => [state, reason]),
      ids.map(() => ["ready", null]),
    );
  });

  test("nobody picks up: all ring again, and nobody is charged with a miss", async () => {
    const phones = await allPhones();
    const { id, caller, rings } = await allRing(phones, "0301110010");
    await Promise.all(rings.map((ringing) => ringing.ended()));
    const again = await Promise.all(phones.map((phone) => phone.nextCall()));
    for (const ringing of again) ringing.ring();
    await Promise.all(again.map((ringing) => ringing.ended()));
    const third = await Promise.all(phones.map((phone) => phone.nextCall()));
    await third[1]!.answer();
    const story = await storyUntil(system, id, "connected 302");
    assert.equal(story.filter((line) => line.endsWith("no_answer")).length, 6);
    caller.hangUp();
    await endedCall(system, "0301110010");
    for (const each of ids) await system.waitForAgent(each, "ready");
  });

  test("two pick up in the same instant, two hundred times: one has the caller, the other is let go", {
    timeout: 120_000,
  }, async (context) => {
    const phones = await allPhones();
    const callers = await system.caller({ sound: null });
    // One miss charged would pause somebody.
    await system.change("hotline", "set", "demo", "--auto-pause", "1");
    const won: Record<string, number> = {};
    const reasons: Record<string, number> = {};
    const served = new Map<string, string>();
    const started = performance.now();
    for (let round = 0; round < 200; round++) {
      const from = `03011200${100 + round}`;
      const caller = await callers.call("115", { from, port: system.sipPort });
      const rings = await Promise.all(phones.map((phone) => phone.nextCall()));
      for (const ringing of rings) ringing.ring();
      // Each pair of the three, in either order.
      const one = rings[round % 3]!;
      const two = rings[(round + 1 + (Math.floor(round / 3) % 2)) % 3]!;
      const third = rings.find((ringing) => ringing !== one && ringing !== two)!;
      await Promise.all([one.answer(), two.answer()]);
      assertElsewhere(await third.ended());
      const loser = await Promise.race(
        [one, two].map(async (each) => ({ each, ending: await each.ended() })),
      );
      assertElsewhere(loser.ending);
      const winner = loser.each === one ? two : one;
      assert.equal(winner.state, "answered", winner.describe());
      for (const { reason } of [await third.ended(), loser.ending])
        reasons[String(reason)] = (reasons[String(reason)] ?? 0) + 1;
      const agent = ids[rings.indexOf(winner)]!;
      won[agent] = (won[agent] ?? 0) + 1;
      served.set(from, agent);
      caller.hangUp();
      await Promise.all([winner.ended(), caller.ended()]);
      await system.waitFor("all three are ready", ({ hotlines }) => hotlines[0]!.agents.ready === 3);
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    context.diagnostic(
      `200 rounds in ${seconds} s; won: ${JSON.stringify(won)}; told: ${JSON.stringify(reasons)}`,
    );

    const calls = (await system.api.calls(1_000, null)).filter(({ from }) => served.has(String(from)));
    assert.equal(calls.length, 200);
    for (const { id, from, outcome, agent } of calls) {
      const story = await storyOf(system, id);
      const winner = served.get(from!);
      assert.deepEqual([outcome, agent], ["answered", winner], story.join("\n"));
      // The one conversation is with the one whose phone says so; to both others somebody else was faster.
      assert.deepEqual(
        story.filter((line) => /^(connected|not_connected|offer_ended)/.test(line)).sort(),
        [
          `connected ${winner}`,
          ...ids.filter((each) => each !== winner).map((each) => `offer_ended ${each} answered_elsewhere`),
        ],
        story.join("\n"),
      );
    }
    await system.change("hotline", "set", "demo", "--auto-pause", "2");
    await expectNothingLeft(system);
  });

  test("the winner hangs up in the moment of picking up, until it was before the bridge stood: the others ring on", {
    timeout: 120_000,
  }, async (context) => {
    const phones = await allPhones();
    const seen = { before: 0, after: 0 };
    for (let round = 0; isToGoOn(round, seen.before); round++) {
      const from = `03011300${10 + round}`;
      const { id, caller, rings } = await allRing(phones, from);
      const [hasty, ...others] = rings as [Call, Call, Call];
      await hasty.answer();
      hasty.hangUp();
      // Whether the bridge stood already is up to Asterisk; either way the record is clear.
      const failed = "offer_ended 301 failed";
      const decided = await poll("it is decided", 5_000, async () => {
        const story = await storyOf(system, id);
        return story.find((line) => line === failed || line.startsWith("ended"));
      });
      await hasty.ended();
      if (decided === "ended 301 answered agent") {
        seen.after += 1;
        for (const other of others) assertElsewhere(await other.ended());
      } else {
        seen.before += 1;
        assert.equal(decided, failed);
        assert(others.every((other) => other.state === "ringing"));
        await others[1]!.answer();
        await storyUntil(system, id, "connected 303");
        assertElsewhere(await others[0]!.ended());
        caller.hangUp();
      }
      assert.equal((await endedCall(system, from)).outcome, "answered");
      await system.waitFor(
        "rest",
        ({ calls, hotlines }) => calls.length === 0 && hotlines[0]!.agents.ready === 3,
      );
    }
    context.diagnostic(`hung up before the bridge stood: ${seen.before} times, after: ${seen.after} times`);
    assert(seen.before > 0, "the instant that this is about was met");
    await expectNothingLeft(system);
  });

  test("SIPp picks up and says BYE at once, until it was before the bridge stood: our phones ring on", {
    timeout: 120_000,
  }, async (context) => {
    const hasty = await Sipp.agent(await system.addAgent("304"), { scenario: "agent-hangs-up" });
    context.after(() => hasty.stop());
    await system.change("agent", "logout", "301");
    const phones = [await system.agent("302"), await system.agent("303")];
    await system.change("agent", "login", "304");
    const seen = { before: 0, after: 0 };
    for (let round = 0; isToGoOn(round, seen.before); round++) {
      await system.waitFor("rest", ({ hotlines }) => hotlines[0]!.agents.ready === 3);
      await poll("304 may be rung", 5_000, async () =>
        (await system.api.agents()).some(({ id, reason }) => id === "304" && reason === null)
          ? true
          : undefined,
      );
      const from = `03011400${10 + round}`;
      const caller = await system.call("115", { from });
      const rings = await Promise.all(phones.map((phone) => phone.nextCall()));
      for (const ringing of rings.filter(({ state }) => state !== "ended")) ringing.ring();
      const { id } = await recordOf(system, from);
      const failed = "offer_ended 304 failed";
      const decided = await poll("it is decided", 5_000, async () =>
        (await storyOf(system, id)).find((line) => line === failed || line.startsWith("ended")),
      );
      if (decided === failed) {
        seen.before += 1;
        const [other, winner] = rings as [Call, Call];
        assert.equal(winner.state, "ringing", winner.describe());
        await winner.answer();
        await storyUntil(system, id, "connected 303");
        assertElsewhere(await other.ended());
        caller.hangUp();
      } else {
        seen.after += 1;
        assert.equal(decided, "ended 304 answered agent");
        for (const ringing of rings) assertElsewhere(await ringing.ended());
        await caller.ended();
      }
      assert.equal((await endedCall(system, from)).outcome, "answered");
    }
    context.diagnostic(`hung up before the bridge stood: ${seen.before} times, after: ${seen.after} times`);
    assert(seen.before > 0, "the instant that this is about was met");
    assert.equal(hasty.counts().failed, 0, hasty.describe());
    await expectNothingLeft(system);
  });

  testAftermath(system, { asterisk: [hungUpInTheMeantime] });
});

/** Five times, and on until the hang-up has come before the bridge stood, which is up to Asterisk; but not for ever. */
const isToGoOn = (round: number, before: number): boolean => round < 5 || (before === 0 && round < 60);

/** Of a call that may be over already. */
const recordOf = (system: System, from: string) =>
  system.waitForCall(`a call from ${from}`, (call) => call.from === from);

/** When the INVITE of a call came in. */
function firstSight(phones: readonly Phone[], call: Call): number {
  const entry = phones
    .flatMap(({ trace }) => trace)
    .find(({ message, direction }) => direction === "in" && message.headers.get("Call-ID") === call.id);
  assert(entry);
  return entry.at;
}
