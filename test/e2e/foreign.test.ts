/** Phones that were not made for this hotline: SIPp and baresip register, call, hold and talk. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testAftermath } from "../support/aftermath.ts";
import { Baresip } from "../support/baresip.ts";
import { Sipp } from "../support/sipp.ts";
import { useSystem } from "../support/system.ts";
import { tone, tonesIn } from "../support/tones.ts";

const system = useSystem();
const callerHertz = 440;
const agentHertz = 1_000;

test("wrap-up is off for these tests", async () => {
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
});

/*
 * The other end is our own phone, which tells when it hears a tone; baresip's own recordings are whole only for the agent,
 * who is hung up on.
 */
for (const [index, codec] of (["alaw", "g722"] as const).entries()) {
  test(`baresip as the agent's phone, ${codec}: both hear the other's tone and not their own`, {
    timeout: 60_000,
  }, async (t) => {
    const id = String(311 + index);
    const account = await system.addAgent(id);
    const agent = await Baresip.start({ hertz: agentHertz, codec, account });
    t.after(() => agent.stop());
    await system.change("agent", "login", id);
    await system.waitForAgent(id, "ready");
    const call = await system.call("115", { codecs: [codec], sound: tone(callerHertz) });
    await agent.event("CALL_INCOMING");
    await agent.accept();
    await call.hears(agentHertz);
    call.hangUp();
    await agent.event("CALL_CLOSED");
    assert.deepEqual(tonesIn(call.recording(), [callerHertz, agentHertz], 100), [agentHertz]);
    assert.deepEqual(tonesIn(agent.recording(), [callerHertz, agentHertz], 100), [callerHertz]);
    await system.change("agent", "logout", id);
  });

  test(`baresip as the caller, ${codec}: the agent hears it, and either may hang up`, {
    timeout: 60_000,
  }, async (t) => {
    const id = String(315 + index);
    const phone = await system.agent(id, { codecs: [codec], sound: tone(agentHertz) });
    const caller = await Baresip.start({ hertz: callerHertz, codec });
    t.after(() => caller.stop());
    for (const who of ["caller", "agent"] as const) {
      await caller.dial("115", { port: system.sipPort });
      const rung = await phone.nextCall();
      await rung.answer();
      await rung.hears(callerHertz);
      if (who === "caller") await caller.hangUp();
      else rung.hangUp();
      await rung.ended();
      await caller.event("CALL_CLOSED");
      assert.deepEqual(tonesIn(rung.recording(), [callerHertz, agentHertz], 100), [callerHertz]);
      const record = await system.waitForCall(
        "it is recorded",
        ({ outcome, agent }) => outcome !== null && agent === id,
      );
      assert.equal(record.endedBy, who);
      await system.waitForAgent(id, "ready");
    }
    await system.change("agent", "logout", id);
  });
}

test("SIPp: a registered phone answers callers in alaw, ulaw and g722, one after the other", {
  timeout: 60_000,
}, async (t) => {
  const account = await system.addAgent("321");
  const agent = await Sipp.agent(account, { scenario: "agent-hangs-up", pauseMs: 300 });
  t.after(() => agent.stop());
  await system.change("agent", "login", "321");
  await system.waitForAgent("321", "ready");
  for (const codec of ["alaw", "ulaw", "g722"] as const) {
    const to = { number: "115", port: system.sipPort };
    const caller = await Sipp.start({ scenario: "caller-stays", to, codec });
    t.after(() => caller.stop());
    const { successful, failed } = await caller.finished(20_000);
    assert.deepEqual({ codec, successful, failed }, { codec, successful: 1, failed: 0 }, caller.describe());
    await system.waitForAgent("321", "ready");
  }
  await system.change("agent", "logout", "321");
});

test("SIPp: hold and resume by re-INVITE, and an early hang-up", { timeout: 60_000 }, async (t) => {
  const account = await system.addAgent("322");
  const agent = await Sipp.agent(account, { scenario: "agent-stays", pauseMs: 200 });
  t.after(() => agent.stop());
  await system.change("agent", "login", "322");
  await system.waitForAgent("322", "ready");
  const to = { number: "115", port: system.sipPort };
  for (const scenario of ["caller-holds", "caller"] as const) {
    const caller = await Sipp.start({ scenario, to, pauseMs: 300 });
    t.after(() => caller.stop());
    const { successful, failed } = await caller.finished(20_000);
    assert.deepEqual(
      { scenario, successful, failed },
      { scenario, successful: 1, failed: 0 },
      caller.describe(),
    );
    await system.waitForAgent("322", "ready");
  }
});

testAftermath(system);
