import assert from "node:assert/strict";
import { test } from "node:test";
import BetterSqlite3, { type Database } from "better-sqlite3";
import fc from "fast-check";
import { type Outcome, outcomes } from "../../src/core/calls.ts";
import { localDay } from "../../src/core/hours/calendar.ts";
import type { StoryLine } from "../../src/core/story.ts";
import { ms, type WallMs } from "../../src/core/time.ts";
import { type Day, type DayFigures, keptMs, TodaysCalls } from "../../src/report/today.ts";
import { listCounted } from "../../src/store/counted.ts";
import { readMigrations } from "../../src/store/migrate.ts";
import { BatchWriter } from "../../src/store/write-batch.ts";
import { agentId, at, batchOf, demo, line, noonMs, umwelt } from "../store/support.ts";

const wall = (iso: string) => Date.parse(iso) as WallMs;
const dayOf = (iso: string, zone = "Europe/Berlin") => localDay(zone, wall(iso));

/** What happens to one call, in its order; each so many milliseconds after the noon of test/store. */
type Plan = {
  readonly hotline: typeof demo.id;
  readonly arrivesMs: number;
  readonly waitMs: number;
  readonly talkMs: number;
  readonly outcome: Outcome;
  /** How much of it has happened: 1 arrived, 2 reached somebody, 3 ended, 4 found alive again, 5 ended again. */
  readonly steps: number;
};

function linesOf(id: string, plan: Plan): StoryLine[] {
  const { hotline, arrivesMs, waitMs, outcome, talkMs, steps } = plan;
  const arrived = line(id, arrivesMs, { what: "arrived", number: "115", from: null, hotline });
  const reachedMs = arrivesMs + waitMs;
  const withAgent = { kind: "agent", agent: agentId("201"), hotline: umwelt.id } as const;
  const outside = { kind: "outside", number: "03614900" } as const;
  const reached =
    outcome === "answered"
      ? [line(id, reachedMs, { what: "connected", agent: agentId("201"), waitMs: ms(waitMs) })]
      : outcome === "forwarded"
        ? [line(id, reachedMs, { what: "forwarded", number: "03614900", waitMs: ms(waitMs) })]
        : [];
  const endMs = reachedMs + (reached.length ? talkMs : 0);
  const end = (how: Outcome, afterMs: number) =>
    line(id, endMs + afterMs, {
      what: "ended",
      result: {
        outcome: how,
        endedBy: "caller",
        at: at(endMs + afterMs),
        reason: null,
        talk: reached.length
          ? { since: at(reachedMs), with: how === "answered" ? withAgent : outside }
          : null,
      },
      waitMs: ms(waitMs),
    });
  const again = line(id, endMs + 10, { what: "arrived", number: "115", from: null, hotline });
  return [arrived, ...reached, end(outcome, 0), again, end("abandoned", 20)].slice(0, steps);
}

function memoryDatabase(): Database {
  const db = new BetterSqlite3(":memory:");
  for (const { sql } of readMigrations()) db.exec(sql);
  return db;
}

/** The formulas once more, by SQL. */
function recomputed(db: Database, hotline: string, { fromMs, untilMs }: Day): DayFigures {
  const isAnswered = `(outcome = 'answered' OR (outcome IS NULL AND agent IS NOT NULL))`;
  const sql = `SELECT count(*) AS offered,
       ifnull(sum(${isAnswered}), 0) AS answered,
       ifnull(sum(${isAnswered} AND wait_ms <= 30000), 0) AS answeredInTime,
       ifnull(sum(outcome IS 'abandoned'), 0) AS abandoned,
       ifnull(sum(outcome IS 'abandoned_short'), 0) AS abandonedShort,
       round(avg(CASE WHEN ${isAnswered} THEN wait_ms END)) AS asaMs
     FROM calls WHERE hotline = '${hotline}' AND arrived_ms >= ${fromMs} AND arrived_ms < ${untilMs}
       AND ifnull(outcome, '') NOT IN ('closed', 'closed_holiday', 'closed_adhoc', 'unknown_number')
       AND (outcome IS NOT NULL OR agent IS NOT NULL OR forwarded_to IS NOT NULL)`;
  const sums = db.prepare<[], Omit<DayFigures, "otherwise" | "reachability" | "serviceLevel">>(sql).get()!;
  const { offered, answered, answeredInTime, abandoned, abandonedShort } = sums;
  return {
    ...sums,
    otherwise: offered - answered - abandoned - abandonedShort,
    reachability: offered === 0 ? null : answered / offered,
    serviceLevel: offered === abandonedShort ? null : answeredInTime / (offered - abandonedShort),
  };
}

