import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { Alarms } from "../../src/daemon/alarms.ts";
import { CopyKeeper } from "../../src/daemon/copies.ts";
import { batchOf } from "../store/support.ts";

/** A keeper on a clock of its own. */
function keeper(firstCopyMs: number | null = null) {
  let nowMs = 1_000_000_000;
  let timer: { run: () => void; atMs: number } | null = null;
  const made: number[] = [];
  const disk = { isFull: false, notes: [] as string[] };
  const alarms = new Alarms(pino({ level: "silent" }));
  const copies = new CopyKeeper({
    store: {
      copy: async () => {
        if (disk.isFull) throw new Error("No room.");
        made.push(nowMs);
        return { file: "copy", madeAtMs: nowMs };
      },
      copies: () => (firstCopyMs === null ? [] : [{ madeAtMs: nowMs + firstCopyMs }]),
      setAside: () => disk.notes,
    },
    alarms,
    log: pino({ level: "silent" }),
    startTimer: (run, afterMs) => {
      timer = { run, atMs: nowMs + afterMs };
      return () => {
        timer = null;
      };
    },
    nowMs: () => nowMs,
  });
  copies.start();
  /** So many copies are made in this time. */
  const after = async (passMs: number): Promise<number> => {
    const before = made.length;
    const untilMs = nowMs + passMs;
    while (timer && timer.atMs <= untilMs) {
      const { run, atMs } = timer;
      timer = null;
      nowMs = atMs;
      run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    nowMs = untilMs;
    return made.length - before;
  };
  return {
    copies,
    after,
    disk,
    codes: () => alarms.list().map(({ code }) => code),
    idle: () => timer === null,
  };
}

const change = (undoable: boolean) => batchOf({ extra: { audit: [{ undoable } as never] } });

test("a copy is made soon after the start and after settings were changed, and every hour when something was written", async () => {
  const { copies, after } = keeper(-1_000);
  assert.equal(await after(9_000), 0);
  assert.equal(await after(2_000), 1, "what was set before may not be in the last one");
  assert.equal(await after(10 * 3_600_000), 0, "nothing was written");
  copies.written(batchOf({}));
  assert.equal(await after(11_000), 1);
  copies.written(change(false));
  assert.equal(await after(3_500_000), 0, "who is on duty is no setting");
  assert.equal(await after(110_000), 1);
  copies.written(change(true));
  assert.equal(await after(11_000), 1);
});

test("a copy that cannot be made is an alarm until one is made", async () => {
  const { after, disk, codes } = keeper();
  disk.isFull = true;
  assert.equal(await after(60_000), 0);
  assert.deepEqual(codes(), ["store_copy"]);
  disk.isFull = false;
  assert.equal(await after(11_000), 1);
  assert.deepEqual(codes(), []);
});

test("a database that was set aside is an alarm while its note lies there", async () => {
  const { copies, after, disk, codes, idle } = keeper();
  disk.notes = ["It was damaged."];
  await after(11_000);
  assert.deepEqual(codes(), ["store_replaced"]);
  disk.notes = [];
  await after(11_000);
  assert.deepEqual(codes(), []);
  copies.stop();
  assert.ok(idle());
});
