import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Phone, type PhoneOptions } from "./phone.ts";
import { tone } from "./tones.ts";

/** Two phones that call each other directly, without anybody in between. */
async function twoPhones(context: TestContext, left: PhoneOptions = {}, right: PhoneOptions = {}) {
  const caller = await Phone.open({ address: "127.0.0.2", ...left });
  const callee = await Phone.open(right);
  context.after(() => Promise.all([caller.leave(), callee.leave()]));
  const place = async () => {
    const placed = await caller.call("201", { port: callee.port, from: "0301234", name: "Karl" });
    return { placed, received: await callee.nextCall() };
  };
  return { caller, callee, place };
}

test("a call is placed, rung, answered and heard both ways, held and ended", async (context) => {
  const { place } = await twoPhones(context, { sound: tone(440) }, { sound: tone(1_000) });
  const { placed, received } = await place();
  assert.equal(received.callerName, "Karl");
  assert.equal(received.callerNumber, "0301234");
  received.ring();
  await placed.ringing();
  await received.answer();
  await placed.answered();
  await Promise.all([placed.hears(1_000), received.hears(440)]);
  await placed.hold();
  await assert.rejects(received.hears(440, 400), /not within 400 ms: 440 Hz/);
  await placed.resume();
  await received.hears(440);
  received.hangUp();
  assert.equal((await placed.ended()).by, "them");
  assert.equal((await received.ended()).by, "us");
});

test("a caller gives up", async (context) => {
  const { place } = await twoPhones(context);
  const { placed, received } = await place();
  received.ring();
  await placed.ringing();
  placed.hangUp();
  assert.deepEqual({ ...(await received.ended()), at: 0 }, { by: "them", status: 487, reason: null, at: 0 });
  assert.equal((await placed.ended()).status, 487);
});

test("a caller who gives up in the instant of the answer hangs up then", async (context) => {
  const { place } = await twoPhones(context);
  const { placed, received } = await place();
  await received.answer();
  placed.hangUp();
  assert.equal((await received.ended()).by, "them");
  assert.equal((await placed.ended()).status, 200);
});

test("phones treat calls by habit", async (context) => {
  const { caller, callee } = await twoPhones(context);
  const options = { port: callee.port };
  callee.behave({ answer: 486 });
  assert.equal((await (await caller.call("201", options)).ended()).status, 486);
  callee.behave({ ringMs: 20, answer: true, talkMs: 50 });
  const answered = await caller.call("201", options);
  assert.equal((await answered.ended()).by, "them");
  assert.deepEqual(
    answered.responses.map(({ status }) => status),
    [100, 180, 200],
  );
  callee.behave({});
  const rings = await caller.call("201", options);
  await rings.ringing();
  await assert.rejects(rings.answered(100), /not within 100 ms: the call is answered[\s\S]*180 Ringing/);
});

test("without a common codec a call is refused", async (context) => {
  const { place } = await twoPhones(context, { codecs: ["g722"] }, { codecs: ["alaw", "ulaw"] });
  const { placed, received } = await place();
  await received.answer();
  assert.equal((await placed.ended()).status, 488);
});

test("a request is repeated until somebody hears it", async (context) => {
  const { caller, callee } = await twoPhones(context);
  callee.deaf = true;
  const placed = await caller.call("201", { port: callee.port });
  await assert.rejects(callee.nextCall(300), /not within 300 ms: a call/);
  callee.deaf = false;
  const received = await callee.nextCall();
  assert.equal(received.id, placed.id);
});
