import assert from "node:assert/strict";
import { test } from "node:test";
import { statusSchema } from "../../src/api/schemas.ts";
import { defaultSettings, type Hotline } from "../../src/core/hotlines.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import { aroundTheClock, plainSchedule, type Schedule } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import type { WallMs } from "../../src/core/time.ts";
import { hoursNotices } from "../../src/daemon/hours-notices.ts";

const office = Array.from({ length: 7 }, () => [{ fromMinute: 480, toMinute: 1080 }]);
const wall = (text: string) => Date.parse(`${text}:00+01:00`) as WallMs;
const date = (text: string) => text as LocalDate;
const demo = "demo" as HotlineId;

const hotline = (schedule: Partial<Schedule>, more: Partial<Hotline> = {}): Hotline => ({
  ...defaultSettings,
  id: demo,
  name: "Demo",
  schedule: { ...plainSchedule("Europe/Berlin", office), ...schedule },
  ...more,
});

/** What status says at a moment, as a client gets it. */
function noticesAt(at: string, ...hotlines: Hotline[]): string[] {
  const state = new State();
  for (const each of hotlines) state.hotlines.put(each.id, each);
  const notices = statusSchema.shape.notices.parse(hoursNotices(state, wall(at)));
  return notices.map(({ message }) => message);
}

test("usual hours are nothing to tell of", () => {
  assert.deepEqual(noticesAt("2026-11-23T12:00", hotline({})), []);
});

test("a closing or opening for now: until when, and for a day that it is over", () => {
  const untilMs = wall("2026-11-24T08:00");
  const closed = hotline({ adHoc: { kind: "closed", reason: "Sturm", untilMs } });
  assert.deepEqual(noticesAt("2026-11-23T12:00", closed), ["demo is closed until 24 Nov 2026, 08:00: Sturm"]);
  const over = ["demo: the closing for now ended 24 Nov 2026, 08:00: Sturm"];
  assert.deepEqual(noticesAt("2026-11-24T08:00", closed), over);
  assert.deepEqual(noticesAt("2026-11-25T08:00", closed), over);
  assert.deepEqual(noticesAt("2026-11-25T08:01", closed), []);
  const opened = hotline({ adHoc: { kind: "open", reason: "Wahl", untilMs } });
  assert.deepEqual(noticesAt("2026-11-24T09:00", opened), [
    "demo: the opening for now ended 24 Nov 2026, 08:00: Wahl",
  ]);
  const endless = hotline({ adHoc: { kind: "closed", reason: "Flut", untilMs: null } });
  assert.deepEqual(noticesAt("2027-11-24T09:00", endless), [
    "demo is closed until somebody resumes the hours: Flut",
  ]);
});

test("an exception: a week before, while it lasts, and the day after", () => {
  const closed = hotline({
    exceptions: [
      {
        from: date("2026-12-02"),
        to: date("2026-12-04"),
        intervals: [],
        reason: "Umzug",
        announcement: null,
      },
    ],
  });
  for (const [at, says] of [
    ["2026-11-24T12:00", []],
    ["2026-11-25T00:00", ["demo: exception Wed 2026-12-02: closed (Umzug)"]],
    ["2026-12-01T23:59", ["demo: exception tomorrow: closed (Umzug)"]],
    ["2026-12-02T00:00", ["demo: exception until Fri 2026-12-04: closed (Umzug)"]],
    ["2026-12-04T23:59", ["demo: exception until today: closed (Umzug)"]],
    ["2026-12-05T12:00", ["demo: the exception is over: closed (Umzug)"]],
    ["2026-12-06T00:00", []],
  ] as const)
    assert.deepEqual(noticesAt(at, closed), says, at);
});

test("other weekly hours: before they begin, and just after", () => {
  const later = hotline({ laterWeeks: [{ from: date("2026-12-07"), weekly: aroundTheClock }] });
  assert.deepEqual(noticesAt("2026-11-29T12:00", later), []);
  assert.deepEqual(noticesAt("2026-12-06T12:00", later), ["demo: other weekly hours from tomorrow"]);
  assert.deepEqual(noticesAt("2026-12-07T12:00", later), ["demo: other weekly hours since today"]);
  assert.deepEqual(noticesAt("2026-12-09T12:00", later), []);
});

test("holidays of the coming days, those that are kept", () => {
  const kept = hotline({
    holidays: {
      region: "TH",
      days: [
        { date: date("2026-12-25"), name: "1. Weihnachtstag" },
        { date: date("2026-12-26"), name: "2. Weihnachtstag" },
      ],
      workedOn: ["2. Weihnachtstag"],
      own: [{ month: 12, day: 24, name: "Heiligabend" }],
    },
  });
  assert.deepEqual(noticesAt("2026-12-23T12:00", kept), [
    "demo: holiday tomorrow: Heiligabend",
    "demo: holiday Fri 2026-12-25: 1. Weihnachtstag",
  ]);
});

test("shared hours are told at each hotline that has them, closing for now only where it is closed", () => {
  const exceptions = [
    { from: date("2026-11-23"), to: date("2026-11-23"), intervals: [], reason: "Umzug", announcement: null },
  ];
  const sued = hotline(
    { adHoc: { kind: "closed", reason: "Flut", untilMs: null } },
    { id: "sued" as HotlineId, hoursOf: demo },
  );
  assert.deepEqual(noticesAt("2026-11-23T12:00", hotline({ exceptions }), sued), [
    "demo: exception until today: closed (Umzug)",
    "sued is closed until somebody resumes the hours: Flut",
    "sued: exception until today: closed (Umzug)",
  ]);
});
