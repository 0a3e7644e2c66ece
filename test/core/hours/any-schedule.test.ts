import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import { nextOpening } from "../../../src/core/hours/next.ts";
import { type Interval, opening, openingUntil, type Schedule } from "../../../src/core/hours/schedule.ts";
import type { WallMs } from "../../../src/core/time.ts";
import {
  addDays,
  dateAt,
  firstInstant,
  lastInstant,
  spansOn,
  type Verdict,
  verdictAt,
} from "../../simulation/open-by-hand.ts";

/** Any schedule at any moment of a few weeks in which clocks change, against the second computation of the simulator. */

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Late March, late October and the turn of the year: the days before and after them. */
const centres = ["2026-10-25", "2027-03-28", "2026-12-31"] as const;

const span = (from: number, to: number): Interval => ({ fromMinute: from, toMinute: to });
/** On the quarter of an hour, as hours are; some begin in the hour that is left out or doubled, some run over midnight. */
const intervals: fc.Arbitrary<readonly Interval[]> = fc.oneof(
  fc.constant([]),
  fc.constant([span(0, 1440)]),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 4 })
    .map((quarters) => quarters.sort((a, b) => a - b).map((quarter) => quarter * 15))
    .map(([a, b, c, d]) => [span(a!, b!), ...(c !== undefined && d !== undefined ? [span(c, d)] : [])]),
  fc.integer({ min: 1, max: 24 }).map((quarters) => [span(1320, 1440 + quarters * 15)]),
);
const weekly = fc.array(intervals, { minLength: 7, maxLength: 7 });

const someSchedule = fc.constantFrom(...centres).chain((centre) => {
  const day = fc.integer({ min: -4, max: 4 }).map((days) => addDays(centre, days) as LocalDate);
  const at = fc
    .integer({ min: -3 * 1440, max: 3 * 1440 })
    .map((minutes) => (Date.parse(`${centre}T00:00:00Z`) + minutes * minuteMs) as WallMs);
  const schedule: fc.Arbitrary<Schedule> = fc.record({
    timeZone: fc.constantFrom("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"),
    weekly,
    laterWeeks: fc.oneof(
      fc.constant([]),
      fc.record({ from: day, weekly }).map((week) => [week]),
    ),
    exceptions: fc.oneof(
      fc.constant([]),
      fc
        .record({ from: day, length: fc.integer({ min: 0, max: 2 }), intervals })
        .map(({ from, length, intervals: hours }) => [
          { from, to: addDays(from, length) as LocalDate, intervals: hours, reason: "x", announcement: null },
        ]),
    ),
    holidays: fc.record({
      region: fc.constantFrom(null, "TH"),
      days: day.map((date) => [{ date, name: "Feiertag" }]),
      workedOn: fc.constantFrom([], ["Feiertag"]),
      own: fc.constant([]),
    }),
    adHoc: fc.oneof(
      fc.constant({ kind: "none" } as const),
      fc.record({
        kind: fc.constantFrom("open" as const, "closed" as const),
        reason: fc.constant("x"),
        untilMs: fc.oneof(fc.constant(null), at),
      }),
    ),
  });
  return fc.tuple(schedule, at);
});

function verdictOf(schedule: Schedule, at: WallMs): Verdict {
  const { open, rule } = opening(schedule, at);
  if (open) return "open";
  return rule.kind === "ad_hoc" ? "closed_adhoc" : rule.kind === "holiday" ? "closed_holiday" : "closed";
}

test("any hours at any time are as they are worked out by hand, and stay so for as long as is said", () => {
  fc.assert(
    fc.property(someSchedule, fc.double({ min: 0, max: 1, noNaN: true }), ([schedule, at], part) => {
      const verdict = verdictAt(schedule, at);
      assert.equal(verdictOf(schedule, at), verdict);
      const { untilMs } = openingUntil(schedule, at);
      assert.ok(untilMs > at);
      for (const later of [Math.floor(at + (untilMs - 1 - at) * part), untilMs - 1])
        assert.equal(verdictAt(schedule, later), verdict, new Date(later).toISOString());
    }),
    { numRuns: 1000 },
  );
});

test("the rule that is named is that of the day whose hours the moment is in; of a closed one, that of the day itself", () => {
  const hasException = ({ exceptions }: Schedule, date: string) =>
    exceptions.some(({ from, to }) => from <= date && date <= to);
  fc.assert(
    fc.property(someSchedule, ([schedule, at]) => {
      const { open, rule } = opening(schedule, at);
      if (rule.kind === "ad_hoc") return;
      if (open)
        assert.ok(
          spansOn(schedule, rule.date).some(
            ({ fromMinute, toMinute }) =>
              firstInstant(schedule.timeZone, rule.date, fromMinute) <= at &&
              at < lastInstant(schedule.timeZone, rule.date, toMinute),
          ),
          `${rule.date} does not hold ${new Date(at).toISOString()}`,
        );
      else assert.equal(rule.date, dateAt(schedule.timeZone, at));
      assert.equal(rule.kind === "exception", hasException(schedule, rule.date));
    }),
    { numRuns: 1000 },
  );
});

test("the next opening is one, and there is none before it", () => {
  fc.assert(
    fc.property(someSchedule, fc.integer({ min: 1, max: 2880 }), ([schedule, at], minutes) => {
      const next = nextOpening(schedule, at);
      const isOpen = (moment: number) => verdictAt(schedule, moment) === "open";
      if (next !== null) assert.deepEqual([isOpen(next - 1), isOpen(next)], [false, true]);
      // Once it is open it stays so until the first closing: from there on it must be closed.
      const checked = Math.min(at + minutes * minuteMs, next === null ? at + 2 * dayMs : next - 1);
      const isOpenedBefore = !isOpen(at) && isOpen(checked);
      assert.ok(!isOpenedBefore, `opens before ${next === null ? "never" : new Date(next).toISOString()}`);
    }),
    { numRuns: 200 },
  );
});
