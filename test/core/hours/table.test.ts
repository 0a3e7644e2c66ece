import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hotline } from "../../../src/core/hotlines.ts";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import { OpeningCache } from "../../../src/core/hours/opening-cache.ts";
import { opening, plainSchedule, type Schedule } from "../../../src/core/hours/schedule.ts";
import type { WallMs } from "../../../src/core/time.ts";
import { publicHolidays } from "../../../src/daemon/holidays.ts";
import { holidaysByLaw, openMinutes, type Rules, type Span } from "./by-hand.ts";

const firstYear = 2026;
const lastYear = 2032;
const hourMs = 3_600_000;
const minuteMs = 60_000;

const office: Span = { fromMinute: 480, toMinute: 1080 };
/** Office hours with a break on Wednesdays, and a night across midnight that meets both changes of the clock. */
const week: readonly (readonly Span[])[] = [
  [office],
  [office],
  [
    { fromMinute: 480, toMinute: 720 },
    { fromMinute: 840, toMinute: 1200 },
  ],
  [office],
  [office, { fromMinute: 1320, toMinute: 1440 + 120 }],
  [{ fromMinute: 1320, toMinute: 1440 + 150 }],
  [{ fromMinute: 160, toMinute: 175 }],
];

const exceptions = [
  { from: "2026-12-24", to: "2026-12-24", spans: [{ fromMinute: 480, toMinute: 720 }] },
  { from: "2027-07-19", to: "2027-07-23", spans: [] },
  // A holiday that is worked on for once, and a day that only the exception opens.
  { from: "2028-05-01", to: "2028-05-01", spans: [{ fromMinute: 600, toMinute: 840 }] },
  { from: "2029-03-25", to: "2029-03-25", spans: [{ fromMinute: 90, toMinute: 200 }] },
  // Cuts the night that runs in.
  { from: "2030-01-06", to: "2030-01-06", spans: [] },
];

function scheduleOf(state: Rules["state"]): Schedule {
  return {
    ...plainSchedule("Europe/Berlin", week),
    exceptions: exceptions.map(({ from, to, spans }) => ({
      from: from as LocalDate,
      to: to as LocalDate,
      intervals: spans,
      reason: "test",
      announcement: null,
    })),
    holidays: { region: state, days: publicHolidays(state, firstYear, lastYear + 1), workedOn: [], own: [] },
  };
}

/** The last Sundays of March and October. */
function clockChanges(year: number): number[] {
  return [2, 9].map((month) => {
    const day = new Date(Date.UTC(year, month + 1, 0));
    return day.getTime() - day.getUTCDay() * 24 * hourMs;
  });
}

for (const state of ["TH", "SN", "NW"] as const) {
  test(`${state}: the public holidays are those of the law`, () => {
    for (let year = firstYear; year <= lastYear; year++) {
      const days = publicHolidays(state, year, year).map(({ date }) => date as string);
      assert.deepEqual(new Set(days), holidaysByLaw(state, year), `${year}`);
    }
  });

  test(`${state}: every hour of ${firstYear} to ${lastYear}, and each minute around the changes of the clock`, () => {
    const schedule = scheduleOf(state);
    const rules: Rules = { state, week, exceptions };
    const cache = new OpeningCache();
    const hotline = { id: state, schedule } as unknown as Hotline;
    let checked = 0;
    const check = (open: ReadonlySet<number>, at: number) => {
      assert.equal(opening(schedule, at as WallMs).open, open.has(at), new Date(at).toISOString());
      checked++;
    };
    /** What was worked out once must hold until it says so. */
    const checkRemembered = (open: ReadonlySet<number>, at: number) => {
      const remembered = cache.at(hotline, schedule, at as WallMs).opening.open;
      assert.equal(remembered, open.has(at), `${new Date(at).toISOString()}, remembered`);
    };
    for (let year = firstYear; year <= lastYear; year++) {
      const [from, until] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
      const open = openMinutes(rules, from, until);
      for (let at = from; at < until; at += hourMs) check(open, at);
      for (const day of clockChanges(year))
        for (let at = day - 3 * hourMs; at < day + 25 * hourMs; at += minuteMs) {
          check(open, at);
          checkRemembered(open, at);
        }
    }
    assert.ok(checked > 80_000);
  });
}
