/**
 * A network that goes away in mid call sends no BYE. The other party must not sit in a dead line for ever, and an agent must
 * not count as talking until the evening: silence ends the call, and so does a session timer that nobody answers.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { homePaths } from "../../src/config/paths.ts";
import { testAftermath } from "../support/aftermath.ts";
import type { Call } from "../support/call.ts";
import { endedCall } from "../support/conversation.ts";
import type { Phone } from "../support/phone.ts";
import { useSystem } from "../support/system.ts";
import { tone } from "../support/tones.ts";

/** The shortest that hotline.yaml allows. */
const rtpTimeoutSeconds = 10;
/** The shortest that SIP allows (RFC 4028). */
const sessionExpiresSeconds = 90;

const callerHertz = 440;
const agentHertz = 1_000;

const system = useSystem();

test("a sysadmin sets short times, and scripts/up puts them into effect", { timeout: 60_000 }, async () => {
  const { configFile } = homePaths(system.home);
  const text = readFileSync(configFile, "utf8")
    .replace(/rtpTimeoutSeconds: \d+/, `rtpTimeoutSeconds: ${rtpTimeoutSeconds}`)
    .replace(/sessionExpiresSeconds: \d+/, `sessionExpiresSeconds: ${sessionExpiresSeconds}`);
  writeFileSync(configFile, text);
  await system.up();
  await system.change("hotline", "set", "demo", "--wrap-up", "0s");
});

// All at the same time, since each is mostly waiting: a minute and a half together.
test("calls whose BYE is lost come to their end, and no others", { timeout: 180_000 }, async () => {
  const lostCaller = await openLine("301", "03012345601");
  const lostAgent = await openLine("302", "03012345602");
  const deafCaller = await openLine("303", "03012345603", timed("uac"));
  const healthy = await openLine("304", "03012345604", timed("uas"));
  assert.equal(sessionExpires(deafCaller.caller), `${sessionExpiresSeconds};refresher=uac`);
  assert.equal(sessionExpires(healthy.caller), `${sessionExpiresSeconds};refresher=uas`);
  await healthy.agent.call.hold();

  // Nothing comes of this phone any more.
  vanish(lostCaller.caller);
  vanish(lostAgent.agent);
  // Its SIP is cut off by a firewall that has forgotten it; its audio goes on.
  deafCaller.caller.phone.deaf = true;

  const silence = (rtpTimeoutSeconds + 10) * 1_000;
  assert.equal((await lostCaller.agent.call.ended(silence)).by, "them");
  assert.equal((await lostAgent.caller.call.ended(silence)).by, "them");
  await expectEnded(lostCaller, "caller");
  await system.waitForAgent("301", "ready");
  await expectEnded(lostAgent, "agent");
  // Asterisk asks the phone every 15 s whether it is there.
  await system.waitForAgent("302", "offline", 30_000);

  // Hold is silence, too, but not of that kind.
  await healthy.agent.call.resume();
  await healthy.caller.call.hears(agentHertz);
  await healthy.agent.call.hears(callerHertz);

  // That phone should have said by now that it is there. Asterisk waits for an answer to its BYE, too, which takes 32 s.
  assert.equal((await deafCaller.agent.call.ended((sessionExpiresSeconds + 40) * 1_000)).by, "them");
  await expectEnded(deafCaller, "caller");
  await system.waitForAgent("303", "ready");

  assert.ok(
    healthy.caller.phone.trace.some(
      ({ direction, message }) =>
        direction === "in" && message.kind === "request" && ["UPDATE", "INVITE"].includes(message.method),
    ),
    "the healthy caller was asked for a sign of life",
  );
  assert.equal(healthy.caller.call.state, "answered");
  await healthy.agent.call.hears(callerHertz);
  healthy.caller.call.hangUp();
  await healthy.agent.call.ended();
  await expectEnded(healthy, "caller");
});

testAftermath(system, { asterisk: [/lack of (audio )?RTP activity/] });

interface End {
  readonly phone: Phone;
  readonly call: Call;
}

interface Line {
  readonly from: string;
  readonly caller: End;
  readonly agent: End;
}

/** An agent comes to work, and as the only one who is free gets the next call: both talk. */
async function openLine(
  id: string,
  from: string,
  headers: readonly (readonly [string, string])[] = [],
): Promise<Line> {
  const agentPhone = await system.agent(id, { sound: tone(agentHertz) });
  const callerPhone = await system.caller({ sound: tone(callerHertz) });
  const placed = await callerPhone.call("115", { from, headers, port: system.sipPort });
  const rung = await agentPhone.nextCall();
  await rung.answer();
  await system.waitForAgent(id, "talking");
  return {
    from,
    caller: { phone: callerPhone, call: placed },
    agent: { phone: agentPhone, call: rung },
  };
}

/** A phone that supports session timers, and who is to give the signs of life. */
function timed(refresher: "uac" | "uas"): (readonly [string, string])[] {
  return [
    ["Supported", "timer"],
    ["Session-Expires", `${sessionExpiresSeconds};refresher=${refresher}`],
  ];
}

function vanish({ phone, call }: End): void {
  phone.deaf = true;
  call.vanish();
}

/** What Asterisk said about the session timer when it answered. */
function sessionExpires({ phone }: End): string {
  const answers = phone.trace.flatMap(({ direction, message }) =>
    direction === "in" && message.kind === "response" && message.status === 200 ? [message] : [],
  );
  return answers[0]?.headers.get("Session-Expires") ?? "";
}

async function expectEnded({ from }: Line, endedBy: string): Promise<void> {
  const record = await endedCall(system, from);
  assert.deepEqual(
    { outcome: record.outcome, endedBy: record.endedBy },
    { outcome: "answered", endedBy },
    JSON.stringify(record),
  );
}
