import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId, CallId } from "../../src/core/ids.ts";
import { minuteOf, Spool } from "../../src/pbx/spool.ts";
import { lostWithAsterisk, Unseen } from "../../src/pbx/unseen.ts";
import { testLog } from "./ari-log.ts";

const minuteMs = 60_000;

describe("calls that ended while nobody watched", () => {
  let folder = "";
  let told: string[] = [];
  let known = new Set<string>();
  let recorded: Set<CallId> | null = new Set();
  let ask: () => Promise<Set<CallId> | null>;
  const startedMs = Date.parse("2026-11-23T10:30:10.500Z");
  let nowMs = startedMs;

  let log = testLog();
  const unseen = () =>
    new Unseen(
      new Spool(folder, (message) => assert.fail(String(message))),
      {
        tell: (event: PbxEvent) => void told.push(describeEvent(event)),
        isKnown: (channel) => known.has(channel),
        agentOf: (phone) => (phone === "201-8f" ? ("201" as AgentId) : null),
        onRecord: () => ask(),
      },
      log,
      { nowMs: () => nowMs, startTimer: () => () => undefined },
    );

  /** `agoMs` before the daemon began. */
  function note(channel: string, agoMs: number, reached = "waiting", talk = "|"): void {
    const at = startedMs - agoMs;
    const line = `caller|${channel}|${at}|${at - 5_000}|115|+49301|${reached}|caller|${talk}|no|end\n`;
    writeFileSync(join(folder, minuteOf(at as never)), line, { flag: "a" });
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hotline-unseen-"));
    nowMs = startedMs;
    told = [];
    known = new Set();
    recorded = new Set();
    ask = async () => recorded;
    log = testLog();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are told once, unless the record has them", async () => {
    note("c1", 2_000);
    note("c2", 3_000);
    note("c3", 4_000);
    recorded = new Set(["c2" as CallId]);
    const notes = unseen();
    await notes.look();
    await notes.look();
    assert.deepEqual(told, ["c3 waiting", "c1 waiting"], "in the order of their arrival");
  });

  it("are told later when the record cannot be asked, and their notes stay until then", async () => {
    note("c1", 30 * minuteMs);
    recorded = null;
    const notes = unseen();
    await notes.look();
    assert.deepEqual(told, []);
    recorded = new Set();
    await notes.look();
    await notes.look();
    assert.deepEqual(told, ["c1 waiting"]);
    assert.deepEqual((await new Spool(folder, () => undefined).read()).ends, [], "the old note is dropped");
  });

  it("are told at once of those whom the core knows, with whom they talked to", async () => {
    note("c1", 2_000, "people", `${startedMs - 4_000}|PJSIP/201-8f-0000001a`);
    note("c2", 2_000, "people", `${startedMs - 4_000}|PJSIP/gone-0000001b`);
    note("c3", 2_000);
    known = new Set(["c1", "c2", "c4"]);
    const notes = unseen();
    notes.tellKnown((await notes.read()).ends, new Set(["c4"]));
    assert.deepEqual(told, ["c1 people with 201", "c2 people with gone"]);
  });

  it("were a talk where the note of the other side says so", async () => {
    const at = startedMs - 2_000;
    const lines = [
      `caller|c1|${at}|${at - 5_000}|115||handed_over|caller|||no|end`,
      `leg|c1~1~201|${at + 100}|yes|end`,
      `caller|c2|${at}|${at - 5_000}|115||handed_over|caller|||no|end`,
    ];
    writeFileSync(join(folder, minuteOf(at as never)), lines.map((line) => `${line}\n`).join(""));
    known = new Set(["c1", "c1~1~201", "c2"]);
    const notes = unseen();
    notes.tellKnown((await notes.read()).ends, new Set());
    assert.deepEqual(told, ["c1 handed_over, joined", "c2 handed_over", "c1~1~201 over, joined"]);
  });

  it("were a talk where the other side is still there, and knows that it was hung up on", async () => {
    note("c1", 2_000, "handed_over");
    note("c2", 2_000, "handed_over");
    known = new Set(["c1", "c2"]);
    const notes = unseen();
    notes.tellKnown((await notes.read()).ends, new Set(["c1~1~201"]), new Set(["c1"]));
    assert.deepEqual(told, ["c1 handed_over, joined", "c2 handed_over"]);
  });

  it("are told when Asterisk was killed before it could note their end", async () => {
    const at = startedMs - 3_000;
    const came = (channel: string, atMs: number) => `arrival|${channel}|${atMs}|115|+49301|end\n`;
    const lines = ["alive", "lost", "recorded", "known"].map((channel) => came(channel, at)).join("");
    const set = came("before-the-clock-was-set-back", startedMs + 3_600_000);
    const young = came("young", startedMs + 5);
    writeFileSync(join(folder, minuteOf(at as never)), lines + set + young);
    note("ended", 2_000);
    writeFileSync(join(folder, minuteOf(at as never)), came("ended", at), { flag: "a" });
    known = new Set(["known"]);
    recorded = new Set(["recorded", "ended"] as CallId[]);
    const notes = unseen();
    const lost = lostWithAsterisk(await notes.read(), new Set(["alive"]), startedMs, startedMs - 1_000);
    notes.connected(startedMs, lost);
    await notes.look();
    assert.deepEqual(told, ["lost lost", "before-the-clock-was-set-back lost"]);
    assert.deepEqual(
      lost.map(({ channel, endedMs }) => `${channel} ${endedMs - startedMs}`),
      ["lost -1000", "recorded -1000", "known -1000", "before-the-clock-was-set-back 3600000"],
    );
    await notes.look();
    assert.equal(told.length, 2, "once");
  });

  it("wait a little when they may still come by themselves", async () => {
    const notes = unseen();
    note("c1", -1_000, "handed_over");
    nowMs += 5_000;
    await notes.look();
    assert.deepEqual(told, []);
    nowMs += 7_000;
    await notes.look();
    assert.deepEqual(told, ["c1 handed_over"]);
  });

  it("are told although the clock was set back meanwhile", async () => {
    note("c1", -3_600_000);
    await unseen().look();
    assert.deepEqual(told, ["c1 waiting"]);
  });

  it("whose channel is told to be gone are told at once", async () => {
    known = new Set(["c2"]);
    const notes = unseen();
    note("c1", -1_000, "people");
    nowMs += 2_000;
    for (const channel of ["c1", "c2", "c1~1~201", "c3"]) notes.channelGone(channel);
    await notes.look();
    assert.deepEqual(told, ["c2 left", "c1 people"], "a leg is not looked for, and c3 was no caller");
  });

  it("are not told any more, and nobody complains, when the store was closed in the middle of a look", async () => {
    note("c1", 2_000);
    const notes = unseen();
    ask = async () => {
      notes.stop();
      throw new Error("The store is closed");
    };
    await notes.look();
    ask = async () => assert.fail("it was asked once more");
    await notes.look();
    assert.deepEqual([told, log.lines], [[], []]);
  });
});

function describeEvent(event: PbxEvent): string {
  if (event.type === "caller_left") return `${event.call} left`;
  const joined = "wasJoined" in event && event.wasJoined ? ", joined" : "";
  if (event.type === "leg_ended") return `${event.leg} over${joined}`;
  if (event.type !== "call_found_over") return event.type;
  const talk = event.talk ? ` with ${event.talk.agent}` : "";
  return `${event.call} ${event.reached}${talk}${joined}`;
}
