import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { confirmationText, sentenceSets, spokenText } from "../../src/announcements/sentences.ts";
import type { AnnouncedHotline } from "../../src/announcements/settings.ts";
import { lengthOf } from "../../src/announcements/sounds.ts";
import { defaultText, fallbackTexts } from "../../src/announcements/texts.ts";
import { confirmations } from "../../src/core/effects.ts";
import {
  lastSpokenPosition,
  type RecordedAnnouncement,
  recordedAnnouncements,
  spokenMinutes,
} from "../../src/core/hotlines.ts";
import { seconds } from "../../src/core/time.ts";
import { bench, demo, hear, hotline, pathOf, quickTools, script, tempFolder } from "./support.ts";

const fallbackFolder = join(import.meta.dirname, "../../asterisk-config/sounds");
const position = (position: number) => ({ kind: "position", position }) as const;
const wait = (minutes: number) => ({ kind: "expected_wait", minutes }) as const;
const withPosition: AnnouncedHotline = {
  ...hotline,
  periodic: [{ announcement: "position", afterMs: seconds(30) }],
};

test("a position is said as people ahead", () => {
  for (const [place, said] of [
    [1, "Sie sind als Nächstes an der Reihe."],
    [2, "Vor Ihnen wartet noch eine Person."],
    [3, "Vor Ihnen warten noch zwei Personen."],
    [8, "Vor Ihnen warten noch sieben Personen."],
    [12, "Vor Ihnen warten noch elf Personen."],
    [13, "Vor Ihnen warten noch zwölf Personen."],
    [17, "Vor Ihnen warten noch sechzehn Personen."],
    [18, "Vor Ihnen warten noch siebzehn Personen."],
    [19, "Vor Ihnen warten noch achtzehn Personen."],
    [20, "Vor Ihnen warten noch mindestens neunzehn Personen."],
    [300, "Vor Ihnen warten noch mindestens neunzehn Personen."],
  ] as const)
    assert.equal(spokenText(position(place)), said);
});

test("an expected wait is said in whole minutes, as no more than a guess", () => {
  const inWords = [
    ...["eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"],
    ...["fünfzehn", "zwanzig", "fünfundzwanzig", "dreißig", "fünfunddreißig", "vierzig", "fünfundvierzig"],
    ...["fünfzig", "fünfundfünfzig", "sechzig"],
  ];
  for (const [index, minutes] of spokenMinutes.entries()) {
    const said = `etwa ${inWords[index]} ${minutes === 1 ? "Minute" : "Minuten"}`;
    assert.equal(spokenText(wait(minutes)), `Ihre Wartezeit beträgt voraussichtlich noch ${said}.`);
  }
});

test("no sentence and no text holds a digit or the traces of a missing word", () => {
  const texts = [
    ...Object.values(sentenceSets).flat(),
    ...recordedAnnouncements.map((name) => defaultText(name, "Bürgerhotline")),
    ...Object.values(fallbackTexts),
  ];
  for (const text of texts) {
    assert.match(text, /^[A-ZÄÖÜ].*\.$/);
    assert.doesNotMatch(text, /\d|undefined|null|NaN| {2}/);
  }
  assert.equal(sentenceSets.position.length, lastSpokenPosition);
  for (const set of Object.values(sentenceSets)) assert.equal(new Set(set).size, set.length);
});

test("what agents hear who have dialled a code", () => {
  assert.deepEqual(
    confirmations.map((each) => [each, confirmationText(each)]),
    [
      ["logged_in", "Sie sind angemeldet."],
      ["logged_out", "Sie sind abgemeldet."],
      ["logging_out", "Sie werden nach diesem Gespräch abgemeldet."],
      ["paused", "Pause. Sie erhalten keine Anrufe."],
      ["pausing", "Ihre Pause beginnt nach diesem Gespräch."],
      ["resumed", "Keine Pause mehr. Sie erhalten wieder Anrufe."],
      ["wrap_up_ended", "Die Nachbearbeitung ist beendet."],
      ["no_wrap_up", "Sie sind nicht in der Nachbearbeitung."],
      ["not_logged_in", "Sie sind nicht angemeldet."],
    ],
  );
});

test("default texts begin as one answers the phone, with the hotline's name where nothing was heard before", () => {
  const special = ["special_1", "special_2", "special_3"];
  const first = ["greeting", "closed", "closed_holiday", "closed_adhoc", "full", ...special];
  for (const [name, begins] of [
    ["Bürgertelefon Erfurt", "Bürgertelefon Erfurt, guten Tag. "],
    ["Rathaus (Mitte)", "Rathaus (Mitte), guten Tag. "],
    ["Wir helfen!", "Wir helfen, guten Tag. "],
    ["...", "Guten Tag. "],
  ] as const) {
    const greets = (each: RecordedAnnouncement) => defaultText(each, name).startsWith(begins);
    assert.deepEqual(recordedAnnouncements.filter(greets), first);
  }
  for (const name of recordedAnnouncements) {
    if (!first.includes(name)) assert.doesNotMatch(defaultText(name, "Rathaus"), /guten Tag/i);
  }
});

