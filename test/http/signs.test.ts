/** Monitoring's port is somebody else's: calls come first. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import pino from "pino";
import { State } from "../../src/core/state.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { systemClock } from "../../src/daemon/clock.ts";
import { Metrics } from "../../src/daemon/metrics.ts";
import { startSigns } from "../../src/daemon/signs.ts";

test("a taken port is an alarm, and taken as soon as it is free", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const log = pino({ level: "silent" });
  const alarms = new Alarms(log);
  const state = new State();
  const pbx = {
    status: () => ({ connected: true, amiConnected: true, requestsWaiting: 0, version: "22.10.1" }),
  };
  const parts = {
    state,
    pbx,
    alarms,
    log,
    clock: systemClock(),
    loop: { backlog: 0 },
    store: { backlog: () => 0 },
  };
  const timers: { run: () => void; afterMs: number }[] = [];
  const startTimer = (run: () => void, afterMs: number) => {
    timers.push({ run, afterMs });
    return () => undefined;
  };
  const stop = await startSigns(
    { bind: "127.0.0.1", port },
    { ...parts, metrics: new Metrics(parts), startTimer },
  );
  const [raised] = alarms.list();
  assert.equal(
    raised?.message,
    `Monitoring cannot ask 127.0.0.1:${port} (http in hotline.yaml): another program has that port. ` +
      "Calls go on; tried again every 10 s.",
  );
  assert.deepEqual(
    timers.map(({ afterMs }) => afterMs),
    [10_000],
  );

  other.close();
  await once(other, "close");
  const cleared = new Promise<void>((resolve) => {
    alarms.onChange = resolve;
  });
  timers[0]?.run();
  await cleared;
  assert.deepEqual(alarms.list(), []);
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
  assert.equal(ready.status, 503);
  assert.deepEqual(await ready.json(), {
    status: "not ready",
    obstacles: ["What lives in Asterisk has not been compared yet."],
  });
  await stop();
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
});
