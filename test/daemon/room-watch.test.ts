import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { leastBytesFree } from "../../src/config/disk.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { RoomWatch } from "../../src/daemon/room-watch.ts";

test("there is an alarm while the disk is nearly full, and when it cannot be seen", () => {
  const alarms = new Alarms(pino({ level: "silent" }));
  const told = () => alarms.list().map(({ code, message }) => `${code}: ${message}`);
  let bytesFree: number | Error = leastBytesFree;
  let next: () => void = () => assert.fail("nothing was asked to be done later");
  let stopped = false;
  const watch = new RoomWatch({
    home: "/h",
    look: () => {
      if (bytesFree instanceof Error) throw bytesFree;
      return { bytesFree, bytes: 2 * leastBytesFree, inodesFree: 1, inodes: 1 };
    },
    alarms,
    startTimer: (run) => {
      next = run;
      return () => {
        stopped = true;
      };
    },
  });

  watch.start();
  assert.deepEqual(told(), []);

  bytesFree = leastBytesFree - 1;
  next();
  assert.match(told().join(), /^disk: Less than 200 MB are free on the disk of \/h\. Make room/);

  bytesFree = new Error("ENOENT: no such file or directory, statfs '/h'");
  next();
  assert.match(told().join(), /^disk: What is free on the disk of \/h cannot be seen: ENOENT/);

  bytesFree = leastBytesFree;
  next();
  assert.deepEqual(told(), []);

  watch.stop();
  assert.ok(stopped);
});
