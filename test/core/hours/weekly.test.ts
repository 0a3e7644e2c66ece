import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOpening } from "../../../src/core/hours/next.ts";
import { describeWeekly, parseWeeklyLine, withDays } from "../../../src/core/hours/parse.ts";
import {
  aroundTheClock,
  opening,
  plainSchedule,
  type Schedule,
  type Weekly,
} from "../../../src/core/hours/schedule.ts";
import type { WallMs } from "../../../src/core/time.ts";

const closedWeek: Weekly = Array.from({ length: 7 }, () => []);

function schedule(...lines: string[]): Schedule {
  return plainSchedule("Europe/Berlin", withDays(closedWeek, lines.map(parseWeeklyLine)));
}

const at = (iso: string) => Date.parse(iso) as WallMs;
const isOpen = (of: Schedule, iso: string) => opening(of, at(iso)).open;

test("intervals are half-open", () => {
  const office = schedule("mon-fri 08:00-18:00");
  assert.equal(isOpen(office, "2026-11-23T07:59:59.999+01:00"), false);
  assert.equal(isOpen(office, "2026-11-23T08:00:00.000+01:00"), true);
  assert.equal(isOpen(office, "2026-11-23T17:59:59.999+01:00"), true);
  assert.equal(isOpen(office, "2026-11-23T18:00:00.000+01:00"), false);
  assert.equal(isOpen(office, "2026-11-22T12:00:00.000+01:00"), false, "Sunday");
});

test("an interval across midnight belongs to the day it starts", () => {
  const night = schedule("sat 22:00-02:00");
  assert.equal(isOpen(night, "2026-11-21T23:00:00+01:00"), true);
  assert.equal(isOpen(night, "2026-11-22T01:59:59+01:00"), true);
  assert.equal(isOpen(night, "2026-11-22T02:00:00+01:00"), false);
  assert.equal(isOpen(night, "2026-11-21T01:00:00+01:00"), false);
});

test("only the week as a whole must have no overlaps, whatever is set first", () => {
  const nights = withDays(
    aroundTheClock,
    ["mon-thu closed", "fri-sat 22:00-02:00", "sun 08:00-12:00"].map(parseWeeklyLine),
  );
  assert.deepEqual(describeWeekly(nights), ["mon-thu closed", "fri-sat 22:00-02:00", "sun 08:00-12:00"]);
  assert.throws(
    () => withDays(aroundTheClock, ["mon 22:00-02:00", "tue 01:00-03:00"].map(parseWeeklyLine)),
    /22:00-02:00 on mon runs into 01:00-03:00 on tue/,
  );
});

test("in spring, a start in the hour that is left out is the first instant after it", () => {
  const early = schedule("sun 02:30-05:00");
  assert.equal(isOpen(early, "2026-03-29T01:59:59+01:00"), false);
  assert.equal(isOpen(early, "2026-03-29T03:00:00+02:00"), true);
});

test("in autumn, in the doubled hour an interval counts from the first start to the last end", () => {
  const early = schedule("sun 02:15-02:45");
  assert.equal(isOpen(early, "2026-10-25T02:14:59+02:00"), false);
  assert.equal(isOpen(early, "2026-10-25T02:15:00+02:00"), true);
  assert.equal(isOpen(early, "2026-10-25T02:50:00+02:00"), true, "between the two");
  assert.equal(isOpen(early, "2026-10-25T02:44:59+01:00"), true);
  assert.equal(isOpen(early, "2026-10-25T02:45:00+01:00"), false);
});

test("around the clock is never closed, also when the clock changes", () => {
  const always = plainSchedule("Europe/Berlin", aroundTheClock);
  for (let minute = 0; minute < 26 * 60; minute++) {
    for (const day of ["2026-03-29T00:00:00+01:00", "2026-10-25T00:00:00+02:00"])
      assert.equal(opening(always, (at(day) + minute * 60_000) as WallMs).open, true);
  }
});

test("the next opening is the next moment at which a closed hotline opens", () => {
  const office = schedule("mon-fri 08:00-12:00,12:00-18:00");
  const next = (iso: string) => nextOpening(office, at(iso));
  assert.equal(next("2026-11-23T07:00:00+01:00"), at("2026-11-23T08:00:00+01:00"));
  assert.equal(next("2026-11-23T09:00:00+01:00"), at("2026-11-24T08:00:00+01:00"), "12:00 opens nothing");
  assert.equal(next("2026-11-20T19:00:00+01:00"), at("2026-11-23T08:00:00+01:00"), "over the week-end");
  assert.equal(nextOpening(schedule(), at("2026-11-20T19:00:00+01:00")), null);
});

test("hours are read and written the same way", () => {
  for (const line of [
    "mon-fri 08:00-18:00",
    "mon-sun 00:00-24:00",
    "wed 08:00-12:00,14:00-20:00",
    "sat 22:00-02:00",
  ]) {
    assert.ok(describeWeekly(schedule(line).weekly).includes(line), line);
  }
  assert.deepEqual(describeWeekly(schedule("fri-mon 10:00-11:00").weekly), [
    "mon 10:00-11:00",
    "tue-thu closed",
    "fri-sun 10:00-11:00",
  ]);
});

test("what runs across midnight may not meet what the next day starts with", () => {
  assert.throws(() => schedule("mon 22:00-02:00", "tue 01:00-03:00"), /runs into/);
});
