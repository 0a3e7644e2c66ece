import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { LocalDate } from "../../../src/core/hours/calendar.ts";
import {
  describeInterval,
  HoursSyntaxError,
  parseHours,
  parseTimeOfDay,
  parseWeek,
} from "../../../src/core/hours/parse.ts";
import {
  parseDate,
  parseDateRange,
  parseMoment,
  parseOwnHoliday,
} from "../../../src/core/hours/parse-date.ts";

const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** As it is written when there is only one way. */
const plainly = (text: string) =>
  parseWeek(text).map(
    ({ days, intervals }) =>
      `${days.map((day) => names[day]).join()} ${intervals.map(describeInterval).join() || "closed"}`,
  );

const office = "mon,tue,wed,thu,fri 08:00-18:00";
const understood: readonly (readonly [text: string, ...means: string[]])[] = [
  ["mon-fri 08:00-18:00", office],
  ["Mon-Fri 8-18", office],
  ["MO-FR 8-18", office],
  ["Mo–Fr 8–18 Uhr", office],
  ["Mo - Fr 8 - 18", office],
  ["Mo bis Fr 8 bis 18 Uhr", office],
  ["Mo. bis Fr.: 8.00 bis 18.00 Uhr", office],
  ["Montag bis Freitag von 8 Uhr bis 18 Uhr", office],
  ["Monday to Friday 8:00 to 18:00", office],
  ["monday through friday from 8h to 18h", office],
  ["mon-fri 8:00 bis 18 Uhr", office],
  ["werktags 8-18", office],
  ["weekdays: 8-18h", office],
  ["Mo,Di,Mi,Do und Fr 8-18", office],
  ["fri-mon 10-11", "fri,sat,sun,mon 10:00-11:00"],
  ["Wochenende geschlossen", "sat,sun closed"],
  ["weekend closed", "sat,sun closed"],
  ["Sa zu", "sat closed"],
  ["Sonnabend 9-12", "sat 09:00-12:00"],
  ["täglich 8.30-16.45 Uhr", "mon,tue,wed,thu,fri,sat,sun 08:30-16:45"],
  ["daily 24h", "mon,tue,wed,thu,fri,sat,sun 00:00-24:00"],
  ["24/7", "mon,tue,wed,thu,fri,sat,sun 00:00-24:00"],
  ["Mi 8-12 und 14-20 Uhr", "wed 08:00-12:00,14:00-20:00"],
  ["wed 8-12, 14-20", "wed 08:00-12:00,14:00-20:00"],
  ["wed 14-20,8-12", "wed 08:00-12:00,14:00-20:00"],
  ["wed 08:00-12:00 14:00-20:00", "wed 08:00-12:00,14:00-20:00"],
  ["fri-sat 22-2", "fri,sat 22:00-02:00"],
  ["sat 8-0", "sat 08:00-24:00"],
  ["Mo-Fr 8-18, Sa 10-14; So geschlossen", office, "sat 10:00-14:00", "sun closed"],
  ["mon-fri 08:00-18:00 sat-sun closed", office, "sat,sun closed"],
  ["Mo, Mi 8-12, 14-18, Di 9-12", "mon,wed 08:00-12:00,14:00-18:00", "tue 09:00-12:00"],
  ["Mo/Mi 8-12 am Do 9-12", "mon,wed 08:00-12:00", "thu 09:00-12:00"],
];

suite("weekly hours as people write them", () => {
  for (const [text, ...means] of understood) test(text, () => assert.deepEqual(plainly(text), means));
});

const refusals: readonly (readonly [text: string, position: number, says: RegExp])[] = [
  ["", 0, /Days and hours are needed\. Examples: mon-fri 08:00-18:00/],
  ["mon-fri", 7, /Hours are needed for mon, tue, wed, thu, fri/],
  ["mon-fri sat closed", 8, /Hours are needed for mon/],
  ["08:00-18:00", 0, /The days for "08:00" are missing/],
  ["mon-fir 08:00-18:00", 4, /"fir" is not a day\. Days are mon, tue/],
  ["Mo-Fr 8-18 Sa-Sn 10-14", 14, /"sn" is not a day/],
  ["mon-weekend 8-12", 4, /"weekend" is no single day/],
  ["mon-wed-fri 8-12", 7, /two ends/],
  ["mon 25:00-26:00", 4, /"25:00" is not a time of day\. Allowed: 00:00 to 24:00/],
  ["mon 08:00-18:60", 10, /"18:60" is not a time/],
  ["mon 8:5-12", 4, /"8:5" is not a time/],
  ["mon 800-1800", 4, /"800" is not a time/],
  ["mon 08:00", 4, /"08:00" is not a time span: it has no end/],
  ["mon 8am-6pm", 4, /"8am" is not a time of day here: hours go from 0 to 24/],
  ["mon 8:00 to 6 pm", 12, /"6 pm" is not a time of day here/],
  ["mon ab 8 Uhr", 4, /"ab" is not a time span/],
  ["mon 8-12-14", 8, /two ends/],
  ["mon 8-6", 4, /two ways; write 08:00-18:00, or 08:00-06:00 for across midnight/],
  ["mon 08:00-08:00", 4, /empty/],
  ["mon 24:00-08:00", 4, /cannot start at 24:00/],
  ["mon 08:00-12:00,11:00-14:00", 16, /08:00-12:00 and 11:00-14:00 overlap/],
  ["mon 08:00-12:00,", 16, /A time span is missing/],
  ["mon 8-12 tue 9-12 mo 14-18", 18, /mon stands there twice/],
  ["mon 8-12 (lunch) 13-18", 9, /"\(" cannot be understood here/],
];

