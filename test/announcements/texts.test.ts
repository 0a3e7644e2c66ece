import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { checkText, maxTextLength } from "../../src/announcements/placeholders.ts";
import type { AnnouncedHotline } from "../../src/announcements/settings.ts";
import { defaultText } from "../../src/announcements/texts.ts";
import type { RecordedAnnouncement } from "../../src/core/hotlines.ts";
import { plainSchedule } from "../../src/core/hours/schedule.ts";
import type { WallMs } from "../../src/core/time.ts";
import {
  bench,
  demo,
  everythingIn,
  hotline,
  pathOf,
  quickTools,
  script,
  soundFile,
  tempFolder,
  voice,
} from "./support.ts";

const weekdays = plainSchedule(
  "Europe/Berlin",
  Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ fromMinute: 480, toMinute: 1080 }] : [])),
);
const office: AnnouncedHotline = { ...hotline, name: "Bürgertelefon", schedule: weekdays };
const friday = Date.parse("2026-12-04T19:00:00+01:00");
const hour = 3_600_000;

/** Announcements at a time that can be set, with a speech that writes down what it was given. */
function talking(t: TestContext, changes: Parameters<typeof bench>[1] = {}) {
  const folder = tempFolder(t);
  const log = join(folder, "log");
  const broken = join(folder, "broken");
  writeFileSync(log, "");
  const clock = { now: friday };
  const speech = `[ -e '${broken}' ] && exit 1\necho "$text" >>'${log}'`;
  const made = bench(t, { ...quickTools(folder, speech), now: () => clock.now as WallMs, ...changes });
  const given = () =>
    readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .filter((line) => line !== "");
  return {
    ...made,
    clock,
    /** What was given to speech, in its order. */
    given,
    breakSpeech: () => writeFileSync(broken, ""),
    mendSpeech: () => rmSync(broken),
    /** What a caller would hear now, in words: the quick speech has written it into no file, so it is found by its name. */
    hears: (name: RecordedAnnouncement, position: number | null = null) =>
      basename(pathOf(made.announcements.mediaOf(demo, name, null, position))),
  };
}

test("a text is refused with the place and what is allowed", () => {
  const refused: [RecordedAnnouncement, string, RegExp][] = [
    [
      "closed",
      "Bis {{morgen}}.",
      /^\{\{morgen\}\} at character 5 is no placeholder\. Allowed in closed: \{\{hotline\}\}, \{\{next_opening\}\}\.$/,
    ],
    ["closed", "{{Hotline}}", /^\{\{Hotline\}\} at character 1 is no placeholder/],
    [
      "waiting_2",
      "{{place}}",
      /Allowed in waiting_2: \{\{hotline\}\}, \{\{next_opening\}\}, \{\{position\}\}\.$/,
    ],
    [
      "closed",
      "Platz {{position}}",
      /^\{\{position\}\} at character 7 is known only to those who wait: .*waiting_1, waiting_2, waiting_3/,
    ],
    ["closed", "Wir {{ öffnen", /^The \{\{ at character 5 has no partner/],
    ["closed", "{{hotline}} und }} zu", /^The \}\} at character 17 has no partner/],
    ["closed", "", /^The text is empty/],
    ["closed", " \n ", /^The text is empty/],
    ["closed", "... !", /^The text is empty/],
    ["closed", "Ja \u0007 nein", /control character at character 4/],
    ["closed", "x".repeat(maxTextLength + 1), /^The text has 4001 characters; at most 4000/],
  ];
  for (const [name, text, message] of refused)
    assert.throws(() => checkText(name, text), { code: "text_invalid", message }, text.slice(0, 30));
  assert.equal(
    checkText("closed", " Guten\r\nTag,\tes ist {{ hotline }}. "),
    "Guten Tag, es ist {{ hotline }}.",
  );
  assert.equal(checkText("waiting_3", "{{position}}"), "{{position}}");
});

test("a text is spoken with what stands for the placeholders, is stored, and is heard at once", async (t) => {
  const { announcements, saved, given, hears } = talking(t);
  await announcements.prepareHotline(office);
  const before = given().length;
  const text = "{{hotline}}. Wir sind {{next_opening}} für Sie da.";
  const { view } = await announcements.say(demo, "closed", text);
  const spoken = "Bürgertelefon. Wir sind wieder am Montag, dem siebten Dezember, ab acht Uhr für Sie da.";
  assert.equal(given()[before], spoken);
  assert.deepEqual([view.text, view.spoken, view.isDefault, view.source], [text, spoken, false, "text"]);
  assert.ok(view.lengthMs > 0 && view.loudnessLufs !== null);
  assert.deepEqual(
    saved.map(({ name, source, text: stored }) => [name, source, stored]),
    [["closed", "text", text]],
  );
  assert.equal(hears("closed"), saved[0]!.sound);
});

