/** While the daemon is away: nobody who calls gets lost, and nobody loses the place. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askAsterisk, testAftermath } from "../support/aftermath.ts";
import { hearsSomething } from "../support/hears.ts";
import { poll } from "../support/process.ts";
import { killForGood, supervise } from "../support/services.ts";
import { useSystem } from "../support/system.ts";

const system = useSystem();

test("who calls while the daemon is away hears music, and is served in the order of arrival when it is back", {
  timeout: 60_000,
}, async () => {
  const phone = await system.agent("361");
  await poll("Asterisk knows the number", 10_000, async () =>
    (await askAsterisk(system, "dialplan show 115@fallback-plan-rendered")).includes("OPEN=")
      ? true
      : undefined,
  );
  await killForGood(system);
  const before = Date.now();
  const first = await system.call("115", { from: "+493611" });
  await first.answered();
  await hearsSomething(first);
  const second = await system.call("115", { from: "+493612" });
  await second.answered();
  await hearsSomething(second);

  await supervise(system, "up", "daemon");
  const rung = await phone.nextCall();
  assert.equal(rung.callerNumber, "+493611", "who came first is first");
  await rung.answer();
  await system.waitForAgent("361", "talking");
  await system.waitFor("the other waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
  const calls = await system.api.calls(2, null);
  for (const { arrivedAt } of calls) {
    const lateMs = Date.parse(arrivedAt) - before;
    assert.ok(lateMs >= 0, `arrived ${lateMs} ms after the first one called`);
  }
  first.hangUp();
  second.hangUp();
  await rung.ended();
  await system.change("agent", "logout", "361");
});

test("who calls a closed hotline while the daemon is away is told so", { timeout: 60_000 }, async () => {
  await system.change("hours", "close", "--hotline", "demo", "--until", "resumed", "--reason", "test");
  await poll("Asterisk knows that it is closed", 10_000, async () =>
    (await askAsterisk(system, "dialplan show 115@fallback-plan-rendered")).includes("?yes:")
      ? undefined
      : true,
  );
  await killForGood(system);
  const call = await system.call();
  await call.answered();
  await hearsSomething(call);
  assert.equal((await call.ended()).by, "them");
  const stranger = await system.call("999");
  await poll("it rings", 5_000, () => stranger.state === "ringing" || undefined);
  stranger.hangUp();
  await supervise(system, "up", "daemon");
  await system.waitFor("it is back", ({ pbx }) => pbx.connected);
  await system.change("hours", "resume", "--hotline", "demo");
});

testAftermath(system, {
  daemon: [/"the connection to Asterisk is lost"/, /closed_until_resumed:demo/],
  asterisk: [
    /ws_safe_read: Web socket closed abruptly/,
    /session_read: WebSocket read error/,
    /stasis_app_exec: Stasis app 'hotline' not active/,
  ],
});
