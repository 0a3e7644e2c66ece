import assert from "node:assert/strict";
import { test } from "node:test";
import { instantAt, type LocalDate } from "../../src/core/hours/calendar.ts";
import { parseWeeklyLine, withDays } from "../../src/core/hours/parse.ts";
import { decide, neverOpen, plainSchedule, type Schedule } from "../../src/core/hours/schedule.ts";
import { reasonOf, ruleText } from "../../src/daemon/hours-views.ts";

const zone = "Europe/Berlin";

/** Open on Saturdays from 22:00 to 02:00. 21 November 2026 is one. */
function nights(more: Partial<Schedule> = {}): Schedule {
  return { ...plainSchedule(zone, withDays(neverOpen, [parseWeeklyLine("sat 22-2")])), ...more };
}

const special = (date: string, fromHour: number, toHour: number) => ({
  from: date as LocalDate,
  to: date as LocalDate,
  intervals: [{ fromMinute: fromHour * 60, toMinute: toHour * 60 }],
  reason: "Wahl",
  announcement: null,
});

/** The rule that decides and, behind it, those that lost. */
function rulesAt(schedule: Schedule, date: string, hour: number): string[] {
  const at = instantAt(zone, date as LocalDate, hour * 60, "earlier");
  const { lost, ...decided } = decide(schedule, at);
  return [decided, ...lost].map(
    ({ open, rule }) => `${open ? "open" : "closed"}: ${ruleText(schedule, rule)}`,
  );
}

const reasonAt = (schedule: Schedule, date: string, hour: number) =>
  reasonOf(schedule, instantAt(zone, date as LocalDate, hour * 60, "earlier"));

test("after midnight the weekly hours of the day before are named", () => {
  assert.deepEqual(rulesAt(nights(), "2026-11-22", 1), ["open: weekly hours on Saturday: 22:00-02:00"]);
  assert.deepEqual(rulesAt(nights(), "2026-11-22", 2), ["closed: weekly hours on Sunday: closed"]);
  assert.equal(reasonAt(nights(), "2026-11-21", 23), "opening hours");
  assert.equal(reasonAt(nights(), "2026-11-22", 1), "opening hours of Saturday");
});

test("after midnight the exception of the day before is named", () => {
  const friday = nights({ exceptions: [special("2026-11-20", 20, 26)] });
  assert.deepEqual(rulesAt(friday, "2026-11-21", 1), [
    "open: exception on 2026-11-20: Wahl",
    "closed: weekly hours on Saturday: 22:00-02:00",
  ]);
  assert.equal(reasonAt(friday, "2026-11-20", 23), "special hours today: Wahl");
  assert.equal(reasonAt(friday, "2026-11-21", 1), "special hours of Friday: Wahl");
  assert.deepEqual(rulesAt(friday, "2026-11-21", 2), ["closed: weekly hours on Saturday: 22:00-02:00"]);
});

test("hours that run into a day with other hours are the day's before, and into a closed day none", () => {
  const sunday = nights({ exceptions: [special("2026-11-22", 8, 12)] });
  assert.deepEqual(rulesAt(sunday, "2026-11-22", 1), [
    "open: weekly hours on Saturday: 22:00-02:00",
    "closed: exception on 2026-11-22: Wahl",
  ]);
  const closed = nights({ exceptions: [{ ...special("2026-11-22", 8, 12), intervals: [] }] });
  assert.deepEqual(rulesAt(closed, "2026-11-22", 1), [
    "closed: exception on 2026-11-22: Wahl",
    "open: weekly hours on Saturday: 22:00-02:00",
  ]);
});
