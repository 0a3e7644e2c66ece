import assert from "node:assert/strict";
import test from "node:test";
import { counted, dayInWords, ordinal, timeInWords } from "../../src/announcements/german.ts";
import { nextOpeningText, nextOpeningTexts } from "../../src/announcements/next-opening.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import { type Interval, plainSchedule, type Schedule } from "../../src/core/hours/schedule.ts";
import type { WallMs } from "../../src/core/time.ts";

const ordinals =
  `ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften dreizehnten
vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten zwanzigsten einundzwanzigsten zweiundzwanzigsten
dreiundzwanzigsten vierundzwanzigsten fünfundzwanzigsten sechsundzwanzigsten siebenundzwanzigsten achtundzwanzigsten
neunundzwanzigsten dreißigsten einunddreißigsten`.split(/\s+/);

const hours =
  `null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn
achtzehn neunzehn zwanzig einundzwanzig zweiundzwanzig dreiundzwanzig`.split(/\s+/);

const everyDay: Schedule["weekly"] = Array.from({ length: 7 }, () => [{ fromMinute: 480, toMinute: 1080 }]);

function schedule(weekly: Schedule["weekly"], adHoc: Schedule["adHoc"] = { kind: "none" }): Schedule {
  return { ...plainSchedule("Europe/Berlin", weekly), adHoc };
}

/** Open on one day of the week, Monday = 0, from that minute on. */
function once(day: number, fromMinute: number, toMinute = 1440): Schedule {
  const intervals: Interval[] = [{ fromMinute, toMinute }];
  return schedule(Array.from({ length: 7 }, (_, i) => (i === day ? intervals : [])));
}

const at = (time: string) => Date.parse(time) as WallMs;

test("every day of a year is said as after 'am'", () => {
  const name = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("de-DE", { ...options, timeZone: "UTC" });
  const [weekday, month] = [name({ weekday: "long" }), name({ month: "long" })];
  // A leap year, so that all 366 are there.
  for (let ms = Date.UTC(2028, 0, 1); ms < Date.UTC(2029, 0, 1); ms += 86_400_000) {
    const date = new Date(ms);
    const day = date.getUTCDate();
    assert.equal(
      dayInWords({ dayOfWeek: date.getUTCDay() || 7, day, month: date.getUTCMonth() + 1 }),
      `${weekday.format(date)}, dem ${ordinals[day - 1]} ${month.format(date)}`,
    );
  }
  assert.deepEqual([ordinal(1), ordinal(99)], ["ersten", "neunundneunzigsten"]);
});

test("every quarter of an hour of a day is said", () => {
  const quarters = ["", " fünfzehn", " dreißig", " fünfundvierzig"];
  for (const [hour, word] of hours.entries())
    for (const [quarter, minutes] of quarters.entries())
      assert.equal(timeInWords(hour, quarter * 15), `${word} Uhr${minutes}`);
  assert.equal(timeInWords(13, 1), "dreizehn Uhr eins");
  assert.deepEqual([counted(1), counted(20), counted(21)], ["eins", "zwanzig", "einundzwanzig"]);
});

test("every quarter of an hour and every day is said as the next opening", () => {
  // Mondays in winter and summer time, at noon.
  for (const monday of ["2026-12-07T11:00:00Z", "2026-07-06T10:00:00Z"]) {
    for (let minute = 0; minute < 1440; minute += 15) {
      const opens = once(4, minute);
      const day = monday.startsWith("2026-12") ? "elften Dezember" : "zehnten Juli";
      const time = timeInWords(Math.floor(minute / 60), minute % 60);
      assert.equal(nextOpeningText(opens, at(monday)), `wieder am Freitag, dem ${day}, ab ${time}`);
    }
  }
  for (let ms = Date.parse("2028-01-01T12:00:00Z"); ms < Date.parse("2029-01-01"); ms += 86_400_000) {
    const target = new Date(ms + 3 * 86_400_000);
    const parts = {
      dayOfWeek: target.getUTCDay() || 7,
      day: target.getUTCDate(),
      month: target.getUTCMonth() + 1,
    };
    const opens = once(parts.dayOfWeek - 1, 8 * 60 + 30, 9 * 60);
    const said = `wieder am ${dayInWords(parts)}, ab acht Uhr dreißig`;
    assert.equal(nextOpeningText(opens, ms as WallMs), said, target.toISOString());
  }
});

