import assert from "node:assert/strict";
import { test } from "node:test";
import type { MonotonicMs, Now, WallMs } from "../../src/core/time.ts";
import { carryOver } from "../../src/daemon/restore.ts";
import type { Loaded } from "../../src/store/types.ts";
import { at, demo, demoDesk, erika, waitingCall } from "../store/support.ts";

const stored: Loaded = {
  hotlines: [demo],
  brokenHours: [],
  brokenCalls: [],
  numbers: [],
  desks: [demoDesk],
  agents: [erika],
  calls: [waitingCall],
  credentials: [],
  announcements: [],
  lastChange: 0,
  clock: { bootId: "boot-1", ...at(10_000) },
};
const later: Now = { monotonicMs: 20_000 as MonotonicMs, wallMs: (at(10_000).wallMs + 60_000) as WallMs };

test("after a boot of the machine all rows with times in them are to be written again, by the new clock", () => {
  const { loaded, carriedOver } = carryOver(stored, "boot-2", later);
  assert.deepEqual([...(carriedOver?.changes.agents.values() ?? [])], loaded.agents);
  assert.deepEqual([...(carriedOver?.changes.desks.values() ?? [])], loaded.desks);
  assert.deepEqual([...(carriedOver?.changes.calls.values() ?? [])], loaded.calls);
  assert.deepEqual(carriedOver?.clock, { bootId: "boot-2", ...later });
  assert.notEqual(loaded.agents[0]?.idleSince, erika.idleSince);
  assert.notEqual(loaded.desks[0]?.unstaffedSince, demoDesk.unstaffedSince);
});

test("within one boot nothing is", () => {
  const { loaded, carriedOver } = carryOver(stored, "boot-1", later);
  assert.equal(carriedOver, null);
  assert.equal(loaded, stored);
});
