import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as others } from "node:timers/promises";
import { pino } from "pino";
import { State } from "../../src/core/state.ts";
import type { WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { systemClock } from "../../src/daemon/clock.ts";
import { Fallback } from "../../src/daemon/fallback.ts";

test("a plan that cannot be written is an alarm, and tried again a minute later", async () => {
  const alarms = new Alarms(pino({ level: "silent" }));
  const timers: { run: () => void; afterMs: number }[] = [];
  let isFull = true;
  let written = 0;
  const clock = systemClock();
  const fallback = new Fallback({
    state: new State(),
    clock: { ...clock, now: () => ({ ...clock.now(), wallMs: 1_800_000_000_000 as WallMs }) },
    alarms,
    startTimer: (run, afterMs) => {
      const timer = { run, afterMs };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    closedSound: () => "closed",
    endpointOf: () => null,
    write: () => {
      if (isFull) throw new Error("ENOSPC: no space left on device, write");
      written += 1;
      return true;
    },
    reload: () => Promise.resolve(),
  });
  const next = async () => {
    const [timer] = timers.splice(0);
    timer?.run();
    for (let turn = 0; turn < 5; turn++) await others();
    return timer?.afterMs;
  };

  fallback.connected();
  assert.equal(await next(), 0);
  assert.match(
    alarms.list()[0]?.message ?? "",
    /ENOSPC: no space left on device, write\. Tried again every minute\./,
  );
  isFull = false;
  assert.equal(await next(), 60_000);
  assert.deepEqual(alarms.list(), []);
  assert.equal(written, 1);
  assert.equal(timers[0]?.afterMs, 3_600_000, "and from then on every hour");
  await fallback.stop();
  assert.deepEqual(timers, []);
});
