/** The judge itself: what it must find, told by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call, Ending } from "../support/call.ts";
import type { Fault } from "./faults.ts";
import { type Findings, type Harms, judge } from "./judge.ts";
import type { FaultKind } from "./options.ts";
import type { AgentSide, CallerSide } from "./people.ts";
import type { Row } from "./record.ts";
import { Ears, tagOf } from "./tags.ts";

const from = "0301000001";
const calledMs = Date.parse("2026-03-02T09:00:00Z");
const at = (ms: number) => calledMs + ms;
const calm: Harms = { faults: [], deaths: [], options: { faults: [], freezeMs: 20_000, rate: 5 } };

test("whoever picked up and dropped, and was heard by nobody, excuses no later drop", () => {
  const dropped = leg("301", 1_000, { by: "us", at: 1_100 });
  const rung = leg("302", 2_000, { by: "them", at: 7_000 }, null);
  const left = { outcome: "abandoned", endedBy: "caller", agent: null };
  const findings = judged(caller([dropped, rung], { by: "them", at: 7_000 }), left);
  assert.equal(findings.dropped.length, 1, JSON.stringify(findings));
});

test("the last one who picked up may end a call before anybody is heard", () => {
  const declined = leg("301", 500, { by: "us", at: 600 }, null);
  const picked = leg("302", 1_000, { by: "us", at: 1_100 });
  const served = { outcome: "answered", endedBy: "agent", agent: "302" };
  const findings = judged(caller([declined, picked], { by: "them", at: 1_150 }), served);
  assert.deepEqual([findings.dropped, findings.wrong], [[], []]);
});

test("a caller has left when the BYE leaves, however late it is answered", () => {
  const talked = leg("301", 1_000, { by: "them", at: 3_000 });
  talked.ears.hear(tagOf(from));
  const left = caller([talked], { by: "us", at: 4_000 }, at(2_900));
  const findings = judged(left, { outcome: "answered", endedBy: "caller", agent: "301" });
  assert.deepEqual([findings.dropped, findings.wrong], [[], []]);
});

test("nobody picks up in vain, unless the daemon was away", () => {
  const vain = leg("301", 1_000, { by: "them", at: 2_000 });
  const waited = caller([vain], { by: "us", at: 8_000 });
  const left = { outcome: "abandoned", endedBy: "caller", agent: null };
  const seen = (harms: Harms) => {
    const { pickedUpInVain, excusedInVain } = judged(waited, left, harms);
    return [pickedUpInVain.length, excusedInVain.length];
  };
  assert.deepEqual(seen(calm), [1, 0]);
  assert.deepEqual(seen({ ...calm, faults: [fault("daemon-kill", 1_500, 2_500)] }), [0, 1]);
  assert.deepEqual(seen({ ...calm, faults: [fault("daemon-kill", 4_000, 5_000)] }), [1, 0]);
  assert.deepEqual(seen({ ...calm, faults: [fault("disk-slow", 500, 2_500)] }), [1, 0]);
});

test("who picks up when the offer is over, or in the same moment, does so in vain", () => {
  const late = leg("301", 1_000, { by: "them", at: 4_000 }, 3_100);
  const left = { outcome: "abandoned", endedBy: "caller", agent: null };
  const detail = { agent: "301" };
  const found = (endedMs: number, againMs: number) =>
    judged(caller([late], { by: "us", at: 8_000 }), left, calm, [
      { atMs: at(0), what: "offered", detail },
      { atMs: at(endedMs), what: "offer_ended", detail },
      { atMs: at(againMs), what: "offered", detail },
    ]).pickedUpInVain.length;
  assert.deepEqual([found(3_000, 9_000), found(3_000, 3_050), found(3_200, 9_000)], [0, 0, 0]);
  assert.equal(found(3_900, 9_000), 1);
});

test("nobody hears nothing for longer than something was frozen", () => {
  const waited = caller([], { by: "us", at: 30_000 });
  const left = { outcome: "abandoned", endedBy: "caller", agent: null };
  assert.equal(judged(waited, left).silent.length, 1);
  const frozen: Harms = { ...calm, options: { ...calm.options, faults: ["asterisk-freeze"] } };
  assert.equal(judged(waited, left, frozen).silent.length, 0);
});

test("calls are served on while the store is harmed", () => {
  const talks = [1_000, 5_000, 9_000].map((ms) => leg("301", ms, { by: "us", at: ms + 500 }));
  const unserved = (kind: FaultKind, untilMs: number) =>
    judge([], talks, { rows: [], leftovers: [] }, { ...calm, faults: [fault(kind, 0, untilMs)] }).unserved;
  assert.equal(unserved("disk-full", 10_000).length, 0);
  assert.equal(unserved("disk-full", 900).length, 1, "nobody was picked up for");
  assert.equal(unserved("db-lock", 30_000).length, 1, "nobody for the last 20 seconds");
  assert.equal(unserved("daemon-kill", 30_000).length, 0);
});

function judged(
  side: CallerSide,
  row: Pick<Row, "outcome" | "endedBy" | "agent">,
  harms = calm,
  offers: Row["story"] = [],
): Findings {
  const endedMs = side.ending!.at;
  const always = ["arrived", "ended", "gone"].map((what) => ({ atMs: at(0), what, detail: {} }));
  const story = [...always, ...offers];
  const whole = { id: "1", from, arrivedMs: calledMs, endedMs, waitMs: null, talkMs: null, story, ...row };
  return judge([side], side.legs, { rows: [whole], leftovers: [] }, harms);
}

function caller(
  legs: AgentSide[],
  ending: Pick<Ending, "by" | "at">,
  byeSentAt: number | null = null,
): CallerSide {
  return {
    from,
    patience: "stays",
    call: lineOf(byeSentAt),
    ears: new Ears(),
    invitedMs: calledMs,
    reachedMs: calledMs,
    answeredMs: calledMs,
    ending: endingOf(ending),
    legs,
  };
}

function leg(
  agent: string,
  rungMs: number,
  ending: Pick<Ending, "by" | "at">,
  answeredMs: number | null = rungMs,
): AgentSide {
  return {
    agent,
    caller: from,
    whim: "talks",
    call: lineOf(ending.by === "us" ? at(ending.at) : null),
    ears: new Ears(),
    invitedMs: at(rungMs),
    answeredMs: answeredMs === null ? null : at(answeredMs),
    ending: endingOf(ending),
  };
}

const endingOf = ({ by, at: ms }: Pick<Ending, "by" | "at">): Ending => ({
  by,
  at: at(ms),
  status: 200,
  reason: null,
});

/** All that the judge asks of a line. */
const lineOf = (byeSentAt: number | null) => ({ byeSentAt }) as unknown as Call;

const fault = (kind: FaultKind, atMs: number, overMs: number): Fault => ({
  kind,
  atMs: at(atMs),
  aliveCalls: 1,
  noticedMs: null,
  startedMs: at(overMs),
  connectedMs: null,
  writtenMs: null,
  firstOfferMs: at(overMs),
});
