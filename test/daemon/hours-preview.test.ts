import assert from "node:assert/strict";
import { test } from "node:test";
import { type HoursOrderInput, hoursOrderSchema } from "../../src/api/hours.ts";
import { describeHours, describePreview } from "../../src/cli/hours-text.ts";
import { defaultSettings } from "../../src/core/hotlines.ts";
import { parseWeeklyLine, withDays } from "../../src/core/hours/parse.ts";
import { neverOpen, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import { hoursEvent, hoursOf, previewOf } from "../../src/daemon/hours.ts";

const demo = "demo" as HotlineId;

/** Open on working days from 8 to 18; Monday, 23 November 2026, noon. */
function system() {
  const state = new State();
  const now = { monotonicMs: 1_000_000 as MonotonicMs, wallMs: Date.UTC(2026, 10, 23, 11) as WallMs };
  const schedule = plainSchedule("Europe/Berlin", withDays(neverOpen, [parseWeeklyLine("mon-fri 8-18")]));
  step(
    state,
    { type: "hotline_added", hotline: { ...defaultSettings, id: demo, name: "Demo", schedule } },
    now,
  );
  const orderOf = (order: HoursOrderInput) => hoursOrderSchema.parse(order);
  return {
    preview: (order: HoursOrderInput) => previewOf(state, demo, orderOf(order), now.wallMs),
    show: () => hoursOf(state, demo, now.wallMs),
    change: (order: HoursOrderInput) =>
      assert.equal(
        step(state, hoursEvent(state, demo, orderOf(order), now.wallMs), now).verdict.kind,
        "done",
      ),
  };
}

test("a week that was planned before and stays is told where it differs from what is set now", () => {
  const { preview, change } = system();
  change({ do: "set", lines: ["mon 8-14"], from: "2026-12-07" });
  const friday = preview({ do: "set", lines: ["fri 8-12"] });
  assert.deepEqual(friday.plannedLater, [{ from: "2026-12-07", weekly: ["fri 08:00-18:00"] }]);
  assert.match(
    describePreview(friday),
    /\n {2}from Mon 7 Dec other hours are planned and stay \(fri 08:00–18:00\); to change them too: hotline hours set … --from 2026-12-07\n/,
  );
  const days = preview({ do: "set", lines: ["mon 8-14", "thu-sat 9-12"] });
  assert.deepEqual(days.plannedLater, [
    { from: "2026-12-07", weekly: ["thu-fri 08:00-18:00", "sat closed"] },
  ]);
  assert.deepEqual(preview({ do: "set", lines: ["mon 8-14"] }).plannedLater, [], "the same is planned");
  const later = preview({ do: "set", lines: ["fri 8-12"], from: "7.12." });
  assert.deepEqual(later.plannedLater, [], "that week itself");
  assert.deepEqual(preview({ do: "zone", timeZone: "Europe/Lisbon" }).plannedLater, []);
});

test("what the days do not show is told beside them", () => {
  const { preview, change } = system();
  const zone = preview({ do: "zone", timeZone: "Europe/Lisbon" });
  assert.deepEqual(zone.settings, [
    { setting: "time-zone", before: "Europe/Berlin", after: "Europe/Lisbon" },
  ]);
  assert.match(describePreview(zone), /\n {2}time-zone: was Europe\/Berlin, will be Europe\/Lisbon\n/);

  change({ do: "except", line: "1.12. closed", reason: "Wahl" });
  const move = { do: "except", line: "7.12. closed", reason: "Umzug" } as const;
  assert.deepEqual(preview(move).settings, [], "the day shows it");
  change({ ...move, announcement: "special_1" });
  const spoken = preview({ ...move, announcement: "special_2" });
  const becomes = "2026-12-07 closed (Umzug, special_2)";
  assert.deepEqual(
    [spoken.days, spoken.settings],
    [[], [{ setting: "exceptions", before: "2026-12-07 closed (Umzug, special_1)", after: becomes }]],
  );
  const longer = preview({ ...move, line: "7.12.-8.12. closed", announcement: "special_2" });
  assert.deepEqual([longer.days.length, longer.settings.length], [1, 1]);
  assert.deepEqual(preview({ ...move, announcement: "special_1" }).settings, [], "it is so already");
  assert.deepEqual(preview({ do: "close", reason: "Sturm", until: null, forMs: null }).settings, []);
  assert.deepEqual(preview({ do: "set", lines: ["fri 8-12"] }).settings, [], "the days show it");
});

test("a night before a closed day is shown to end at midnight, and a change says so", () => {
  const { preview, change, show } = system();
  change({ do: "set", lines: ["sat 22-2"] });
  const close = { do: "except", line: "29.11. closed", reason: "Umzug" } as const;
  const differ = preview(close).days.map(({ before, after }) => [before.date, before.hours, after.hours]);
  assert.deepEqual(differ, [
    ["2026-11-28", "22:00-02:00", "22:00-24:00"],
    ["2026-11-29", "closed", "closed"],
  ]);
  change(close);
  const saturdays = () =>
    show().days.flatMap(({ date, hours }) => (["2026-11-28", "2026-12-05"].includes(date) ? [hours] : []));
  assert.deepEqual(saturdays(), ["22:00-24:00", "22:00-02:00"]);
  change({ do: "except", line: "29.11. 10-12", reason: "Umzug" });
  assert.deepEqual(saturdays(), ["22:00-02:00", "22:00-02:00"], "other hours cut nothing");
  change({ do: "remove_exception", days: "29.11." });
  change({ do: "holidays", add: ["29.11. Firmenfest"] });
  assert.deepEqual(saturdays(), ["22:00-24:00", "22:00-02:00"]);
  const open = preview({ do: "holidays", removeOwn: ["Firmenfest"] }).days.map(({ after }) => after.date);
  assert.deepEqual(open, ["2026-11-28", "2026-11-29"]);
});

test("days that are closed or opened for now are marked, until then or as far as is shown", () => {
  const { change, show } = system();
  const marked = () => show().days.flatMap(({ date, adHoc }) => (adHoc ? [date] : []));
  assert.deepEqual(marked(), []);
  change({ do: "close", reason: "Sturm", until: "25.11. 8 Uhr", forMs: null });
  assert.deepEqual(marked(), ["2026-11-23", "2026-11-24", "2026-11-25"]);
  const shown = describeHours(show());
  assert.match(shown, /\n {2}Tue 24 Nov {2}08:00–18:00 {2}CLOSED until Wed 2026-11-25 08:00: Sturm\n/);
  assert.match(shown, /\n {2}Thu 26 Nov {2}08:00–18:00\n/);
  change({ do: "close", reason: "Sturm", until: "25.11. 0 Uhr", forMs: null });
  assert.deepEqual(marked(), ["2026-11-23", "2026-11-24"]);
  change({ do: "open", reason: "Wahl", until: "resumed", forMs: null });
  assert.equal(marked().length, 14);
  assert.match(describeHours(show()), /Sun 29 Nov {2}closed {7}open until somebody resumes the hours: Wahl/);
});
