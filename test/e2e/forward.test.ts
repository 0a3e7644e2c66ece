/** Callers who are sent on to a number outside, over the trunk; a phone of ours plays the provider. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { endedCall, runningCall } from "../support/conversation.ts";
import { daemonPid } from "../support/inside.ts";
import { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { userOf } from "../support/sip/message.ts";
import { storyOf, storyUntil } from "../support/story.ts";
import { useSystem } from "../support/system.ts";
import { tone, tonesIn } from "../support/tones.ts";

const callerHertz = 440;
const outsideHertz = 1_000;
const forwardingHertz = 600;

describe("forwarding outside", () => {
  const system = useSystem();
  let provider: Phone;
  /** Somebody who calls before all others, and nobody picks up outside. */
  let patient: Phone;
  let silent: Call;

  before(
    async () => {
      // Known only to this test, so that several can run on one machine.
      provider = await Phone.open({ address: "127.0.0.2", sound: tone(outsideHertz) });
      const { configFile } = homePaths(system.home);
      const trunk = `\ntrunk:\n  acceptFrom: [127.0.0.2]\n  sendTo: 127.0.0.2:${provider.port}\n`;
      writeFileSync(configFile, readFileSync(configFile, "utf8") + trunk);
      await system.up();
      await announceTone(system, "forwarding", forwardingHertz);
      await system.change("hotline", "set", "demo", "--wrap-up", "0s");
      await system.change("hotline", "add", "night", "--name", "Nacht");
      await system.change("number", "add", "116", "night");
      await system.change("hours", "set", "--hotline", "night", "mon-sun", "00:00-24:00");
      await system.change("hotline", "set", "night", "--overflow", "no_agents: forward 0361999");
      patient = await Phone.open({ address: "127.0.0.2" });
      await patient.call("116", { from: "0306680000", port: system.sipPort });
      silent = await provider.nextCall();
      silent.ring();
    },
    { timeout: 60_000 },
  );

  after(() => Promise.all([provider?.leave(), patient?.leave()]));

  const overflow = (...steps: string[]) =>
    system.change("hotline", "set", "demo", ...steps.flatMap((step) => ["--overflow", step]));

  /** The number that the provider is asked to reach. */
  const dialled = (call: Call) => userOf(call.invite?.uri ?? "");

  test("nobody is there: both hear each other; the one outside hangs up", async () => {
    await overflow("no_agents: forward +49361100");
    const caller = await system.call("115", { from: "0306680001", sound: tone(callerHertz) });
    const rung = await provider.nextCall();
    assert.deepEqual([dialled(rung), rung.callerNumber], ["+49361100", "115"]);
    assert.match(rung.invite?.headers.get("P-Asserted-Identity") ?? "", /<sip:115@/);
    rung.ring();
    await caller.hears(forwardingHertz);
    await rung.answer();
    await Promise.all([caller.hears(outsideHertz), rung.hears(callerHertz)]);
    const { id } = await runningCall(system, "0306680001");
    await storyUntil(system, id, "forwarded");
    rung.hangUp();
    assert.equal((await caller.ended()).by, "them");
    assert.deepEqual(tonesIn(rung.recording(), [callerHertz, outsideHertz], 100), [callerHertz]);
    const { outcome, forwardedTo, agent, talkMs } = await endedCall(system, "0306680001");
    assert.deepEqual([outcome, forwardedTo, agent], ["forwarded", "+49361100", null]);
    assert.ok(talkMs !== null && talkMs > 0);
  });

  test("the caller hangs up, while it rings and while they talk", async () => {
    await overflow("no_agents: forward 0361101");
    const early = await system.call("115", { from: "0306680002" });
    const first = await provider.nextCall();
    first.ring();
    await early.answered();
    early.hangUp();
    assert.equal((await first.ended()).status, 487);
    const never = await endedCall(system, "0306680002");
    assert.deepEqual([never.outcome, never.endedBy], ["no_agents", "caller"]);

    const caller = await system.call("115", { from: "0306680003" });
    const rung = await provider.nextCall();
    await rung.answer();
    await caller.hears(outsideHertz);
    const { id } = await runningCall(system, "0306680003");
    await storyUntil(system, id, "forwarded");
    caller.hangUp();
    assert.deepEqual([(await rung.ended()).by, (await rung.ended()).status], ["them", 200]);
    const { outcome, endedBy } = await endedCall(system, "0306680003");
    assert.deepEqual([outcome, endedBy], ["forwarded", "caller"]);
  });

  test("busy outside: the next step; after the last one the announcement", async () => {
    await overflow("no_agents: forward 0361102", "no_agents: forward 0361103");
    for (const [from, status] of [
      ["0306680004", null],
      ["0306680005", 603],
    ] as const) {
      const caller = await system.call("115", { from });
      const busy = await provider.nextCall();
      assert.equal(dialled(busy), "0361102");
      busy.reject(486);
      const next = await provider.nextCall();
      assert.equal(dialled(next), "0361103");
      if (status !== null) next.reject(status);
      else {
        await next.answer();
        await caller.hears(outsideHertz);
        next.hangUp();
      }
      await caller.ended(30_000);
      const { outcome, id } = await endedCall(system, from);
      assert.equal(outcome, status === null ? "forwarded" : "no_agents");
      const failed = (await storyOf(system, id)).filter((line) => line === "forward_failed");
      assert.equal(failed.length, status === null ? 1 : 2);
    }
  });

  test("a provider that sends the call on (302) does not send it back to us: the next step", async () => {
    await overflow("no_agents: forward 0361106", "no_agents: forward 0361107");
    const caller = await system.call("115", { from: "0306680010" });
    (await provider.nextCall()).divert("115");
    const next = await provider.nextCall();
    assert.equal(dialled(next), "0361107");
    await next.answer();
    await caller.hears(outsideHertz);
    const { calls } = await system.api.status();
    // The other one is the patient caller.
    assert.equal(calls.length, 2);
    next.hangUp();
    await caller.ended();
    const { id } = await endedCall(system, "0306680010");
    const newest = await system.api.calls(1, null);
    assert.equal(newest[0]?.id, id, "no call has come of it");
  });

  test("who has waited and is not taken outside is back in the queue, and an agent's", {
    timeout: 60_000,
  }, async () => {
    await overflow("waited 1s: forward 0361104");
    const agent = await system.agent("471");
    const first = await system.call("115", { from: "0306680006" });
    const talking = await agent.nextCall();
    await talking.answer();
    await system.waitForAgent("471", "talking");
    const second = await system.call("115", { from: "0306680007" });
    const rung = await provider.nextCall();
    rung.reject(480);
    const { id } = await runningCall(system, "0306680007");
    await storyUntil(system, id, "forward_failed");
    talking.hangUp();
    await first.ended();
    const next = await agent.nextCall();
    assert.equal(next.callerNumber, "0306680007");
    await next.answer();
    await storyUntil(system, id, "connected 471");
    next.hangUp();
    await second.ended();
    assert.equal((await endedCall(system, "0306680007")).outcome, "answered");
    await system.change("agent", "logout", "471");
  });

  test("a daemon that begins anew goes on, in a conversation and while it rings", {
    timeout: 60_000,
  }, async () => {
    await overflow("no_agents: forward 0361105");
    const caller = await system.call("115", { from: "0306680008", sound: tone(callerHertz) });
    const rung = await provider.nextCall();
    await rung.answer();
    await caller.hears(outsideHertz);
    const { id } = await runningCall(system, "0306680008");
    await storyUntil(system, id, "forwarded");
    const waiting = await system.call("115", { from: "0306680009" });
    const ringing = await provider.nextCall();
    ringing.ring();
    await waiting.answered();

    const pid = daemonPid(system);
    process.kill(pid, "SIGKILL");
    await poll("another daemon runs", 20_000, () => (daemonPid(system) !== pid ? true : undefined));
    await system.waitFor("it knows Asterisk", ({ pbx }) => pbx.connected);
    await Promise.all([caller.hears(outsideHertz), rung.hears(callerHertz)]);
    caller.hangUp();
    await rung.ended();
    assert.equal((await endedCall(system, "0306680008")).outcome, "forwarded");
    await ringing.answer();
    await waiting.hears(outsideHertz);
    ringing.hangUp();
    await waiting.ended();
    assert.equal((await endedCall(system, "0306680009")).outcome, "forwarded");
  });

  test("nobody outside picks up: after 45 seconds it stops ringing, and the caller hears why", {
    timeout: 120_000,
  }, async () => {
    const { by, status } = await silent.ended(60_000);
    assert.deepEqual([by, status], ["them", 487]);
    const { outcome, id } = await system.waitForCall(
      "the caller is let go",
      ({ from, outcome }) => from === "0306680000" && outcome !== null,
      30_000,
    );
    assert.equal(outcome, "no_agents");
    assert.ok((await storyOf(system, id)).includes("forward_failed"));
  });

  testAftermath(system, {
    asterisk: [
      /WARNING.* (Web socket closed abruptly|WebSocket read error)/,
      /ERROR.* Error reading from web socket/,
    ],
  });
});
