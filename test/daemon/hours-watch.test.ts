import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import pino from "pino";
import type { AdminEvent } from "../../src/core/events.ts";
import { defaultSettings, type Hotline } from "../../src/core/hotlines.ts";
import { instantAt, type LocalDate } from "../../src/core/hours/calendar.ts";
import type { HoursChange, Until } from "../../src/core/hours/change.ts";
import { aroundTheClock, type Interval, plainSchedule, type Weekly } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { type MonotonicMs, ms, type WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { BrokenHoursNote } from "../../src/daemon/broken-hours-note.ts";
import { holidaysFrom } from "../../src/daemon/holidays.ts";
import { HoursWatch } from "../../src/daemon/hours-watch.ts";
import type { BrokenHours } from "../../src/store/types.ts";
import { Timeline } from "../simulation/timeline.ts";

const zone = "Europe/Berlin";
const demo = "demo" as HotlineId;
const workdays: readonly Interval[] = [{ fromMinute: 8 * 60, toMinute: 18 * 60 }];
const officeHours: Weekly = Array.from({ length: 7 }, (_, day) => (day < 5 ? workdays : []));
const hourMs = 3_600_000;

/** `2026-11-23 12:00` on the office's wall. */
function wall(text: string): WallMs {
  const [date, time] = text.split(" ");
  const [hour, minute] = time!.split(":").map(Number);
  return instantAt(zone, date as LocalDate, hour! * 60 + minute!, "earlier");
}

type Options = {
  readonly weekly?: Weekly;
  readonly at?: string;
  readonly hotline?: Partial<Hotline>;
  readonly lookUp?: typeof holidaysFrom;
  readonly broken?: BrokenHours["parts"];
  /** Where it is kept which hours are broken. */
  readonly note?: BrokenHoursNote;
};

/** A watch over the real core on simulated time, that of Monday, 23 November 2026, noon, unless said otherwise. */
function system({
  weekly = officeHours,
  at = "2026-11-23 12:00",
  hotline = {},
  lookUp,
  broken = [],
  note,
}: Options = {}) {
  const state = new State();
  const timeline = new Timeline();
  const startMs = wall(at);
  const clock = {
    bootId: "boot",
    now: () => ({
      monotonicMs: (1_000_000 + timeline.nowMs) as MonotonicMs,
      wallMs: (startMs + timeline.nowMs) as WallMs,
    }),
  };
  const log: string[] = [];
  const logger = pino(
    { level: "info" },
    { write: (line: string) => log.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const alarms = new Alarms(pino({ level: "silent" }));
  const alarmed: string[] = [];
  alarms.onChange = () => alarmed.push(...alarms.list().map(({ message }) => message));
  const asked: AdminEvent[] = [];
  const feed = (event: AdminEvent) => {
    const result = step(state, event, clock.now());
    if (result.changes.hotlines.size > 0) watch.look();
    return result.verdict;
  };
  const row: Hotline = {
    ...defaultSettings,
    id: demo,
    name: "Demo",
    schedule: plainSchedule(zone, weekly),
    ...hotline,
  };
  const found = broken.length > 0 ? [{ hotline: demo, parts: broken }] : [];
  const watch = new HoursWatch({
    state,
    clock,
    alarms,
    log: logger,
    broken: note?.complete(found, [row]) ?? found,
    remember: (still) => note?.write(still),
    startTimer: (run, afterMs) => timeline.after(Math.ceil(afterMs), run),
    ask: async (event) => {
      asked.push(event);
      return feed(event);
    },
    ...(lookUp && { lookUp }),
  });
  feed({ type: "hotline_added", hotline: row });
  watch.start();
  return {
    state,
    watch,
    log,
    asked,
    feed,
    alarms: () => alarms.list().map(({ code, message }) => `${code}: ${message}`),
    /** All that alarms have said so far, each once. */
    alarmed: () => [...new Set(alarmed)],
    hours: (change: HoursChange) =>
      feed({ type: "hours_changed", hotline: demo, change, releaseWaiting: false }),
    /** Lets time pass until then. */
    async until(text: string) {
      let isOver = false;
      // What is planned for that very moment happens, too.
      timeline.after(wall(text) - startMs - timeline.nowMs + 1, () => {
        isOver = true;
      });
      while (!isOver) timeline.next()?.();
      await new Promise(setImmediate);
    },
  };
}

const close = (until: Until, reason = "Flut"): HoursChange => ({ kind: "close", reason, until });
const resumed: Until = { kind: "resumed" };
const date = (text: string) => text as LocalDate;

suite("closed until somebody resumes", () => {
  test("an alarm at every opening that it swallows, until it is resumed", async () => {
    const house = system();
    house.hours(close(resumed));
    assert.deepEqual(house.alarms(), [], "closed at noon on purpose");
    await house.until("2026-11-24 07:59");
    assert.deepEqual(house.alarms(), []);
    await house.until("2026-11-24 08:00");
    const [alarm] = house.alarms();
    assert.match(
      alarm!,
      /^closed_until_resumed:demo: By its hours demo was to be open at 24 Nov 2026, 08:00/,
    );
    assert.match(
      alarm!,
      /closed until somebody resumes them: Flut\. To open: hotline hours resume --hotline demo$/,
    );
    await house.until("2026-11-24 22:00");
    assert.deepEqual(house.alarms(), [alarm], "stays in the evening");
    await house.until("2026-12-01 12:00");
    const times = house.alarmed().map((message) => /open at (\d+ \w+ \d+, \d\d:\d\d)/.exec(message)?.[1]);
    // No opening at the weekend.
    assert.deepEqual(
      times,
      [24, 25, 26, 27, 30].map((day) => `${day} Nov 2026, 08:00`).concat("1 Dec 2026, 08:00"),
    );
    house.hours({ kind: "resume" });
    assert.deepEqual(house.alarms(), []);
    assert.match(house.log.at(-1)!, /^demo is open, what was set for now is over \(Flut\): opening hours$/);
  });

  test("open around the clock it is an alarm each morning at eight, also over the change of the clock", async () => {
    const house = system({ weekly: aroundTheClock, at: "2026-10-23 12:00" });
    house.hours(close({ kind: "next_change" }));
    await house.until("2026-10-26 12:00");
    const times = house.alarmed().map((message) => /open at (.*?), but/.exec(message)?.[1]);
    assert.deepEqual(times, ["24 Oct 2026, 08:00", "25 Oct 2026, 08:00", "26 Oct 2026, 08:00"]);
  });

  test("an opening after a day that is closed as a whole counts, and hours over midnight begin once", async () => {
    const night: Weekly = Array.from({ length: 7 }, () => [{ fromMinute: 20 * 60, toMinute: 30 * 60 }]);
    const house = system({ weekly: night, at: "2026-11-23 12:00" });
    house.hours(close(resumed));
    await house.until("2026-11-25 12:00");
    const times = house.alarmed().map((message) => /open at (.*?), but/.exec(message)?.[1]);
    assert.deepEqual(times, ["23 Nov 2026, 20:00", "24 Nov 2026, 20:00"]);

    const always = system({ weekly: aroundTheClock, at: "2026-11-23 12:00" });
    always.hours({
      kind: "except",
      exception: {
        from: date("2026-11-24"),
        to: date("2026-11-24"),
        intervals: [],
        reason: "Umzug",
        announcement: null,
      },
    });
    always.hours(close(resumed));
    await always.until("2026-11-25 00:01");
    assert.match(always.alarms()[0]!, /open at 25 Nov 2026, 00:00/);
  });

  test("a start does not know what was on purpose: rather one alarm too many", () => {
    const schedule = {
      ...plainSchedule(zone, officeHours),
      adHoc: { kind: "closed", reason: "Flut", untilMs: null },
    } as const;
    assert.match(system({ hotline: { schedule } }).alarms()[0]!, /open at 23 Nov 2026, 08:00/);
    assert.deepEqual(system({ hotline: { schedule }, at: "2026-11-22 12:00" }).alarms(), [], "on a Sunday");
  });

  test("what never opens is missed by nobody; one with an end, or of a removed hotline, alarms no more", async () => {
    const never = system({ weekly: Array.from({ length: 7 }, () => []) });
    never.hours(close(resumed));
    await never.until("2026-11-25 12:00");
    assert.deepEqual(never.alarms(), []);
    const house = system();
    house.hours(close(resumed));
    await house.until("2026-11-24 09:00");
    assert.equal(house.alarms().length, 1);
    house.hours(close({ kind: "duration", lengthMs: ms(hourMs) }));
    assert.deepEqual(house.alarms(), []);
    house.hours(close(resumed));
    await house.until("2026-11-25 09:00");
    assert.equal(house.alarms().length, 1);
    house.feed({ type: "hotline_removed", hotline: demo });
    assert.deepEqual(house.alarms(), []);
  });
});

suite("what was set for a time says when it is over", () => {
  test("closing and opening for now, in the moment of its end", async () => {
    const house = system();
    house.hours(close({ kind: "minute_of_day", minute: 14 * 60 }, "Versammlung"));
    assert.match(house.log.at(-1)!, /^demo is closed: closed until 23 Nov 2026, 14:00: Versammlung$/);
    await house.until("2026-11-23 14:00");
    assert.match(
      house.log.at(-1)!,
      /^demo is open, what was set for now is over \(Versammlung\): opening hours$/,
    );
    await house.until("2026-11-23 20:00");
    house.hours({ kind: "open", reason: "Wahl", until: { kind: "minute_of_day", minute: 22 * 60 } });
    await house.until("2026-11-23 22:00");
    assert.match(
      house.log.at(-1)!,
      /^demo is closed, what was set for now is over \(Wahl\): outside opening hours/,
    );
  });

  test("an exception of several days once, a holiday, and other weekly hours", async () => {
    const house = system();
    house.hours({
      kind: "except",
      exception: {
        from: date("2026-11-24"),
        to: date("2026-11-26"),
        intervals: [],
        reason: "Umzug",
        announcement: null,
      },
    });
    house.hours({
      kind: "holidays",
      holidays: { region: null, days: [], workedOn: [], own: [{ month: 11, day: 30, name: "Gründungstag" }] },
    });
    const early = [{ days: [0, 1, 2, 3, 4], intervals: [{ fromMinute: 0, toMinute: 600 }] }];
    house.hours({ kind: "week", days: early, from: date("2026-12-01") });
    await house.until("2026-12-01 01:00");
    const about = house.log.filter((line) => /is over|other weekly/.test(line));
    assert.deepEqual(
      about.map((line) => line.replace(/: .*/, "")),
      [
        "demo is closed, the exception is over (Umzug)",
        "demo is open, the holiday is over (Gründungstag), other weekly hours are in force",
      ],
    );
  });
});

suite("public holidays", () => {
  const region = (days: Hotline["schedule"]["holidays"]["days"]): Partial<Hotline> => ({
    schedule: {
      ...plainSchedule(zone, officeHours),
      holidays: { region: "TH", days, workedOn: [], own: [] },
    },
  });
  const good = holidaysFrom("TH", date("2026-11-23"));
  const untilYear = (year: number) => good.filter((day) => day.date < `${year + 1}`);
  const failing = () => {
    throw new Error("no such table");
  };

  test("are looked up anew at a start, and then only when they run short", async () => {
    const lookedUp: string[] = [];
    const house = system({
      hotline: region(untilYear(2026)),
      lookUp: (state, today) => {
        lookedUp.push(today);
        return holidaysFrom(state, today);
      },
    });
    await house.until("2026-11-25 12:00");
    assert.deepEqual(lookedUp, ["2026-11-23"]);
    assert.equal(house.state.hotlines.get(demo)?.schedule.holidays.days.at(-1)?.date.slice(0, 4), "2031");
    assert.deepEqual(house.alarms(), []);
  });

  test("the last good days stay when that fails, with an alarm, and it is tried again", async () => {
    let isBroken = true;
    const house = system({
      hotline: region(good),
      lookUp: (state, today) => (isBroken ? failing() : holidaysFrom(state, today)),
    });
    await house.until("2026-11-23 12:01");
    assert.deepEqual(house.state.hotlines.get(demo)?.schedule.holidays.days, good);
    assert.match(
      house.alarms()[0]!,
      /^holidays:demo: .* could not be renewed \(no such table\)\. Those known go on being kept, until 2031-12-26\.$/,
    );
    await house.until("2026-12-25 12:00");
    assert.equal(
      house.state.opening(house.state.hotlines.get(demo)!, wall("2026-12-25 12:00")).opening.rule.kind,
      "holiday",
    );
    isBroken = false;
    await house.until("2026-12-25 13:01");
    assert.deepEqual(house.alarms(), []);
  });

  for (const [what, lookUp] of [
    ["nothing at all", () => []],
    ["no days of the coming year", () => good.filter((day) => !day.date.startsWith("2027"))],
  ] as const)
    test(`${what} found is not taken for holidays: the years that are missing are named`, async () => {
      const known = untilYear(2026);
      const house = system({ hotline: region(known), lookUp });
      await house.until("2026-11-23 12:01");
      assert.deepEqual(house.state.hotlines.get(demo)?.schedule.holidays.days, known);
      assert.match(
        house.alarms()[0]!,
        /From 2027 on none are known: demo would be open on them\. Name them yourself: hotline hours except 01\.01\.2027 closed/,
      );
    });

  test("a state that the tables do not know is an alarm, and not the holidays of the whole country", async () => {
    const house = system();
    const holidays = { region: "XX", days: good, workedOn: [], own: [] };
    house.hours({ kind: "holidays", holidays });
    await house.until("2026-11-23 12:01");
    assert.match(house.alarms()[0]!, /"XX" is no federal state/);
    assert.deepEqual(house.state.hotlines.get(demo)?.schedule.holidays.days, good);
    house.hours({ kind: "holidays", holidays: { ...holidays, region: null } });
    assert.deepEqual(house.alarms(), [], "none are kept any more");
  });
});

suite("hours that were broken in the database", () => {
  const broken = [{ part: "weekly", why: "cannot be read", instead: "earlier" }] as const;

  test("are an alarm until somebody sets them, be it to what they are", async () => {
    const house = system({ broken });
    assert.match(
      house.alarms()[0]!,
      /^hours_broken:demo: The opening hours of demo in the database are broken \(weekly hours: cannot be read; used instead: as they were last good\)\. Look: hotline hours show/,
    );
    house.hours(close({ kind: "next_change" }));
    assert.equal(house.alarms().length, 1, "closing for now does not set the week");
    house.hours({ kind: "week", days: [{ days: [0, 1, 2, 3, 4], intervals: workdays }], from: null });
    assert.deepEqual(house.alarms(), []);
  });

  test("stay an alarm over restarts, until then and no longer, whatever else of the hotline is changed", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "hotlined-hours-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const note = () => new BrokenHoursNote(join(folder, "broken-hours.json"), pino({ level: "silent" }));
    const first = system({ broken, note: note() });
    const [alarm] = first.alarms();
    first.feed({ type: "hotline_changed", hotline: demo, settings: { maxWaiting: 7 } });
    // From now on the database has what stands in, as if somebody had set it.
    const row = () => ({ ...first.state.hotlines.get(demo)! });
    const second = system({ note: note(), hotline: row() });
    assert.deepEqual(second.alarms(), [alarm]);
    // As after bringing back a backup.
    const schedule = plainSchedule(zone, aroundTheClock);
    assert.deepEqual(system({ note: note(), hotline: { schedule } }).alarms(), []);
    const third = system({ broken, note: note(), hotline: row() });
    third.hours({ kind: "week", days: [{ days: [0, 1, 2, 3, 4], intervals: workdays }], from: null });
    assert.deepEqual(third.alarms(), []);
    assert.deepEqual(system({ note: note(), hotline: row() }).alarms(), []);
  });

  test("a note that cannot be read keeps nobody from starting", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "hotlined-hours-"));
    t.after(() => rmSync(folder, { recursive: true }));
    for (const text of [
      "",
      "{",
      "{}",
      '[null, 1, {"part": "week"}]',
      '[{"hotline": "demo", "part": "adHoc"}]',
    ]) {
      const file = join(folder, "broken-hours.json");
      writeFileSync(file, text);
      const note = new BrokenHoursNote(file, pino({ level: "silent" }));
      assert.deepEqual(system({ note }).alarms(), []);
      assert.equal(readFileSync(file, "utf8"), "[]\n");
    }
  });

  test("what stands in for them is not written by looking up holidays", async () => {
    const schedule = {
      ...plainSchedule(zone, officeHours),
      holidays: { region: "TH", days: [], workedOn: [], own: [] },
    };
    const house = system({ broken, hotline: { schedule } });
    await house.until("2026-11-23 14:00");
    assert.deepEqual(house.asked, []);
    house.hours({ kind: "week", days: [{ days: [0], intervals: workdays }], from: null });
    await house.until("2026-11-23 14:01");
    assert.equal(house.asked.length, 1);
  });

  test("a zone is set by naming it, also the one that stands in", () => {
    const house = system({ broken: [{ part: "timeZone", why: "unknown", instead: "open" }] });
    house.hours(close({ kind: "next_change" }));
    assert.equal(house.alarms().length, 1);
    house.hours({ kind: "time_zone", timeZone: zone });
    assert.deepEqual(house.alarms(), []);
  });
});