const dayMs = 86_400_000;
const plan = fc.record({
  hotline: fc.constantFrom(demo.id, umwelt.id),
  // Around the midnights before and after that noon, in Berlin and in Lisbon.
  arrivesMs: fc.oneof(
    fc.integer({ min: -dayMs, max: dayMs }),
    fc.integer({ min: -14 * 3_600_000, max: -12 * 3_600_000 }),
    fc.integer({ min: 10 * 3_600_000, max: 13 * 3_600_000 }),
  ),
  waitMs: fc.oneof(fc.integer({ min: 0, max: 120_000 }), fc.constantFrom(29_999, 30_000, 30_001)),
  talkMs: fc.integer({ min: 0, max: 3_600_000 }),
  outcome: fc.constantFrom(...outcomes),
  steps: fc.integer({ min: 1, max: 5 }),
});

test("figures kept line by line are those of the call log, over midnight and after a restart", () => {
  const property = fc.property(fc.array(plan, { maxLength: 25 }), fc.nat(), (plans, restart) => {
    const db = memoryDatabase();
    const writer = new BatchWriter(db);
    const story = plans
      .flatMap((each, i) => linesOf(`c${i}`, each))
      .sort((a, b) => a.at.wallMs - b.at.wallMs);
    const restartAt = restart % (story.length + 1);
    let calls = new TodaysCalls();
    for (const [i, told] of story.entries()) {
      if (i === restartAt) {
        calls = new TodaysCalls();
        for (const row of listCounted(db, (told.at.wallMs - keptMs) as WallMs)) calls.put(row);
      }
      calls.tell(told);
      writer.write(batchOf({ story: [told] }));
      for (const { id, schedule } of [demo, umwelt]) {
        const day = localDay(schedule.timeZone, told.at.wallMs);
        assert.deepEqual(calls.of(id, day), recomputed(db, id, day));
      }
    }
    db.close();
  });
  fc.assert(property, { numRuns: 60 });
});

const answered = (id: string, iso: string, waitMs: number): StoryLine[] =>
  linesOf(id, {
    hotline: demo.id,
    arrivesMs: wall(iso) - noonMs,
    waitMs,
    talkMs: 60_000,
    outcome: "answered",
    steps: 3,
  });

test("a call counts when somebody answers, on the day it arrived", () => {
  const calls = new TodaysCalls();
  const before = dayOf("2026-11-23T12:00:00Z");
  const after = dayOf("2026-11-24T12:00:00Z");
  const [arrived, connected, ended] = answered("c1", "2026-11-23T22:59:50Z", 20_000);
  calls.tell(arrived!);
  assert.equal(calls.of(demo.id, before).offered, 0);
  calls.tell(connected!);
  assert.deepEqual(calls.of(demo.id, before), {
    offered: 1,
    answered: 1,
    answeredInTime: 1,
    abandoned: 0,
    abandonedShort: 0,
    otherwise: 0,
    reachability: 1,
    serviceLevel: 1,
    asaMs: 20_000,
  });
  calls.tell(ended!);
  assert.equal(calls.of(demo.id, before).answered, 1);
  assert.equal(calls.of(demo.id, after).offered, 0);
});

test("the doubled hour of autumn and the missing one of spring belong to their days", () => {
  const calls = new TodaysCalls();
  for (const told of answered("c1", "2026-10-25T22:30:00Z", 0)) calls.tell(told);
  assert.equal(calls.of(demo.id, dayOf("2026-10-24T23:00:00Z")).answered, 1);
  for (const told of answered("c2", "2027-03-28T21:59:59Z", 0)) calls.tell(told);
  for (const told of answered("c3", "2027-03-28T22:00:00Z", 0)) calls.tell(told);
  assert.equal(calls.of(demo.id, dayOf("2027-03-28T00:00:00Z")).answered, 1);
});

test("calls of the days before are forgotten, and what is told of them later is no news", () => {
  const calls = new TodaysCalls();
  const [arrived, connected] = answered("old", "2026-11-21T08:00:00Z", 0);
  calls.tell(arrived!);
  for (const told of answered("new", "2026-11-23T08:00:00Z", 0)) calls.tell(told);
  calls.tell(connected!);
  assert.equal(calls.of(demo.id, dayOf("2026-11-21T12:00:00Z")).answered, 0);
  assert.equal(calls.of(demo.id, dayOf("2026-11-23T12:00:00Z")).answered, 1);
});

test("a number that leads nowhere counts at no hotline", () => {
  const told = line("c1", 0, { what: "arrived", number: "9", from: null, hotline: null });
  const calls = new TodaysCalls();
  calls.tell(told);
  const db = memoryDatabase();
  new BatchWriter(db).write(batchOf({ story: [told] }));
  assert.deepEqual(listCounted(db, 0 as WallMs), []);
  assert.equal(calls.of(demo.id, dayOf("2026-11-23T12:00:00Z")).offered, 0);
  db.close();
});
