import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { WallMs } from "../../src/core/time.ts";
import { minuteOf, parseSpoolLine, Spool } from "../../src/pbx/spool.ts";

const nowMs = Date.parse("2026-11-23T10:30:10.500Z") as WallMs;

describe("the dialplan's notes of ended calls", () => {
  let folder = "";
  const told: (string | null)[] = [];
  const spool = () => new Spool(folder, (message) => told.push(message));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hotline-spool-"));
    told.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read in the order of time, whichever file they stand in", async () => {
    writeFileSync(join(folder, "20261123-1030"), "caller|c2|1795429800001|end\n");
    writeFileSync(
      join(folder, "20261123-1029"),
      "leg|c1~1~201|1795429800002|end\ncaller|c1|1795429790000|end\n",
    );
    assert.deepEqual(await spool().read(), [
      { kind: "caller", channel: "c1", endedMs: 1795429790000 },
      { kind: "caller", channel: "c2", endedMs: 1795429800001 },
      { kind: "leg", channel: "c1~1~201", endedMs: 1795429800002 },
    ]);
    assert.deepEqual(told, []);
  });

  it("that cannot be understood are set aside with a word, and the others count", async () => {
    writeFileSync(join(folder, "20261123-1030"), "caller|c2|1795429800001|end\ncaller|c3|179542");
    writeFileSync(join(folder, "20261123-1031"), "caller|c4|1795429860000|end\n");
    const ends = await spool().read();
    assert.deepEqual(
      ends.map(({ channel }) => channel),
      ["c2", "c4"],
    );
    assert.match(told.join(), /^1 line\(s\) that Asterisk noted .* cannot be understood/);
    assert.deepEqual(readdirSync(folder).sort(), ["20261123-1031", "malformed"]);
    assert.match(readFileSync(join(folder, "malformed"), "utf8"), /c3\|179542$/);
    assert.equal(statSync(join(folder, "malformed")).mode & 0o777, 0o600);
  });

  it("are dropped after ten minutes, and nothing else is", async () => {
    const old = minuteOf((nowMs - 11 * 60_000) as WallMs);
    const young = minuteOf((nowMs - 10 * 60_000) as WallMs);
    assert.deepEqual([old, young], ["20261123-1019", "20261123-1020"]);
    for (const name of [old, young, "malformed", "notes.txt"]) writeFileSync(join(folder, name), "");
    await spool().drop(nowMs);
    assert.deepEqual(readdirSync(folder).sort(), [young, "malformed", "notes.txt"]);
    assert.deepEqual(told, []);
  });

  it("that are not there are told of, and nothing is thrown", async () => {
    const gone = new Spool(join(folder, "gone"), (message) => told.push(message));
    assert.deepEqual(await gone.read(), []);
    assert.match(told.join(), /cannot be read \(ENOENT.*Look at /s);
  });

  for (const line of [
    "",
    "caller|c1|1795429790000",
    "caller|c1|1795429790000|end|more",
    "caller|c1|1795429790000|en",
    "caller|c1|17954297900|end",
    "caller|../c1|1795429790000|end",
    "agent|c1|1795429790000|end",
    `caller|${"c".repeat(151)}|1795429790000|end`,
  ])
    it(`"${line.slice(0, 40)}" is no line`, () => assert.equal(parseSpoolLine(line), null));
});
