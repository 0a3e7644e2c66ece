/** Phones that ring out or are not there (what else they may answer: offer-results.test.ts); and agents who pause, leave or log out. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { AgentView } from "../../src/api/schemas.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import { endedCall, runningCall, talk } from "../support/conversation.ts";
import { poll } from "../support/process.ts";
import { storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";

/** The lines of a story that tell of offers. */
const offersIn = (story: readonly string[]) => story.filter((line) => /^(offer|connected)/.test(line));

describe("offers", () => {
  const system = useSystem();
  before(async () => {
    await announceTone(system, "greeting", 600);
    await system.change("hotline", "set", "demo", "--wrap-up", "0s", "--ring-timeout", "3s");
  });

  async function logOut(...agents: string[]): Promise<void> {
    for (const agent of agents) await system.change("agent", "logout", agent);
  }

  async function agentNow(id: string): Promise<AgentView | undefined> {
    return (await system.json<AgentView[]>("agent", "list")).find((agent) => agent.id === id);
  }

  test("nobody picks up: the next phone rings; after two misses the agent is paused, but not the last one", async () => {
    const silent = await system.agent("321");
    const late = await system.agent("322");
    const caller = await system.call("115", { from: "0306660003" });
    const first = await silent.nextCall();
    first.ring();
    const { by, status } = await first.ended();
    assert.deepEqual([by, status], ["them", 487], "it stops ringing");
    const second = await late.nextCall();
    second.ring();
    const third = await silent.nextCall();
    // In the same moment: what is sent to two phones may cross.
    await second.ended();
    third.ring();
    await third.ended();
    const paused = await system.waitForAgent("321", "paused");
    assert.equal(paused.reason, "no answer");
    const fourth = await late.nextCall();
    fourth.ring();
    // The last one who is there rings again and again, and that is an alarm.
    await fourth.ended();
    const fifth = await late.nextCall();
    const { alarms } = await system.api.status();
    assert.deepEqual(
      alarms.map(({ code }) => code),
      ["agent_silent"],
    );
    assert.match(alarms[0]!.message, /ring in vain at agent 322 /);
    await system.waitForAgent("322", "offered");
    await fifth.answer();
    const { id } = await runningCall(system, "0306660003");
    const story = await storyUntil(system, id, "connected 322");
    assert.deepEqual((await system.api.status()).alarms, [], "the alarm is over");
    assert.deepEqual(offersIn(story), [
      ...["321", "322", "321", "322"].flatMap((agent) => [
        `offered ${agent}`,
        `offer_ended ${agent} no_answer`,
      ]),
      "offered 322",
      "connected 322",
    ]);
    fifth.hangUp();
    await caller.ended();
    await system.waitForAgent("322", "ready");
    await system.change("agent", "resume", "321");
    await system.waitForAgent("321", "ready");
    await logOut("321", "322");
  });

  test("without a registered phone an agent is offline and not offered; registered again, ready and offered", async () => {
    const away = await system.agent("341");
    const there = await system.agent("342");
    await away.unregister();
    await system.waitForAgent("341", "offline");
    const first = await talk(system, there, "0306660005");
    assert.deepEqual(away.calls, []);
    await away.register();
    await system.waitForAgent("341", "ready");
    const second = await talk(system, away, "0306660006");
    for (const { caller } of [first, second]) caller.hangUp();
    await endedCall(system, "0306660006");
    await logOut("341", "342");
  });

  test("a phone that died and registers from another place is rung there at once", async () => {
    const dead = await system.agent("343");
    dead.close();
    const caller = await system.call("115", { from: "0306660009" });
    const { id } = await runningCall(system, "0306660009");
    await storyUntil(system, id, "offer_ended 343 unreachable");
    const alive = await system.phone("343");
    // Long before it would be asked again of its own accord.
    const rung = await alive.nextCall();
    await rung.answer();
    await storyUntil(system, id, "connected 343");
    caller.hangUp();
    await endedCall(system, "0306660009");
    await logOut("343");
  });

  test("pausing, logging out and being removed during a call take effect at its end", async () => {
    const kinds = [
      { id: "351", order: ["pause", "351", "--reason", "lunch"], reason: "lunch", endsAs: "paused" },
      { id: "352", order: ["logout", "352"], reason: "logs out after this call", endsAs: "logged_out" },
      { id: "353", order: ["remove", "353"], reason: "removed after this call", endsAs: null },
    ] as const;
    for (const { id, order, reason, endsAs } of kinds) {
      const phone = await system.agent(id);
      const { caller, agent } = await talk(system, phone, `0306667${id}`);
      await system.change("agent", ...order);
      const { state, reason: why } = (await agentNow(id)) ?? {};
      assert.deepEqual([state, why], ["talking", reason]);
      assert.equal(agent.state, "answered", "the conversation goes on");
      caller.hangUp();
      await agent.ended();
      if (endsAs !== null) await system.waitForAgent(id, endsAs);
      else {
        await system.waitFor("the agent is gone", ({ calls }) => calls.length === 0);
        assert.equal(await agentNow(id), undefined);
        await poll("the phone's account is gone too", 2_000, () =>
          phone.register().then(
            () => undefined,
            (error: Error) => /REGISTER got 40[134]/.test(error.message) || undefined,
          ),
        );
      }
      assert.equal((await endedCall(system, `0306667${id}`)).outcome, "answered");
    }
    await logOut("351");
  });

  test("who has logged out is not rung", async () => {
    const gone = await system.agent("361");
    const there = await system.agent("362");
    await system.change("agent", "logout", "361");
    await system.waitForAgent("361", "logged_out");
    const { caller } = await talk(system, there, "0306660008");
    caller.hangUp();
    await endedCall(system, "0306660008");
    assert.deepEqual(gone.calls, []);
    await logOut("362");
  });

  // Of the removed agent's phone, which tried to register all the same.
  const refused = [/InvalidAccountID.*"353-/, /ChallengeResponseFailed.*"<unknown>"/];
  testAftermath(system, { daemon: [...refused, /"alarm":"agent_silent"/], asterisk: refused });
});
