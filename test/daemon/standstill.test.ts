import assert from "node:assert/strict";
import { test } from "node:test";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import { Standstill } from "../../src/daemon/standstill.ts";

test("to be stopped, to be suspended and a clock that is set are noticed, each once", () => {
  let wallMs = 1_000_000;
  let monotonicMs = 5_000;
  const now = () => ({ wallMs: wallMs as WallMs, monotonicMs: monotonicMs as MonotonicMs });
  const standstill = new Standstill(now());
  const pass = (wall: number, monotonic: number) => {
    wallMs += wall;
    monotonicMs += monotonic;
    return standstill.look(now());
  };
  assert.equal(pass(1_000, 1_000), null);
  assert.equal(pass(2_400, 2_400), null, "a busy machine");
  assert.equal(pass(1_010, 1_000), null, "corrected a little");
  assert.deepEqual(pass(16_000, 16_000), { stoodMs: 15_000, movedMs: 0 }, "stopped");
  assert.equal(pass(1_000, 1_000), null);
  assert.deepEqual(pass(900_000, 1_000), { stoodMs: 0, movedMs: 899_000 }, "suspended");
  assert.deepEqual(pass(-3_600_000, 500), { stoodMs: 0, movedMs: -3_600_500 }, "set back");
  assert.equal(pass(10, 10), null);
});
