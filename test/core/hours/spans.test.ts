import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import { parseWeeklyLine } from "../../../src/core/hours/parse.ts";
import { opening, plainSchedule, type Schedule } from "../../../src/core/hours/schedule.ts";
import { openSpans } from "../../../src/core/hours/spans.ts";
import type { WallMs } from "../../../src/core/time.ts";

const at = (iso: string) => Date.parse(iso) as WallMs;
const iso = (ms: WallMs) => new Date(ms).toISOString().slice(0, 16);

function weekly(line: string): Schedule {
  const { days, intervals } = parseWeeklyLine(line);
  const week = Array.from({ length: 7 }, (_, day) => (days.includes(day) ? intervals : []));
  return plainSchedule("Europe/Berlin", week);
}

const spans = (schedule: Schedule, from: string, until: string) =>
  openSpans(schedule, at(from), at(until)).map(({ fromMs, toMs }) => `${iso(fromMs)} ${iso(toMs)}`);

test("when the clocks change the hours stay where they are on the clock", () => {
  assert.deepEqual(spans(weekly("mon-sun 08:00-18:00"), "2026-10-23T22:00Z", "2026-10-26T23:00Z"), [
    "2026-10-24T06:00 2026-10-24T16:00",
    "2026-10-25T07:00 2026-10-25T17:00",
    "2026-10-26T07:00 2026-10-26T17:00",
  ]);
});

test("around the clock is one stretch", () => {
  const from = "2026-11-23T00:00";
  assert.deepEqual(spans(weekly("mon-sun 00:00-24:00"), `${from}Z`, "2026-12-07T00:00Z"), [
    `${from} 2026-12-07T00:00`,
  ]);
});

test("at every quarter of an hour the stretches say what the schedule says", () => {
  const schedule: Schedule = {
    ...weekly("mon-fri 08:00-12:00,22:00-02:00"),
    exceptions: [
      {
        from: "2026-11-25" as LocalDate,
        to: "2026-11-25" as LocalDate,
        intervals: [],
        reason: "",
        announcement: null,
      },
    ],
    adHoc: { kind: "closed", reason: "", untilMs: at("2026-11-24T09:10Z") },
  };
  const from = at("2026-11-24T00:00Z");
  const until = at("2026-12-08T00:00Z");
  const open = openSpans(schedule, from, until);
  for (let moment = from; moment < until; moment = (moment + 900_000) as WallMs) {
    const isIn = open.some(({ fromMs, toMs }) => fromMs <= moment && moment < toMs);
    assert.equal(isIn, opening(schedule, moment).open, iso(moment));
  }
});