test("the next opening is said right at any time, made before it is needed", async (t) => {
  const { announcements, clock, given, hears } = talking(t);
  await announcements.prepareHotline(office);
  await announcements.say(demo, "closed", "Rufen Sie {{next_opening}} an.");
  const said = (words: string) => given().filter((line) => line === `Rufen Sie ${words} an.`).length;
  await announcements.prepareHotline(office);
  const fridays = hears("closed");
  assert.deepEqual(
    [
      said("wieder am Montag, dem siebten Dezember, ab acht Uhr"),
      said("morgen ab acht Uhr"),
      said("heute ab acht Uhr"),
    ],
    [1, 1, 0],
    "Sunday's words are there on Friday evening, Monday's not yet",
  );
  clock.now = Date.parse("2026-12-06T00:00:00+01:00");
  const sundays = hears("closed");
  assert.notEqual(sundays, fridays);
  assert.match(sundays, /^text-/);
  await announcements.renew();
  assert.equal(said("heute ab acht Uhr"), 1);
  clock.now += 24 * hour;
  assert.ok(![fridays, sundays].includes(hears("closed")));
  // Monday morning, open: what comes next is Tuesday.
  clock.now += 9 * hour;
  assert.equal(announcements.list(demo)[1]?.spoken, "Rufen Sie morgen ab acht Uhr an.");
  assert.equal(hears("closed"), sundays, "the same words as on Sunday, for another day");
});

test("never a wrong opening time: without the right sound the default is heard", async (t) => {
  const { announcements, clock, breakSpeech, mendSpeech, hears, troubles } = talking(t);
  await announcements.prepareHotline(office);
  const byDefault = hears("closed");
  await announcements.say(demo, "closed", "Rufen Sie {{next_opening}} an.");
  await announcements.prepareHotline(office);
  const own = hears("closed");
  breakSpeech();
  const changed = {
    ...office,
    schedule: {
      ...weekdays,
      adHoc: { kind: "closed", reason: "x", untilMs: (friday + 16 * hour) as WallMs },
    },
  } as const;
  await announcements.prepareHotline(changed);
  // Until Saturday at eleven, but on Saturdays it is closed: the same words as before.
  assert.equal(hears("closed"), own);
  await announcements.prepareHotline({
    ...changed,
    schedule: { ...changed.schedule, adHoc: { kind: "closed", reason: "x", untilMs: null } },
  });
  assert.equal(hears("closed"), byDefault);
  assert.match(troubles.get("announcements_demo")!, /closed: .*speech/);
  clock.now += 90 * 24 * hour;
  assert.equal(hears("closed"), byDefault);
  mendSpeech();
  await announcements.renew();
  assert.notEqual(hears("closed"), byDefault);
  assert.deepEqual([...troubles], []);
});

test("what is played without asking again tells no time, and what is explained is what would be heard", async (t) => {
  const { announcements, clock, hears } = talking(t);
  await announcements.prepareHotline(office);
  const byDefault = hears("closed");
  const lasting = () => basename(pathOf(announcements.lastingMediaOf(demo, "closed")));
  assert.equal(lasting(), byDefault);
  await announcements.say(demo, "closed", "Rufen Sie {{next_opening}} an.");
  assert.notEqual(hears("closed"), byDefault);
  assert.equal(lasting(), byDefault, "it would be wrong tomorrow");
  const sunday = (friday + 36 * hour) as WallMs;
  assert.equal(announcements.wordsAt(office, "closed", sunday, null), "Rufen Sie morgen ab acht Uhr an.");
  await announcements.say(demo, "closed", "Wir sind zu.");
  assert.notEqual(lasting(), byDefault);
  assert.equal(lasting(), hears("closed"));
  assert.equal(announcements.wordsAt(office, "full", sunday, null), defaultText("full", office.name));
  await announcements.say(demo, "waiting_1", "Platz {{position}}.");
  assert.equal(announcements.wordsAt(office, "waiting_1", sunday, 3), "Platz drei.");
  await announcements.importFile(demo, "closed", "zu.wav", soundFile(t, "zu.wav", voice(1)));
  assert.equal(announcements.wordsAt(office, "closed", sunday, null), null, "a recording");
  clock.now += 24 * hour;
  assert.equal(lasting(), hears("closed"));
});

