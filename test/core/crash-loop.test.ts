import assert from "node:assert/strict";
import { test } from "node:test";
import { type Crash, planStart, type Tried } from "../../src/core/crash-loop.ts";
import type { CallId } from "../../src/core/ids.ts";
import { whyNoCall } from "../../src/core/sound-call.ts";
import type { MonotonicMs } from "../../src/core/time.ts";
import { callId, connectedCall, forwardedCall, forwardingCall, waitingCall } from "../store/support.ts";

const second = (n: number) => (n * 1000) as MonotonicMs;
const crash = (at: number, call: string | null = null): Crash => ({
  at: second(at),
  call: call as CallId | null,
});
const without = (at: number, call: string): Tried => ({
  at: second(at),
  plan: { kind: "without", call: callId(call) },
});

test("twice is chance, and what is a minute ago is forgotten", () => {
  assert.equal(planStart([], [], second(100)).kind, "as_usual");
  assert.equal(planStart([crash(99, "c1"), crash(100, "c1")], [], second(100)).kind, "as_usual");
  const crashes = [crash(39, "c1"), crash(99, "c1"), crash(100, "c1")];
  assert.equal(planStart(crashes, [], second(100)).kind, "as_usual");
});

test("the third time the last call that was named goes", () => {
  const plan = planStart([crash(40, "c1"), crash(99, "c2"), crash(100)], [], second(100));
  assert.deepEqual(plan, { kind: "without", call: "c2" });
});

test("one call after the other goes, as long as another one is named", () => {
  const crashes = [crash(97, "c1"), crash(98, "c1"), crash(99, "c1"), crash(100, "c2")];
  assert.deepEqual(planStart(crashes, [without(99, "c1")], second(100)), { kind: "without", call: "c2" });
});

test("where nobody is named, or that did not help, those who do not talk are taken in anew, then given away", () => {
  const crashes = [crash(98), crash(99), crash(100)];
  assert.deepEqual(planStart(crashes, [], second(100)), { kind: "taken_anew" });
  const named = [...crashes.slice(0, 2), crash(100, "c1")];
  assert.deepEqual(planStart(named, [without(99, "c1")], second(100)), { kind: "taken_anew" });
  const anew: Tried = { at: second(99), plan: { kind: "taken_anew" } };
  assert.deepEqual(planStart(crashes, [anew], second(100)), { kind: "to_fallback" });
  const given: Tried = { at: second(99), plan: { kind: "to_fallback" } };
  assert.deepEqual(planStart(crashes, [given], second(100)), { kind: "to_fallback" });
});

test("what the core has written is a call; what has lost a part is none, and it is said which", () => {
  for (const call of [waitingCall, connectedCall, forwardingCall, forwardedCall])
    assert.equal(whyNoCall(call.id, JSON.parse(JSON.stringify(call))), null);
  const { due: _, ...partly } = waitingCall;
  assert.equal(whyNoCall(waitingCall.id, partly), "it has no usable due");
  assert.equal(whyNoCall("another", waitingCall), "its id is another one");
  assert.equal(whyNoCall("c1", null), "it is no object");
  const odd = { ...waitingCall, phase: { kind: "flying" }, due: { ...waitingCall.due, tierMs: "soon" } };
  assert.equal(whyNoCall(waitingCall.id, odd), "it has no usable due.tierMs, phase.kind");
});
