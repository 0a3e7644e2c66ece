/** Whom a call rings by each strategy, on real phones. The ring group has a file of its own, and longest idle rings in nearly all others. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { testAftermath } from "../support/aftermath.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import type { Phone } from "../support/phone.ts";
import { storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

describe("strategies", () => {
  const system = useSystem();
  let callsPlaced = 0;

  const set = (...settings: string[]) => system.change("hotline", "set", "demo", ...settings);

  before(() => set("--wrap-up", "0s", "--ring-timeout", "5s"));

  /** These agents, and nobody else, in the order of their login. */
  async function atWork(...ids: string[]): Promise<Phone[]> {
    const phones: Phone[] = [];
    for (const { id, state } of await system.api.agents())
      if (state !== "logged_out") await system.change("agent", "logout", id);
    for (const id of ids) phones.push(await system.agent(id));
    return phones;
  }

  function pickUpAll(phones: readonly Phone[]): void {
    for (const phone of phones) phone.behave(() => ({ answer: true }));
  }

  const nextNumber = () => `0308880${String(++callsPlaced).padStart(3, "0")}`;

  /** Somebody calls and talks until `end()`. */
  async function talk(): Promise<{ agent: string; end(): Promise<number> }> {
    const from = nextNumber();
    const caller = await system.call("115", { from });
    const isTalking = (call: { from: string | null; agent: string | null }) =>
      call.from === from && call.agent !== null;
    const { agent } = await system.waitForCall("somebody has answered", isTalking);
    assert.ok(agent);
    return {
      agent,
      end: async () => {
        caller.hangUp();
        const { talkMs } = await endedCall(system, from);
        await system.waitForAgent(agent, "ready");
        return talkMs ?? assert.fail("no time of talk in the record");
      },
    };
  }

  /** Calls that follow each other, and who has answered them. */
  async function oneByOne(count: number): Promise<string[]> {
    const agents: string[] = [];
    for (let n = 0; n < count; n++) {
      const { agent, end } = await talk();
      await end();
      agents.push(agent);
    }
    return agents;
  }

  /** Each call has rung one phone, once. */
  function assertRung(phones: readonly Phone[], ...expected: number[]): void {
    assert.deepEqual(
      phones.map(({ calls }) => calls.length),
      expected,
    );
  }

  test("round robin goes on behind the one rung last, whoever is idle longest", async () => {
    const phones = await atWork("321", "322", "323");
    pickUpAll(phones);
    await set("--strategy", "round-robin");
    const long = await talk();
    assert.equal(long.agent, "321");
    assert.deepEqual(await oneByOne(2), ["322", "323"]);
    await long.end();
    assert.deepEqual(await oneByOne(4), ["321", "322", "323", "321"]);
    assertRung(phones, 3, 2, 2);
  });

  test("the fixed order begins with the first who is free", async () => {
    const phones = await atWork("332", "331");
    pickUpAll(phones);
    await set("--strategy", "fixed-order");
    assert.deepEqual(await oneByOne(2), ["331", "331"]);
    const long = await talk();
    assert.deepEqual([long.agent, ...(await oneByOne(1))], ["331", "332"]);
    await long.end();
    assert.deepEqual(await oneByOne(1), ["331"]);
    assertRung(phones, 1, 4);
  });

  test("fewest calls: who has answered less is rung, though idle for less long", async () => {
    const phones = await atWork("341", "342");
    pickUpAll(phones);
    await set("--strategy", "fewest-calls");
    const long = await talk();
    assert.deepEqual([long.agent, ...(await oneByOne(2))], ["341", "342", "342"]);
    await long.end();
    assert.deepEqual(await oneByOne(2), ["341", "342"]);
    assertRung(phones, 2, 3);
  });

  test("least talk: who has talked less is rung, also for one call after the other", async () => {
    const phones = await atWork("351", "352");
    pickUpAll(phones);
    await set("--strategy", "least-talk");
    const talkedMs = new Map([
      ["351", 0],
      ["352", 0],
    ]);
    const count = async ({ agent, end }: Awaited<ReturnType<typeof talk>>) =>
      talkedMs.set(agent, (talkedMs.get(agent) ?? 0) + (await end()));
    const long = await talk();
    assert.equal(long.agent, "351");
    for (let n = 0; n < 5; n++) await count(await talk());
    await count(long);
    const served: string[] = [];
    for (let n = 0; n < 3; n++) {
      const least = [...talkedMs].toSorted(([, a], [, b]) => a - b)[0]?.[0];
      const next = await talk();
      assert.equal(next.agent, least, JSON.stringify([...talkedMs]));
      served.push(next.agent);
      await count(next);
    }
    assert.deepEqual(served.slice(0, 2), ["352", "352"]);
  });

  test("random rings one phone for each call, and everybody's turn comes", async () => {
    const phones = await atWork("361", "362", "363");
    pickUpAll(phones);
    await set("--strategy", "random");
    const served = await oneByOne(40);
    // Wrong once in some millions.
    assert.deepEqual([...new Set(served)].sort(), ["361", "362", "363"]);
    assert.ok(
      served.some((agent, index) => agent === served[index + 1]),
      "not in turn",
    );
    assertRung(phones, ...["361", "362", "363"].map((id) => served.filter((agent) => agent === id).length));
  });

  test("progressive rings one more phone after the other, until somebody picks up", async () => {
    const [first, second, third] = (await atWork("371", "372", "373")) as [Phone, Phone, Phone];
    await set("--strategy", "progressive", "--ring-next-after", "1s");
    const from = nextNumber();
    const caller = await system.call("115", { from });
    const rings = [await first.nextCall()];
    rings[0]?.ring();
    assertRung([second, third], 0, 0);
    rings.push(await second.nextCall());
    rings[1]?.ring();
    assertRung([third], 0);
    rings.push(await third.nextCall());
    rings[2]?.ring();
    assert.deepEqual(
      rings.map(({ state }) => state),
      ["ringing", "ringing", "ringing"],
    );
    const { id } = await runningCall(system, from);
    await rings[1]?.answer();
    for (const loser of [rings[0], rings[2]]) {
      const ending = await loser?.ended();
      assert.equal(ending?.by, "them");
      assert.match(ending?.reason ?? "", /Call completed elsewhere/);
    }
    await storyUntil(system, id, "connected 372");
    caller.hangUp();
    const { events = [] } = await system.api.call((await endedCall(system, from)).id);
    const offers = events.filter(({ what }) => what === "offered");
    assert.deepEqual(
      offers.map(({ detail }) => detail.agent),
      ["371", "372", "373"],
    );
    for (const [index, { at }] of offers.slice(1).entries()) {
      const afterMs = Date.parse(at) - Date.parse(offers[index]?.at ?? "");
      // Kept by two clocks, the machine's and the wall's.
      assert.ok(afterMs > 950, `phone ${index + 2} rings ${afterMs} ms after the one before`);
    }
    await atWork();
  });

  testAftermath(system);
});
