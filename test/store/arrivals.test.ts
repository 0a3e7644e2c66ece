import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/core/calls.ts";
import type { StoryLine } from "../../src/core/story.ts";
import { ms, type WallMs } from "../../src/core/time.ts";
import { agentId, arrival, at, batchOf, demo, hotlineId, line, noonMs, temporaryStore } from "./support.ts";

const hourMs = 3_600_000;
/** Milliseconds from the noon that the times of test/store are counted from. */
const since = (iso: string) => Date.parse(iso) - noonMs;
const wall = (iso: string) => Date.parse(iso) as WallMs;

let count = 0;
/** The story of a call that arrives then and ends, after so much talk where it is answered. */
function call(iso: string, outcome: Outcome = "answered", talkMs = 60_000): StoryLine[] {
  const id = `c${++count}`;
  const from = since(iso);
  const withAgent = { kind: "agent", agent: agentId("201"), hotline: demo.id } as const;
  const talk = outcome === "answered" ? { since: at(from), with: withAgent } : null;
  const end = at(from + (talk ? talkMs : 0));
  const told = {
    what: "ended",
    result: { outcome, endedBy: "caller", at: end, reason: null, talk },
    waitMs: ms(0),
  } as const;
  return [arrival(id, from), line(id, end.wallMs - noonMs, told)];
}

const berlin = { hotline: demo.id, timeZone: "Europe/Berlin" };

test("offered calls by hour of the week in local time, and how long people talked", async (t) => {
  const { store } = await temporaryStore(t);
  const story = [
    // Two Mondays in November: Berlin is an hour ahead of UTC.
    ...call("2026-11-09T09:00:00Z"),
    ...call("2026-11-09T09:59:59Z", "answered", 180_000),
    ...call("2026-11-09T10:00:00Z", "abandoned"),
    ...call("2026-11-16T09:30:00Z", "abandoned_short"),
    ...call("2026-11-16T09:31:00Z", "full"),
    // Not offered: the hotline was closed.
    ...call("2026-11-16T09:32:00Z", "closed"),
    ...call("2026-11-16T09:32:00Z", "closed_adhoc"),
    // Still in progress.
    arrival("running", since("2026-11-16T11:10:00Z")),
    // At or after the end.
    ...call("2026-11-16T12:00:00Z"),
  ];
  await store.write(batchOf({ story }));
  const arrivals = await store.arrivals({
    ...berlin,
    fromMs: wall("2026-11-09T09:00:00Z"),
    toMs: wall("2026-11-16T12:00:00Z"),
  });
  assert.equal(arrivals.answeredCalls, 2);
  assert.equal(arrivals.meanTalkMs, 120_000);
  const busy = arrivals.week.filter(({ calls }) => calls > 0);
  assert.deepEqual(busy, [
    { weekday: 1, hour: 10, hours: 2, calls: 4 },
    { weekday: 1, hour: 11, hours: 2, calls: 1 },
    { weekday: 1, hour: 12, hours: 2, calls: 1 },
  ]);
  assert.equal(arrivals.week.length, 7 * 24);
  const hours = arrivals.week.reduce((sum, each) => sum + each.hours, 0);
  assert.equal(hours, 7 * 24 + 3);
});

test("hours that are not whole, or before the first call, are not counted", async (t) => {
  const { store } = await temporaryStore(t);
  // The first call ever came at 10:20 in Berlin, and now it is 13:40.
  const story = ["09:20", "09:25", "10:05", "12:30"].flatMap((clock) => call(`2026-11-16T${clock}:00Z`));
  await store.write(batchOf({ story }));
  const toMs = wall("2026-11-16T12:40:00Z");
  const { week, answeredCalls } = await store.arrivals({
    ...berlin,
    fromMs: (toMs - 4 * 7 * 24 * hourMs) as WallMs,
    toMs,
  });
  assert.deepEqual(week, [
    { weekday: 1, hour: 11, hours: 1, calls: 1 },
    { weekday: 1, hour: 12, hours: 1, calls: 0 },
  ]);
  assert.equal(answeredCalls, 4);
});

test("the doubled hour of autumn counts as two, the one that spring leaves out as none", async (t) => {
  const { store } = await temporaryStore(t);
  const story = ["2025-01-01T00:00", "2026-10-25T00:10", "2026-10-25T01:10"].flatMap((time) =>
    call(`${time}:00Z`),
  );
  await store.write(batchOf({ story }));
  const sunday = async (from: string, to: string) => {
    const { week } = await store.arrivals({ ...berlin, fromMs: wall(from), toMs: wall(to) });
    return week.filter(({ hour }) => hour < 4);
  };
  assert.deepEqual(await sunday("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), [
    { weekday: 7, hour: 0, hours: 1, calls: 0 },
    { weekday: 7, hour: 1, hours: 1, calls: 0 },
    { weekday: 7, hour: 2, hours: 2, calls: 2 },
    { weekday: 7, hour: 3, hours: 1, calls: 0 },
  ]);
  assert.deepEqual(await sunday("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), [
    { weekday: 7, hour: 0, hours: 1, calls: 0 },
    { weekday: 7, hour: 1, hours: 1, calls: 0 },
    { weekday: 7, hour: 3, hours: 1, calls: 0 },
  ]);
});

test("a zone that is half an hour away, and a hotline without calls", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(batchOf({ story: [...call("2026-11-16T00:00:00Z"), ...call("2026-11-16T04:29:00Z")] }));
  const range = { fromMs: wall("2026-11-16T00:00:00Z"), toMs: wall("2026-11-16T05:00:00Z") };
  const { week } = await store.arrivals({ hotline: demo.id, timeZone: "Asia/Kolkata", ...range });
  assert.deepEqual(week.at(-1), { weekday: 1, hour: 9, hours: 1, calls: 1 });
  const empty = await store.arrivals({ ...berlin, ...range, hotline: hotlineId("night") });
  assert.deepEqual(empty, { week: [], answeredCalls: 0, meanTalkMs: null });
});
