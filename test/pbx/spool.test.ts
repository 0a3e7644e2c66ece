import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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
    writeFileSync(join(folder, "20261123-1030"), noted("c2", 1795429800001));
    writeFileSync(
      join(folder, "20261123-1029"),
      `leg|c1~1~201|1795429800002|yes|end\n${noted("c1", 1795429790000)}`,
    );
    assert.deepEqual((await spool().read()).ends, [
      {
        kind: "caller",
        channel: "c1",
        endedMs: 1795429790000,
        arrivedMs: 1795429780000,
        number: "115",
        from: "+49301",
        reached: "people",
        endedBy: "other",
        isJoined: false,
        talk: { channel: "PJSIP/201-8f-0000001a", sinceMs: 1795429785000 },
      },
      { kind: "caller", channel: "c2", endedMs: 1795429800001, ...nobodySpoke },
      { kind: "leg", channel: "c1~1~201", endedMs: 1795429800002, isJoined: true },
    ]);
    assert.deepEqual(told, []);
  });

  it("tell of arrivals, too", async () => {
    writeFileSync(
      join(folder, "20261123-1030"),
      `arrival|c1|1795429790000|115|+49301|end\n${noted("c1", 1795429800001)}arrival|c2|1795429780000|115||end\n`,
    );
    const { arrivals, ends } = await spool().read();
    assert.deepEqual(arrivals, [
      { kind: "arrival", channel: "c2", arrivedMs: 1795429780000, number: "115", from: null },
      { kind: "arrival", channel: "c1", arrivedMs: 1795429790000, number: "115", from: "+49301" },
    ]);
    assert.equal(ends.length, 1);
    assert.deepEqual(told, []);
  });

  it("are read again only from files that have grown", async () => {
    const notes = spool();
    writeFileSync(join(folder, "20261123-1029"), noted("c2", 1795429790000));
    writeFileSync(join(folder, "20261123-1030"), noted("c2", 1795429800001));
    const files = await notes.readFiles(new Map());
    const known = new Map(files.map(({ name, bytes }) => [name, bytes]));
    assert.deepEqual(await notes.readFiles(known), []);
    appendFileSync(join(folder, "20261123-1030"), noted("c2", 1795429800002));
    const grown = await notes.readFiles(known);
    assert.deepEqual(
      grown.map(({ name, ends }) => [name, ends.length]),
      [["20261123-1030", 2]],
    );
  });

  it("that cannot be understood are set aside with a word, and the others stay and count", async () => {
    writeFileSync(join(folder, "20261123-1030"), `${noted("c2", 1795429800001)}caller|c3|179542`);
    writeFileSync(join(folder, "20261123-1031"), noted("c2", 1795429860000));
    for (const round of ["first", "second"]) {
      const { ends } = await spool().read();
      assert.deepEqual(
        ends.map(({ endedMs }) => endedMs),
        [1795429800001, 1795429860000],
        round,
      );
    }
    assert.equal(told.length, 1);
    assert.match(told.join(), /^1 line\(s\) that Asterisk noted .* cannot be understood/);
    assert.deepEqual(readdirSync(folder).sort(), ["20261123-1030", "20261123-1031", "malformed"]);
    assert.equal(readFileSync(join(folder, "malformed"), "utf8"), "caller|c3|179542\n");
    assert.equal(statSync(join(folder, "malformed")).mode & 0o777, 0o600);
  });

  it("are dropped after ten minutes, and nothing else is", async () => {
    const old = minuteOf((nowMs - 11 * 60_000) as WallMs);
    const young = minuteOf((nowMs - 10 * 60_000) as WallMs);
    assert.deepEqual([old, young], ["20261123-1019", "20261123-1020"]);
    for (const name of [old, young, "malformed", "notes.txt"]) writeFileSync(join(folder, name), "");
    assert.deepEqual(await spool().drop(nowMs), [old]);
    assert.deepEqual(readdirSync(folder).sort(), [young, "malformed", "notes.txt"]);
    assert.deepEqual(told, []);
  });

  it("that are not there are told of, and nothing is thrown", async () => {
    const gone = new Spool(join(folder, "gone"), (message) => told.push(message));
    assert.deepEqual(await gone.read(), { arrivals: [], ends: [] });
    assert.match(told.join(), /cannot be read \(ENOENT.*Look at /s);
  });

  it("of calls that began under an older dialplan say nothing of the beginning", () => {
    const end = parseSpoolLine("caller|c1|1795429790000||||handed_over|other|||no|end");
    assert.ok(end?.kind === "caller");
    assert.equal(end.arrivedMs, null);
  });

  for (const line of [
    "",
    "caller|c1|1795429790000",
    "leg|c1|1795429790000|yes|end|more",
    "leg|c1|1795429790000|yes|en",
    "leg|c1|17954297900|yes|end",
    "leg|../c1|1795429790000|yes|end",
    "agent|c1|1795429790000|yes|end",
    "caller|c1|1795429790000|end",
    "caller|c1|1795429790000|1795429780000|115|+49301|elsewhere|caller|||no|end",
    "caller|c1|1795429790000|1795429780000|115|+49 301|people|caller|||no|end",
    "caller|c1|1795429790000|1795429780000|11;5|+49301|people|caller|||no|end",
    "caller|c1|1795429790000|1795429780000|115|+49301|people|agent|||no|end",
    "caller|c1|1795429790000|1795429780000|115|+49301|people|other|soon|PJSIP/201-1a|no|end",
    `leg|${"c".repeat(151)}|1795429790000|yes|end`,
    "leg|c1|1795429790000|end",
    "arrival|c1|1795429790000|115|end",
    "arrival|c1|1795429790000|11;5||end",
    "arrival|c1|1795429790000|115|+49 301|end",
    "arrival|c1|1795429790000|115|+49301|more|end",
  ])
    it(`"${line.slice(0, 80)}" is no line`, () => assert.equal(parseSpoolLine(line), null));
});

const nobodySpoke = {
  arrivedMs: 1795429780000,
  number: "115",
  from: null,
  reached: "handed_over",
  endedBy: "caller",
  isJoined: true,
  talk: null,
} as const;

/** c1 talked to somebody in the fallback, c2 is anonymous and was in our hands. */
function noted(channel: "c1" | "c2", endedMs: number): string {
  const rest =
    channel === "c1"
      ? "1795429780000|115|+49301|people|other|1795429785000|PJSIP/201-8f-0000001a|no"
      : "1795429780000|115|anonymous|handed_over|caller|||yes";
  return `caller|${channel}|${endedMs}|${rest}|end\n`;
}