test("positions are spoken for hotlines that tell them, and confirmations always", async (t) => {
  const { announcements, soundsFolder, troubles } = bench(t, quickTools(tempFolder(t)));
  await announcements.prepareHotline(hotline);
  assert.ok(!existsSync(join(soundsFolder, "sentences")), "nobody needs any yet");
  await Promise.all([announcements.prepareHotline(withPosition), announcements.prepareConfirmations()]);
  assert.deepEqual([...troubles], []);
  const positions = Array.from({ length: lastSpokenPosition }, (_, i) =>
    pathOf(announcements.mediaOf(demo, "position", position(i + 1))),
  );
  const confirmed = confirmations.map((each) => pathOf(announcements.confirmationMedia(each)));
  const paths = [...positions, ...confirmed];
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) {
    assert.ok(path.startsWith(join(soundsFolder, "sentences/text-")), path);
    assert.ok(existsSync(`${path}.alaw`) && existsSync(`${path}.g722`));
  }
  const more = announcements.mediaOf(demo, "position", position(lastSpokenPosition + 1));
  assert.equal(pathOf(more), positions.at(-1));
});

test("short sentences make good sounds too", async (t) => {
  const { announcements } = bench(t);
  await announcements.prepareConfirmations();
  for (const each of confirmations) {
    for (const ending of ["alaw", "g722"] as const) {
      const { seconds, levelDb } = hear(pathOf(announcements.confirmationMedia(each)), ending);
      assert.ok(seconds > 1.3 && seconds < 5 && levelDb > -30, `${each}: ${seconds} s, ${levelDb} dB`);
    }
  }
});

test("a sentence that is missing leaves no silence: those who wait hear waiting_1, agents a general word", async (t) => {
  const folder = tempFolder(t);
  const broken = bench(t, { speech: script(folder, "speech", "exit 1") });
  const { announcements, troubles } = broken;
  await announcements.prepareHotline(withPosition);
  await announcements.prepareConfirmations();
  assert.match(
    troubles.get("sentences_position")!,
    /^20 of 20 sentences \(position\) could not be made: .*speech/,
  );
  assert.match(troubles.get("sentences_confirmations")!, /^9 of 9 sentences/);
  const heard = [
    announcements.mediaOf(demo, "position", position(3)),
    announcements.mediaOf(demo, "expected_wait", wait(5)),
    announcements.mediaOf(demo, "expected_wait", wait(7.5)),
    announcements.mediaOf(demo, "position", null),
  ];
  for (const media of heard) assert.equal(pathOf(media), join(fallbackFolder, "wait"));
  for (const each of confirmations)
    assert.equal(pathOf(announcements.confirmationMedia(each)), join(fallbackFolder, "received"));
  assert.ok(lengthOf(join(fallbackFolder, "wait")) && lengthOf(join(fallbackFolder, "received")));

  const { announcements: working, soundsFolder } = bench(t, quickTools(folder));
  await working.prepareHotline(hotline);
  const instead = pathOf(working.mediaOf(demo, "position", position(3)));
  assert.equal(instead, pathOf(working.mediaOf(demo, "waiting_1", null)));
  assert.ok(instead.startsWith(join(soundsFolder, "text-")));
});

test("one bad sentence is told, and again when it is there", async (t) => {
  const folder = tempFolder(t);
  const flag = join(folder, "broken");
  writeFileSync(flag, "");
  const fails = `case "$text" in *abgemeldet.) [ ! -e '${flag}' ] || exit 1 ;; esac`;
  const { announcements, troubles } = bench(t, quickTools(folder, fails));
  await announcements.prepareConfirmations();
  assert.match(troubles.get("sentences_confirmations")!, /^2 of 9 sentences/);
  assert.equal(pathOf(announcements.confirmationMedia("logged_out")), join(fallbackFolder, "received"));
  assert.match(announcements.confirmationMedia("logged_in"), /text-/);
  rmSync(flag);
  await announcements.prepareConfirmations();
  assert.deepEqual([...troubles], []);
  assert.match(announcements.confirmationMedia("logged_out"), /text-/);
});

test("a renamed hotline is heard by its old name until the new one is spoken", async (t) => {
  const { announcements } = bench(t, quickTools(tempFolder(t)));
  await announcements.prepareArrivals([hotline], 60_000);
  const greeting = () => pathOf(announcements.mediaOf(demo, "greeting", null));
  const old = greeting();
  const ready = announcements.prepareHotline({ ...hotline, name: "Rathaus" });
  assert.equal(greeting(), old);
  assert.match(announcements.list(demo)[0]!.text, /^Rathaus, guten Tag\./);
  await ready;
  assert.notEqual(greeting(), old);
});

test("after a stop no more sounds are begun, and nothing is reported as broken", async (t) => {
  const folder = tempFolder(t);
  const log = join(folder, "log");
  const { announcements, troubles } = bench(t, quickTools(folder, `echo spoken >>'${log}'`));
  const prepared = announcements.prepareHotline(withPosition);
  announcements.stop();
  await prepared;
  const begun = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0;
  assert.ok(begun <= 1, `${begun} sounds`);
  assert.deepEqual([...troubles], []);
});

test("a start does not wait for speech that takes too long, and what it makes later is heard", async (t) => {
  const folder = tempFolder(t);
  const go = join(folder, "go");
  execFileSync("mkfifo", [go]);
  const { announcements } = bench(t, quickTools(folder, `read line <'${go}'`));
  await announcements.prepareArrivals([hotline], 1);
  const greeting = () => pathOf(announcements.mediaOf(demo, "greeting", null));
  assert.equal(greeting(), join(fallbackFolder, "welcome"));
  const prepared = announcements.prepareHotline(hotline);
  // Open both ways, it neither blocks nor ends while there is somebody to read.
  const writer = openSync(go, "r+");
  t.after(() => closeSync(writer));
  writeSync(writer, "go\n".repeat(100));
  await prepared;
  assert.match(greeting(), /text-/);
});
