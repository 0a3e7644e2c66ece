/** What agents dial: codes for their own state, and each other. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { programFolder } from "../../src/config/paths.ts";
import type { Confirmation } from "../../src/core/effects.ts";
import { testAftermath } from "../support/aftermath.ts";
import { announceTone, confirmationSound } from "../support/announcements.ts";
import type { Call } from "../support/call.ts";
import { ari } from "../support/clean.ts";
import { readSound } from "../support/codecs.ts";
import { endedCall, runningCall, talk } from "../support/conversation.ts";
import { daemonPid } from "../support/inside.ts";
import type { Phone } from "../support/phone.ts";
import { poll } from "../support/process.ts";
import { supervise } from "../support/services.ts";
import { storyUntil } from "../support/story.ts";
import { type AgentState, useSystem } from "../support/system.ts";
import { findSpeech, tone, tonesIn } from "../support/tones.ts";

describe("what agents dial", () => {
  const system = useSystem();
  /** Of the removed agent's phone, which takes its registration back all the same. */
  const removed = [/InvalidAccountID.*"442-/, /ChallengeResponseFailed.*"<unknown>"/];
  const sorry = () => readSound(join(programFolder, "asterisk-config/sounds/sorry.alaw"));

  before(async () => {
    await announceTone(system, "greeting", 600);
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
  });

  const dial = (phone: Phone, number: string) => phone.call(number, { port: system.sipPort });

  async function logOut(...agents: string[]): Promise<void> {
    for (const agent of agents) await system.change("agent", "logout", agent);
  }

  /** Dials a code, hears what came of it and is hung up. */
  async function code(phone: Phone, digits: string, says: Confirmation): Promise<void> {
    const wanted = await confirmationSound(system, says);
    const call = await dial(phone, digits);
    await call.answered();
    const { by, status } = await call.ended();
    assert.deepEqual([by, status], ["them", 200]);
    const { share } = findSpeech(call.recording(), wanted);
    assert.ok(share >= 0.9, `heard ${Math.round(share * 100)} % of "${says}"`);
  }

  /** Somebody calls, and this phone is the one that rings; the caller then hangs up. */
  async function isNext(phone: Phone, from: string): Promise<void> {
    const { caller, agent } = await talk(system, phone, from);
    caller.hangUp();
    await agent.ended();
    await endedCall(system, from);
  }

  test("*45 logs in and out, *46 begins and ends a pause; each says what came of it", async () => {
    await system.addAgent("411");
    const phone = await system.phone("411");
    const steps: readonly [digits: string, says: Confirmation, becomes: AgentState][] = [
      ["*45", "logged_in", "ready"],
      ["*46", "paused", "paused"],
      ["*46", "resumed", "ready"],
      ["*45", "logged_out", "logged_out"],
      ["*46", "not_logged_in", "logged_out"],
    ];
    for (const [digits, says, becomes] of steps) {
      await code(phone, digits, says);
      await system.waitForAgent("411", becomes);
    }
  });

  test("*47 ends wrap-up", async () => {
    await system.change("hotline", "set", "demo", "--wrap-up", "10m");
    const phone = await system.agent("412");
    await isNext(phone, "0306670001");
    await system.waitForAgent("412", "wrap_up");
    await code(phone, "*47", "wrap_up_ended");
    await system.waitForAgent("412", "ready");
    await code(phone, "*47", "no_wrap_up");
    await system.waitForAgent("412", "ready");
    await system.change("hotline", "set", "demo", "--wrap-up", "0s");
    await logOut("412");
  });

  test("who dials a code hears the confirmation in peace: busy, and only then the next call", async () => {
    const phone = await system.agent("413");
    const call = await dial(phone, "*47");
    await call.answered();
    await system.waitForAgent("413", "busy");
    const caller = await system.call("115", { from: "0306670002" });
    await call.ended();
    const rung = await phone.nextCall();
    assert.equal(rung.callerNumber, "0306670002");
    caller.hangUp();
    await rung.ended();
    await endedCall(system, "0306670002");
    await system.waitForAgent("413", "ready");
    await logOut("413");
  });

  test("whose state it is says the phone's account, not the number that the phone shows", async () => {
    const phone = await system.agent("414");
    await system.agent("415");
    const call = await phone.call("*46", {
      port: system.sipPort,
      name: "415",
      headers: [
        ["P-Asserted-Identity", "<sip:415@127.0.0.1>"],
        ["Remote-Party-ID", "<sip:415@127.0.0.1>;party=calling"],
      ],
    });
    await call.ended();
    await system.waitForAgent("414", "paused");
    assert.equal(await system.agentState("415"), "ready");
    await logOut("414", "415");
  });

  test("who hangs up in the middle of the confirmation has changed the state all the same", async () => {
    const phone = await system.agent("416");
    const call = await dial(phone, "*46");
    await call.answered();
    call.hangUp();
    await call.ended();
    await system.waitForAgent("416", "paused");
    await logOut("416");
  });

  test("a colleague is called by id: both are busy meanwhile, the third one gets the call", {
    timeout: 60_000,
  }, async () => {
    await system.addAgent("421", "Erika Muster");
    const first = await system.agent("421", { sound: tone(440) });
    const second = await system.agent("422", { sound: tone(1_000) });
    const third = await system.agent("423");
    const call = await dial(first, "422");
    const rung = await second.nextCall();
    assert.deepEqual([rung.callerName, rung.callerNumber], ["Erika Muster", "421"]);
    rung.ring();
    await call.ringing();
    for (const id of ["421", "422"]) await system.waitForAgent(id, "busy");
    await isNext(third, "0306670011");
    await rung.answer();
    await call.answered();
    await Promise.all([call.hears(1_000), rung.hears(440)]);
    await isNext(third, "0306670012");
    for (const id of ["421", "422"]) assert.equal(await system.agentState(id), "busy");
    // Nobody is left who could take it: it waits for the end of the conversation.
    await system.change("agent", "pause", "423");
    const caller = await system.call("115", { from: "0306670013" });
    await system.waitFor("one waits", ({ hotlines }) => hotlines[0]?.waiting === 1);
    assert.deepEqual([first.calls.length, second.calls.length], [1, 1]);
    call.hangUp();
    await rung.ended();
    assert.deepEqual(tonesIn(call.recording(), [440, 1_000], 100), [1_000]);
    const next = await Promise.race([first.nextCall(), second.nextCall()]);
    assert.equal(next.callerNumber, "0306670013");
    caller.hangUp();
    await next.ended();
    await endedCall(system, "0306670013");
    await system.change("agent", "resume", "423");
    await logOut("421", "422", "423");
  });

  test("after an own call an agent is the last in line", async () => {
    const first = await system.agent("424");
    await system.addAgent("425");
    const colleague = await system.phone("425");
    const third = await system.agent("426");
    const call = await dial(first, "425");
    const rung = await colleague.nextCall();
    await rung.answer();
    await call.answered();
    rung.hangUp();
    await call.ended();
    await system.waitForAgent("424", "ready");
    await isNext(third, "0306670021");
    await isNext(first, "0306670022");
    await logOut("424", "426");
  });

  test("a phone in use is busy and does not ring a second time", async () => {
    const busy = await system.agent("431");
    const other = await system.agent("432");
    const third = await system.agent("433");
    const { caller, agent } = await talk(system, busy, "0306670031");
    assert.equal((await refused(other, "431")).status, 486, "talks to a caller");
    caller.hangUp();
    await agent.ended();
    await endedCall(system, "0306670031");
    const own = await dial(third, "431");
    const rung = await busy.nextCall();
    rung.ring();
    await own.ringing();
    assert.equal((await refused(other, "431")).status, 486, "is rung by a colleague");
    assert.equal((await refused(busy, "431")).status, 486, "calls itself");
    own.hangUp();
    await rung.ended();
    assert.equal(busy.calls.filter(({ direction }) => direction === "received").length, 2);
    await logOut("431", "432", "433");
  });

  test("a colleague who declines, or whose phone is not there", async () => {
    const phone = await system.agent("434");
    const other = await system.agent("435");
    for (const [answer, expected] of [
      [603, 480],
      [486, 486],
    ] as const) {
      other.behave({ answer });
      assert.equal((await refused(phone, "435")).status, expected);
    }
    await other.unregister();
    await system.waitForAgent("435", "offline");
    assert.equal((await refused(phone, "435")).status, 480);
    await system.waitForAgent("434", "ready");
    await logOut("434", "435");
  });

  test("a phone that diverts its calls sends neither a caller nor a colleague elsewhere", async () => {
    const diverting = await system.agent("438");
    const other = await system.agent("439");
    const caller = await system.call("115", { from: "0306670051" });
    (await diverting.nextCall()).divert("439");
    const rung = await other.nextCall();
    assert.equal(rung.callerNumber, "0306670051");
    await rung.answer();
    const { id } = await runningCall(system, "0306670051");
    const story = await storyUntil(system, id, "connected 439");
    // Asterisk tries to follow, and which end it tells of depends on which of its two channels ends first.
    assert.match(
      story.filter((line) => line.startsWith("offer")).join(),
      /^offered 438,offer_ended 438 (unreachable|failed),offered 439$/,
    );
    caller.hangUp();
    await rung.ended();
    await endedCall(system, "0306670051");
    const phone = await system.agent("440");
    for (const to of ["439", "*46"]) {
      const call = await dial(phone, "438");
      (await diverting.nextCall()).divert(to);
      assert.equal((await call.ended()).status, 486, "busy for the colleague who calls");
    }
    assert.equal(other.calls.length, 1);
    assert.equal(await system.agentState("438"), "ready");
    await logOut("438", "439", "440");
  });

  test("nothing else can be dialled", async () => {
    const phone = await system.agent("436");
    const { username } = await system.addAgent("437");
    for (const number of [
      "110",
      "115",
      "030123456",
      "+4930123456",
      "004930123456",
      "*44",
      "*456",
      "4370",
      username,
      "login",
      "trunk",
      "030123%40trunk",
      "437&430",
    ])
      assert.equal((await refused(phone, number)).status, 404, number);
    const callerOutside = await system.call("*45");
    await callerOutside.ended();
    assert.equal(await system.agentState("437"), "logged_out");
    await logOut("436");
  });

  test("an agent who is added can be called at once, one who was removed no longer", async () => {
    const phone = await system.agent("441");
    // Ready: Asterisk knows by then that the phone can be reached.
    const colleague = await system.agent("442");
    const call = await dial(phone, "442");
    const rung = await colleague.nextCall();
    call.hangUp();
    await rung.ended();
    await system.change("agent", "remove", "442");
    await poll("the number is gone", 5_000, async () =>
      (await refused(phone, "442")).status === 404 ? true : undefined,
    );
    await logOut("441");
  });

  test("a daemon that begins in the middle of an own call knows that both are busy", {
    timeout: 60_000,
  }, async () => {
    const first = await system.agent("451");
    const second = await system.agent("452");
    const third = await system.agent("453");
    const call = await dial(first, "452");
    const rung = await second.nextCall();
    await rung.answer();
    await call.answered();
    await system.waitForAgent("452", "busy");
    const pid = daemonPid(system);
    process.kill(pid, "SIGKILL");
    await poll("another daemon runs", 20_000, () => (daemonPid(system) !== pid ? true : undefined));
    await system.waitFor("it knows Asterisk", ({ pbx }) => pbx.connected);
    for (const id of ["451", "452"]) assert.equal(await system.agentState(id), "busy");
    await isNext(third, "0306670041");
    rung.hangUp();
    await call.ended();
    for (const id of ["451", "452"]) await system.waitForAgent(id, "ready");
    await logOut("451", "452", "453");
  });

  test("while the daemon is away a code gets an apology and changes nothing; colleagues can talk", {
    timeout: 60_000,
  }, async () => {
    const phone = await system.agent("461");
    const other = await system.agent("462");
    await supervise(system, "down", "daemon");
    const away = await dial(phone, "*46");
    await away.answered();
    await away.hearsSpeech(sorry());
    assert.equal((await away.ended()).by, "them");
    const call = await dial(phone, "462");
    const rung = await other.nextCall();
    await rung.answer();
    await call.answered();
    call.hangUp();
    await rung.ended();
    await supervise(system, "up", "daemon");
    await system.waitFor("it is back", ({ pbx }) => pbx.connected, 20_000);
    for (const id of ["461", "462"]) await system.waitForAgent(id, "ready");
    await logOut("461", "462");
  });

  test("a code whose confirmation is cut off by the daemon's end is hung up by the next one", {
    timeout: 60_000,
  }, async () => {
    const phone = await system.agent("463");
    process.kill(daemonPid(system), "SIGSTOP");
    const call = await dial(phone, "*46");
    await poll("the code waits for the daemon", 5_000, async () =>
      (await ari(system, "channels")).length === 1 ? true : undefined,
    );
    process.kill(daemonPid(system), "SIGKILL");
    const { by } = await call.ended(20_000);
    assert.equal(by, "them");
    await system.waitForAgent("463", "ready");
    assert.equal(call.state, "ended");
    await logOut("463");
  });

  async function refused(phone: Phone, number: string) {
    const call: Call = await dial(phone, number);
    return call.ended();
  }

  testAftermath(system, {
    daemon: removed,
    asterisk: [
      ...removed,
      /WARNING.* (Web socket closed abruptly|WebSocket read error)/,
      /ERROR.* Error reading from web socket: Connection reset by peer/,
      /ERROR.* Stasis app 'hotline' not active/,
      // Of the agent who does not hear a confirmation out.
      /WARNING.* Playback failed for sound:.*\/sentences\//,
    ],
  });
});