/** What is thrown says that, and points there. */
function refused(read: () => unknown, position: number, says: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof HoursSyntaxError, String(error));
    assert.match(error.message, says);
    assert.equal(error.position, position, error.message);
    return true;
  });
}

suite("weekly hours that mean nothing, or two things", () => {
  for (const [text, position, says] of refusals)
    test(text || "nothing", () => refused(() => parseWeek(text), position, says));
});

test("hours of one day", () => {
  assert.deepEqual(parseHours("geschlossen"), []);
  assert.deepEqual(parseHours("8 bis 12 Uhr").map(describeInterval), ["08:00-12:00"]);
  refused(() => parseHours("8-12 mon"), 5, /"mon" is too much/);
  refused(() => parseHours("sometimes"), 0, /"sometimes" is not a time span\. Allowed: 08:00-18:00/);
  for (const [text, minute] of [
    ["8", 480],
    ["8.30", 510],
    ["14 Uhr", 840],
    ["24:00", 1440],
  ] as const)
    assert.equal(parseTimeOfDay(text), minute);
  refused(() => parseTimeOfDay("24:30"), 0, /is not a time of day/);
});

const today = "2026-11-23" as LocalDate;

suite("dates", () => {
  for (const [text, means] of [
    ["2026-12-24", "2026-12-24"],
    ["2026-12-7", "2026-12-07"],
    ["24.12.2026", "2026-12-24"],
    ["24.12.27", "2027-12-24"],
    ["24.12.", "2026-12-24"],
    ["24.12", "2026-12-24"],
    ["23.11.", "2026-11-23"],
    ["22.11.", "2027-11-22"],
    ["29.2.", "2028-02-29"],
    ["24. Dezember", "2026-12-24"],
    ["1 March 2027", "2027-03-01"],
    ["heute", "2026-11-23"],
    ["tomorrow", "2026-11-24"],
  ] as const)
    test(text, () => assert.equal(parseDate(text, today), means));

  for (const [text, from, to, rest] of [
    ["24.12. 8-12", "2026-12-24", "2026-12-24", "8-12"],
    ["24.12. 18-20", "2026-12-24", "2026-12-24", "18-20"],
    ["24.12.2026 closed", "2026-12-24", "2026-12-24", "closed"],
    ["2026-12-24..2027-01-01 closed", "2026-12-24", "2027-01-01", "closed"],
    ["24.12. bis 1.1. zu", "2026-12-24", "2027-01-01", "zu"],
    ["24.12.-31.12. 8-12", "2026-12-24", "2026-12-31", "8-12"],
    ["24.-26.12.2026", "2026-12-24", "2026-12-26", ""],
    ["24.12.2026 - 26.12.2026", "2026-12-24", "2026-12-26", ""],
    ["2026-12-24 8-12,14-16", "2026-12-24", "2026-12-24", "8-12,14-16"],
    ["tomorrow 8.30-12", "2026-11-24", "2026-11-24", "8.30-12"],
  ] as const)
    test(text, () => {
      const read = parseDateRange(text, today);
      assert.deepEqual([read.from, read.to, read.rest], [from, to, rest]);
      assert.equal(text.slice(read.restAt).trimEnd(), rest);
    });

  for (const [text, position, says] of [
    ["31.2.2027", 0, /"31\.2\.2027" is no day of the calendar\. Examples: 2026-12-24/],
    ["2026-13-01", 0, /no day of the calendar/],
    ["12/24/2026", 0, /"12\/24\/2026" is not a date/],
    ["Christmas", 0, /"Christmas" is not a date/],
    ["24.12. bis soon", 11, /"soon" is not a date/],
    ["26.12.2026..24.12.2026", 0, /ends before it begins/],
    ["", 0, /A date is missing/],
  ] as const)
    test(`${text || "nothing"} is none`, () => refused(() => parseDateRange(text, today), position, says));
});

test("a day that has just passed is not one of the next year, unless that is allowed or the year is named", () => {
  const over =
    /"22\.11\." is over: it is 2026-11-23, and the next such day is 2027-11-22\. .*name the year too: 2027-11-22/;
  refused(() => parseMoment("22.11. 8 Uhr", today, "refused"), 0, over);
  refused(() => parseDate(" 22.11.", today, "refused"), 1, over);
  refused(() => parseDate("1 Oct", today, "refused"), 0, /"1 Oct" is over/);
  assert.equal(parseDate("22.11.", today), "2027-11-22");
  assert.deepEqual(parseMoment("22.11.2027 8 Uhr", today, "refused"), { date: "2027-11-22", minute: 480 });
  assert.equal(parseDate("23.11.", today, "refused"), today);
  assert.equal(
    parseDate("1.7.", today, "refused"),
    "2027-07-01",
    "who means the next summer need not say so",
  );
});

test("holidays of our own", () => {
  for (const text of ["12-24 Heiligabend", "24.12. Heiligabend", "24. Dezember Heiligabend"])
    assert.deepEqual(parseOwnHoliday(text), { month: 12, day: 24, name: "Heiligabend" });
  assert.deepEqual(parseOwnHoliday("02-29 Schalttag"), { month: 2, day: 29, name: "Schalttag" });
  refused(() => parseOwnHoliday("12-24"), 5, /A name .* is needed/);
  refused(() => parseOwnHoliday("24-12 X"), 0, /no day of the calendar/);
  refused(() => parseOwnHoliday("Heiligabend"), 0, /"Heiligabend" is not a date/);
});
