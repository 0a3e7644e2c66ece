import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { query } from "../store/support.ts";

const script = fileURLToPath(new URL("./on-a-slow-disk.ts", import.meta.url));
/** Each sync takes a second more. */
const slow = ["-f", "-q", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];
const inject = ["-e", "inject=fsync,fdatasync:delay_enter=1000000"];

test("on a disk that syncs slowly calls go on, with an alarm, and a change is acknowledged when it is on disk", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hotlined-slow-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "hotline.db");
  const child = spawn("strace", [...slow, ...inject, process.execPath, script, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const said = (await text(child.stdout)).trim().split("\n");
  const when = (line: string) => {
    const at = said.indexOf(line);
    assert.notEqual(at, -1, `${line} in ${said.join("; ")}`);
    return at;
  };
  assert.ok(when("alarms store_slow") < when("order ring_agent"));
  assert.ok(when("order ring_agent") < when("acknowledged"), "the phone rings while the change waits");
  assert.equal(said.filter((line) => line.startsWith("alarms")).at(-1), "alarms ", "the alarm has ended");
  assert.ok(!said.some((line) => line.startsWith("trouble")), "slow is not broken");
  assert.equal(said.at(-1), "closed");
  assert.deepEqual(query(path, "SELECT name FROM hotlines"), [{ name: "Anders" }]);
  assert.deepEqual(query(path, "SELECT id FROM calls"), [{ id: "c1" }]);
});
