import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import { type FoundHours, restoreHours, whyUnusable } from "../../../src/core/hours/restore.ts";
import { aroundTheClock, plainSchedule, type Schedule } from "../../../src/core/hours/schedule.ts";

const date = (text: string) => text as LocalDate;
const office = [{ fromMinute: 480, toMinute: 1080 }];

const good: Schedule = {
  timeZone: "Europe/Lisbon",
  weekly: [office, office, office, office, office, [], [{ fromMinute: 1320, toMinute: 1800 }]],
  laterWeeks: [{ from: date("2026-12-07"), weekly: aroundTheClock }],
  exceptions: [
    {
      from: date("2026-12-24"),
      to: date("2026-12-26"),
      intervals: [],
      reason: "Weihnachten",
      announcement: "special_1",
    },
  ],
  holidays: {
    region: "TH",
    days: [{ date: date("2026-10-31"), name: "Reformationstag" }],
    workedOn: ["Weltkindertag"],
    own: [{ month: 12, day: 24, name: "Heiligabend" }],
  },
  adHoc: { kind: "closed", reason: "Flut", untilMs: null },
};
const schedule = plainSchedule("Europe/Berlin", aroundTheClock);

test("what is good stays as it is, and nothing older is looked for", () => {
  const earlier = () => {
    throw new Error("looked for");
  };
  assert.deepEqual(restoreHours(good, earlier), { schedule: good, broken: [] });
  assert.equal(whyUnusable(good), null);
});

/** Ways in which each part can be broken. */
const damage: readonly (readonly [keyof Schedule, unknown])[] = [
  ["timeZone", "Mars/Base"],
  ["timeZone", ""],
  ["timeZone", undefined],
  ["weekly", undefined],
  ["weekly", null],
  ["weekly", {}],
  ["weekly", [[], [], []]],
  ["weekly", [[], [], [], [], [], [], [{ fromMinute: 600, toMinute: 480 }]]],
  ["weekly", [[], [], [], [], [], [], [{ fromMinute: "8:00", toMinute: 480 }]]],
  ["weekly", [[], [], [], [], [], [], [{ fromMinute: -1, toMinute: 480 }]]],
  ["laterWeeks", [{ from: "2026-02-31", weekly: aroundTheClock }]],
  ["laterWeeks", [{ from: "2026-12-07", weekly: [] }]],
  ["exceptions", [{ ...good.exceptions[0], to: "2026-12-01" }]],
  ["exceptions", [{ from: "2026-12-24", to: "2026-12-26" }]],
  ["exceptions", "none"],
  ["holidays", { ...good.holidays, days: [{ date: "31.10.2026", name: "Reformationstag" }] }],
  ["holidays", { ...good.holidays, own: [{ month: 13, day: 1, name: "x" }] }],
  ["holidays", null],
  ["adHoc", { kind: "shut" }],
  ["adHoc", { kind: "closed", reason: "x", untilMs: "2026-11-23" }],
];

suite("a broken part", () => {
  for (const [part, value] of damage)
    test(`${part} ${JSON.stringify(value)}: as it was last good, and the rest as it is`, () => {
      const found: FoundHours = { ...good, [part]: value };
      // The newest of the earlier ones is broken, too.
      const older = { ...good, timeZone: "Europe/Paris", holidays: { ...good.holidays, region: "SN" } };
      const restored = restoreHours(found, () => [found, older, good]);
      const instead = part === "adHoc" ? { kind: "none" } : older[part];
      assert.deepEqual(restored.schedule, { ...good, [part]: instead });
      assert.deepEqual(
        restored.broken.map((each) => [each.part, each.instead]),
        [[part, part === "adHoc" ? "open" : "earlier"]],
      );
      assert.notEqual(whyUnusable(found), null);
    });

  test("of which nothing better is known never closes the hotline", () => {
    const { schedule: open, broken } = restoreHours({}, () => [{}, { weekly: "x" }]);
    assert.deepEqual(open, schedule);
    assert.ok(broken.every(({ why, instead }) => why === "cannot be read" && instead === "open"));
    assert.equal(broken.length, Object.keys(schedule).length);
  });

  test("is named, and shown as far as it helps", () => {
    assert.equal(whyUnusable({ ...good, timeZone: "Mars/Base" }), 'time zone: "Mars/Base" is not understood');
    const long = whyUnusable({ ...good, exceptions: "x".repeat(500) });
    assert.ok(long && long.length < 120, long ?? "");
  });
});
