import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { defaultSettings, type Hotline } from "../../../src/core/hotlines.ts";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import {
  aroundTheClock,
  neverOpen,
  opening,
  plainSchedule,
  type Schedule,
} from "../../../src/core/hours/schedule.ts";
import { type HoursEvent, isVerdict, previewHours } from "../../../src/core/hours-change.ts";
import type { HotlineId } from "../../../src/core/ids.ts";
import { State } from "../../../src/core/state.ts";
import { step } from "../../../src/core/step.ts";
import { type MonotonicMs, ms, type WallMs } from "../../../src/core/time.ts";

const demo = "demo" as HotlineId;
const noon = Date.parse("2026-11-23T12:00:00+01:00") as WallMs;
const now = { monotonicMs: 1_000_000 as MonotonicMs, wallMs: noon };
const office = Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ fromMinute: 480, toMinute: 1080 }] : []));
const berlin = (weekly: Schedule["weekly"], more: Partial<Schedule> = {}): Schedule => ({
  ...plainSchedule("Europe/Berlin", weekly),
  ...more,
});

/** Closes or opens until the next regular change; what was said before, and what came of it. */
function changeWithoutEnd(kind: "close" | "open", schedule: Schedule, atMs = noon) {
  const state = new State();
  const hotline: Hotline = { ...defaultSettings, id: demo, name: "Demo", schedule };
  step(state, { type: "hotline_added", hotline }, now);
  const change = { kind, reason: "Sturm", until: { kind: "next_change" } } as const;
  const event: HoursEvent = { type: "hours_changed", hotline: demo, change, releaseWaiting: false };
  const preview = previewHours(state, hotline, event, atMs);
  assert.ok(!isVerdict(preview));
  assert.equal(step(state, event, { ...now, wallMs: atMs }).verdict.kind, "done");
  const after = state.hotlines.get(demo)!.schedule;
  assert.deepEqual(preview.schedule, after, "as it was said");
  const { adHoc } = after;
  const until =
    adHoc.kind === "none" || adHoc.untilMs === null ? null : new Date(adHoc.untilMs).toISOString();
  return { isEndless: preview.isEndless, until, schedule: after };
}

const inAYear = (noon + ms(366 * 86_400_000)) as WallMs;

suite("closing without an end", () => {
  test("lasts until the next regular opening", () => {
    const { isEndless, until } = changeWithoutEnd("close", berlin(office));
    assert.deepEqual([isEndless, until], [false, "2026-11-24T07:00:00.000Z"]);
  });

  test("at night, until the opening of that morning", () => {
    const night = Date.parse("2026-11-24T03:00:00+01:00") as WallMs;
    assert.equal(changeWithoutEnd("close", berlin(office), night).until, "2026-11-24T07:00:00.000Z");
  });

  for (const [what, schedule] of [
    ["open around the clock", berlin(aroundTheClock)],
    ["without any hours", berlin(neverOpen)],
    [
      "that never opens again for an exception without end",
      berlin(office, { exceptions: [closedFor("2026-11-24", "2099-12-31")] }),
    ],
  ] as const)
    test(`of a hotline ${what}, until somebody resumes, and it says so`, () => {
      const { isEndless, until, schedule: after } = changeWithoutEnd("close", schedule);
      assert.deepEqual([isEndless, until], [true, null]);
      assert.equal(opening(after, inAYear).open, false);
    });

  test("around the clock but for a day, until the end of that day: it opens regularly then", () => {
    const schedule = berlin(aroundTheClock, { exceptions: [closedFor("2026-11-26", "2026-11-26")] });
    const { isEndless, until } = changeWithoutEnd("close", schedule);
    assert.deepEqual([isEndless, until], [false, "2026-11-26T23:00:00.000Z"]);
  });
});

suite("opening without an end", () => {
  test("lasts until the hours next close", () => {
    const sunday = Date.parse("2026-11-22T12:00:00+01:00") as WallMs;
    const { isEndless, until } = changeWithoutEnd("open", berlin(office), sunday);
    assert.deepEqual([isEndless, until], [false, "2026-11-23T17:00:00.000Z"]);
  });

  test("of a hotline that never closes or never opens, until somebody resumes", () => {
    for (const weekly of [aroundTheClock, neverOpen])
      assert.deepEqual(changeWithoutEnd("open", berlin(weekly)).isEndless, true);
  });
});

function closedFor(from: string, to: string): Schedule["exceptions"][number] {
  return {
    from: from as LocalDate,
    to: to as LocalDate,
    intervals: [],
    reason: "Umbau",
    announcement: null,
  };
}
