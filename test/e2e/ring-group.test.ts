/** All phones ring at once; the first to pick up has the caller, and nobody else is left with a missed call. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { AgentView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { expectNothingLeft } from "../support/clean.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import type { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

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
      "5s",
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

  test("two pick up in the same instant, twenty times: one has the caller, the other is let go", async (context) => {
    const phones = await allPhones();
    const won: Record<string, number> = {};
    for (let round = 0; round < 20; round++) {
      const from = `03011200${10 + round}`;
      const { id, caller, rings } = await allRing(phones, from);
      const [first, second, third] = rings as [Call, Call, Call];
      await Promise.all(
        round % 2 === 0 ? [first.answer(), second.answer()] : [second.answer(), first.answer()],
      );
      assertElsewhere(await third.ended());
      const connected = await system.waitFor(
        "one of them talks",
        ({ calls }) => calls[0]?.phase === "connected",
      );
      const agent = connected.calls[0]!.agent!;
      won[agent] = (won[agent] ?? 0) + 1;
      const [winner, loser] = agent === "301" ? [first, second] : [second, first];
      await loser.ended();
      assert.equal(winner.state, "answered");
      const { talking } = (await system.api.status()).hotlines[0]!.agents;
      assert.equal(talking, 1);
      const story = await storyOf(system, id);
      assert.equal(story.filter((line) => line.startsWith("connected")).length, 1, story.join("\n"));
      caller.hangUp();
      await winner.ended();
      const { outcome, agent: served } = await endedCall(system, from);
      assert.deepEqual([outcome, served], ["answered", agent]);
      for (const each of ids) await system.waitForAgent(each, "ready");
    }
    context.diagnostic(`won: ${JSON.stringify(won)}`);
    await expectNothingLeft(system);
  });

  test("the winner hangs up in the moment of picking up, five times: the others ring on, or it was a conversation", async (context) => {
    const phones = await allPhones();
    const seen = { before: 0, after: 0 };
    for (let round = 0; round < 5; round++) {
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
    await expectNothingLeft(system);
  });

  testAftermath(system);
});

/** When the INVITE of a call came in. */
function firstSight(phones: readonly Phone[], call: Call): number {
  const entry = phones
    .flatMap(({ trace }) => trace)
    .find(({ message, direction }) => direction === "in" && message.headers.get("Call-ID") === call.id);
  assert(entry);
  return entry.at;
}