test("the next opening is told as seen from the moment it is told", () => {
  for (const [now, said] of [
    ["2026-12-04T07:59:59+01:00", "heute ab acht Uhr"],
    ["2026-12-04T08:00:00+01:00", "wieder am Montag, dem siebten Dezember, ab acht Uhr"],
    ["2026-12-05T23:59:59+01:00", "wieder am Montag, dem siebten Dezember, ab acht Uhr"],
    ["2026-12-06T00:00:00+01:00", "morgen ab acht Uhr"],
    ["2026-12-06T23:59:59.999+01:00", "morgen ab acht Uhr"],
    ["2026-12-07T00:00:00+01:00", "heute ab acht Uhr"],
    // The nights in which the clock changes.
    ["2026-10-24T23:59:59+02:00", "wieder am Montag, dem sechsundzwanzigsten Oktober, ab acht Uhr"],
    ["2026-10-25T00:00:00+02:00", "morgen ab acht Uhr"],
    ["2026-03-29T23:59:59+02:00", "morgen ab acht Uhr"],
    ["2026-12-31T12:00:00+01:00", "morgen ab acht Uhr"],
  ] as const) {
    const weekdays = schedule(everyDay.map((intervals, day) => (day < 5 ? intervals : [])));
    assert.equal(nextOpeningText(weekdays, at(now)), said, now);
  }
});

test("closed at short notice: the end of that counts, and without one nothing is promised", () => {
  const now = at("2026-12-04T10:00:00+01:00");
  const closed = (until: string | null) =>
    schedule(everyDay, { kind: "closed", reason: "water", untilMs: until === null ? null : at(until) });
  for (const [until, said] of [
    [null, "zu einem späteren Zeitpunkt"],
    ["2026-12-04T14:00:00+01:00", "heute ab vierzehn Uhr"],
    // It ends in the evening, when the hotline is closed anyway.
    ["2026-12-04T20:00:00+01:00", "morgen ab acht Uhr"],
    ["2026-12-06T12:15:00+01:00", "wieder am Sonntag, dem sechsten Dezember, ab zwölf Uhr fünfzehn"],
    // Over already.
    ["2026-12-04T09:00:00+01:00", "morgen ab acht Uhr"],
  ] as const)
    assert.equal(nextOpeningText(closed(until), now), said, String(until));
  const never = schedule(Array.from({ length: 7 }, () => []));
  assert.equal(nextOpeningText(never, now), "zu einem späteren Zeitpunkt");
});

test("days on which it is closed are passed over", () => {
  const reason = { reason: "x", announcement: null };
  const date = (text: string) => text as LocalDate;
  const christmas: Schedule = {
    ...schedule(everyDay),
    exceptions: [{ from: date("2026-12-24"), to: date("2026-12-27"), intervals: [], ...reason }],
    holidays: { region: "TH", days: [{ date: date("2026-12-28"), name: "x" }], workedOn: [], own: [] },
  };
  const now = at("2026-12-23T19:00:00+01:00");
  assert.equal(
    nextOpeningText(christmas, now),
    "wieder am Dienstag, dem neunundzwanzigsten Dezember, ab acht Uhr",
  );
});

test("what is prepared ahead is all that can be right in the next day and a half", () => {
  const schedules = [
    schedule(everyDay.map((intervals, day) => (day < 5 ? intervals : []))),
    schedule(everyDay, { kind: "closed", reason: "x", untilMs: at("2026-12-04T14:07:00+01:00") }),
    schedule(
      everyDay.map(() => [480, 600, 720].map((fromMinute) => ({ fromMinute, toMinute: fromMinute + 60 }))),
    ),
    schedule(everyDay.map(() => [])),
  ];
  for (const each of schedules) {
    const now = at("2026-12-04T06:30:00+01:00");
    const ahead = nextOpeningTexts(each, now);
    assert.equal(ahead[0], nextOpeningText(each, now));
    const right = new Set<string>();
    for (let ms = now; ms <= now + 36 * 3_600_000; ms = (ms + 60_000) as WallMs)
      right.add(nextOpeningText(each, ms));
    assert.deepEqual(ahead, [...right]);
  }
});