test("a place is told to each caller in the same text", async (t) => {
  const { announcements, given, hears } = talking(t);
  await announcements.prepareHotline(office);
  const before = given().length;
  const byDefault = hears("waiting_1");
  await announcements.say(demo, "waiting_1", "Sie sind auf Platz {{position}}.");
  await announcements.prepareHotline(office);
  const said = given().slice(before);
  assert.equal(said.length, 20);
  for (const words of ["eins", "drei", "zwölf", "neunzehn", "zwanzig oder weiter hinten"])
    assert.ok(said.includes(`Sie sind auf Platz ${words}.`), words);
  const places = Array.from({ length: 20 }, (_, i) => hears("waiting_1", i + 1));
  assert.equal(new Set(places).size, 20);
  assert.equal(hears("waiting_1", 300), places[19]);
  assert.equal(hears("waiting_1"), byDefault, "to somebody without a place");
});

test("'wieder' is said once, and a sentence begins with a capital", async (t) => {
  const { announcements, clock } = talking(t);
  await announcements.prepareHotline(office);
  const said = async (text: string) => (await announcements.say(demo, "closed", text)).view.spoken;
  assert.equal(
    await said("Wir sind wieder {{next_opening}} da."),
    "Wir sind wieder am Montag, dem siebten Dezember, ab acht Uhr da.",
  );
  assert.equal(
    await said("Zu. {{next_opening}}!"),
    "Zu. Wieder am Montag, dem siebten Dezember, ab acht Uhr!",
  );
  clock.now = Date.parse("2026-12-07T07:00:00+01:00");
  assert.equal(await said("{{next_opening}} sind wir wieder da."), "Heute ab acht Uhr sind wir wieder da.");
});

test("a renamed hotline says its new name, and its old one until that is made", async (t) => {
  const { announcements, breakSpeech, mendSpeech, hears } = talking(t);
  await announcements.prepareHotline(office);
  await announcements.say(demo, "full", "Hier ist {{hotline}}.");
  const old = hears("full");
  breakSpeech();
  const renamed = { ...office, name: "Rathaus" };
  await announcements.prepareHotline(renamed);
  assert.equal(hears("full"), old);
  mendSpeech();
  await announcements.prepareHotline(renamed);
  assert.notEqual(hears("full"), old);
  assert.equal(announcements.list(demo).find(({ name }) => name === "full")?.spoken, "Hier ist Rathaus.");
});

test("what cannot be spoken is refused, and everything stays as it was", async (t) => {
  const { announcements, soundsFolder, breakSpeech, saved, hears } = talking(t);
  await announcements.prepareHotline(office);
  await announcements.say(demo, "closed", "Zu.");
  const before = [everythingIn(soundsFolder), announcements.list(demo), hears("closed")];
  breakSpeech();
  await assert.rejects(announcements.say(demo, "closed", "Auf."), { code: "speech_failed" });
  await assert.rejects(announcements.say(demo, "closed", "{{auf}}"), { code: "text_invalid" });
  assert.deepEqual([everythingIn(soundsFolder), announcements.list(demo), hears("closed")], before);
  assert.equal(saved.length, 1);
});

test("a text that takes too long to speak is refused", async (t) => {
  const { announcements } = bench(t);
  await announcements.prepareArrivals([office], 60_000);
  const text = "Bitte haben Sie noch etwas Geduld. ".repeat(110);
  await assert.rejects(announcements.say(demo, "closed", text), {
    code: "text_invalid",
    message: /takes longer than 110 seconds to speak/,
  });
});

test("reset brings the default text back, whatever was there", async (t) => {
  const { announcements, resets, hears } = talking(t);
  await announcements.prepareHotline(office);
  const byDefault = hears("full");
  await announcements.say(demo, "full", "Voll.");
  assert.notEqual(hears("full"), byDefault);
  const { view } = await announcements.reset(demo, "full");
  assert.deepEqual(
    [view.text, view.isDefault, hears("full")],
    [defaultText("full", "Bürgertelefon"), true, byDefault],
  );
  await announcements.importFile(demo, "full", "a.wav", soundFile(t, "a.wav", "sine=440:d=1"));
  await announcements.reset(demo, "full");
  assert.equal(hears("full"), byDefault);
  assert.deepEqual(resets, ["full", "full"]);
});

test("own texts are heard after a restart, for the day of the restart", async (t) => {
  const first = talking(t);
  await first.announcements.prepareHotline(office);
  await first.announcements.say(demo, "closed", "Bis {{next_opening}}.");
  const folder = tempFolder(t);
  const speech = script(folder, "speech", "exit 1");
  const later = { rows: first.saved, soundsFolder: first.soundsFolder };
  const sunday = (friday + 30 * hour) as WallMs;
  const broken = talking(t, { ...later, speech, now: () => sunday });
  await broken.announcements.prepareArrivals([office], 60_000);
  assert.equal(broken.hears("closed"), "sorry", "not Friday's words");
  const working = talking(t, { ...later, now: () => sunday });
  await working.announcements.prepareArrivals([office], 60_000);
  assert.ok(working.given().includes("Bis morgen ab acht Uhr."));
  assert.match(working.hears("closed"), /^text-/);
});
