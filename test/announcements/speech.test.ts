import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "node:test";
import { lengthOf } from "../../src/announcements/sounds.ts";
import { defaultText, fallbackOf, fallbackTexts, speakable } from "../../src/announcements/texts.ts";
import { recordedAnnouncements as names } from "../../src/core/hotlines.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import {
  assertLevelled,
  bench,
  demo,
  everythingIn,
  hear,
  hotline,
  pathOf,
  quickTools,
  script,
  tempFolder,
} from "./support.ts";

function assertGoodSound(path: string, what: string): void {
  const sizes = ["alaw", "g722"].map((ending) => statSync(`${path}.${ending}`).size);
  assert.ok(Math.abs(sizes[0]! - sizes[1]!) <= 160, `${what}: alaw and g722 are equally long, not ${sizes}`);
  assertLevelled(path, what);
  for (const ending of ["alaw", "g722"] as const) {
    const heard = hear(path, ending);
    assert.ok(heard.seconds > 2 && heard.seconds < 20, `${what}.${ending}: ${heard.seconds} s`);
    assert.ok(heard.levelDb > -30 && heard.levelDb < -15, `${what}.${ending}: ${heard.levelDb} dB`);
    assert.ok(heard.peakDb < -2.5 && heard.clipped === 0, `${what}.${ending}: peak ${heard.peakDb} dB`);
    assert.ok(heard.levelAt(0.1) < -60, `${what}.${ending} begins with silence`);
  }
}

test("every default text is spoken into both formats", async (t) => {
  const { announcements, troubles } = bench(t);
  await announcements.prepareHotline(hotline);
  assert.deepEqual([...troubles], []);
  const paths = names.map((name) => pathOf(announcements.mediaOf(demo, name, null)));
  assert.equal(new Set(paths).size, names.length);
  for (const [index, name] of names.entries()) assertGoodSound(paths[index]!, name);
  for (const view of announcements.list(demo)) {
    assert.equal(view.source, "text");
    assert.equal(view.text, defaultText(view.name as "full", "Bürgerhotline"));
    const { size } = statSync(`${pathOf(announcements.mediaOf(demo, view.name as "full", null))}.alaw`);
    assert.equal(view.lengthMs, Math.round(size / 8));
  }
});

test("the same text is spoken once, whoever asks, how often and at once", async (t) => {
  const folder = tempFolder(t);
  const log = join(folder, "log");
  writeFileSync(log, "");
  const tools = quickTools(folder, `echo spoken >>'${log}'`);
  const soundsFolder = join(folder, "sounds");
  const { announcements } = bench(t, { ...tools, soundsFolder });
  const other = { ...hotline, id: "other" as HotlineId };
  await Promise.all([
    announcements.prepareArrivals([hotline], 60_000),
    announcements.prepareHotline(hotline),
    announcements.prepareHotline(other),
  ]);
  const spoken = () => readFileSync(log, "utf8").trim().split("\n").length;
  assert.equal(spoken(), names.length);
  assert.equal(announcements.mediaOf(demo, "closed", null), announcements.mediaOf(other.id, "closed", null));

  const restarted = bench(t, { ...tools, soundsFolder }).announcements;
  await restarted.prepareHotline(hotline);
  assert.equal(spoken(), names.length);

  rmSync(`${pathOf(restarted.mediaOf(demo, "full", null))}.g722`);
  await restarted.prepareHotline(hotline);
  assert.equal(spoken(), names.length + 1, "a sound with a file missing is made again");

  const faster = bench(t, { ...tools, soundsFolder, wordsPerMinute: 180 }).announcements;
  await faster.prepareArrivals([hotline], 60_000);
  assert.equal(spoken(), names.length + 7, "another speed is another sound");
});

test("an own text is spoken as it stands, whatever it looks like", async (t) => {
  const text = '-h --version $(touch /tmp/never) "; heute geschlossen';
  const row = {
    hotline: demo,
    name: "closed",
    source: "text",
    text,
    sound: "text-old",
    lengthMs: 0,
  } as const;
  const { announcements } = bench(t, { rows: [row] });
  await announcements.prepareArrivals([hotline], 60_000);
  const view = announcements.list(demo).find(({ name }) => name === "closed");
  assert.equal(view?.text, text);
  assert.ok(view.lengthMs > 2000);
  assert.ok(
    Math.abs(
      hear(pathOf(announcements.mediaOf(demo, "closed", null)), "alaw").seconds * 1000 - view.lengthMs,
    ) < 1,
  );
});

test("speech gets the text on stdin, worded for a German voice", async (t) => {
  const folder = tempFolder(t);
  const log = join(folder, "log");
  const speech = script(folder, "speech", `tee -a '${log}' | espeak-ng "$@"`);
  await bench(t, { ...quickTools(folder), speech }).announcements.prepareHotline(hotline);
  const said = readFileSync(log, "utf8");
  for (const name of names) assert.ok(said.includes(speakable(defaultText(name, hotline.name))), name);
  assert.ok(said.includes("Bürgerhottlein"));
  assert.equal(speakable("Die HOTLINE, zwei Hotlines"), "Die Hottlein, zwei Hottleins");
});

test("another engine speaks: with a file or to stdout, the text on stdin or as an argument", async (t) => {
  const folder = tempFolder(t);
  const log = join(folder, "log");
  const engine = script(
    folder,
    "engine",
    `printf '%s\\n' "$@" >>'${log}'
case "$1" in --say) text=$2; shift 2 ;; *) text=$(cat) ;; esac
printf '%s\\n' "$text" >>'${log}'
case "$1" in --out) exec espeak-ng -v de -w "$2" "$text" ;; *) exec espeak-ng -v de --stdout "$text" ;; esac`,
  );
  const text = "Schöne Grüße, {{hotline}}; $(rm -rf /)";
  const said = "Schöne Grüße, Bürgerhottlein; $(rm -rf /)";
  for (const [args, got] of [
    [["--out", "{{file}}"], /^--out\n\/.*\/speech\.wav\n/m],
    [["{{voice}}-{{words_per_minute}}"], /^de-150\n/m],
    [["--say", "{{text}}", "--out", "{{file}}"], /^--say\n/m],
    [["--say", "{{text}}"], /^--say\n/m],
  ] as const) {
    writeFileSync(log, "");
    const { announcements } = bench(t, { speech: [engine, ...args] });
    const known = announcements.prepareArrivals([hotline], 0);
    const { view } = await announcements.say(demo, "overflow", text);
    assert.ok(view.lengthMs > 1_500 && view.spoken === "Schöne Grüße, Bürgerhotline; $(rm -rf /)");
    announcements.stop();
    await known;
    const given = readFileSync(log, "utf8");
    assert.match(given, got);
    assert.ok(given.includes(`\n${said}\n`), given);
  }
});

for (const [what, body] of [
  ["fails", "echo broken >&2; exit 1"],
  ["writes nothing", "exit 0"],
  ["writes no sound", 'while [ "$1" != -w ]; do shift; done; echo rubbish >"$2"'],
  [
    "speaks silence",
    'while [ "$1" != -w ]; do shift; done; exec ffmpeg -v error -f lavfi -i anullsrc -t 2 "$2"',
  ],
  ["says too much", "exec yes"],
] as const) {
  test(`callers hear what came with the program when speech ${what}`, async (t) => {
    const { folder } = bench(t);
    const { announcements, soundsFolder, troubles } = bench(t, { speech: script(folder, "speech", body) });
    await announcements.prepareHotline(hotline);
    assert.match(
      troubles.get("announcements_demo")!,
      new RegExp(`^Not all announcements of hotline demo could be made. ${names.join(", ")}: .*speech`),
    );
    for (const name of names) {
      const path = pathOf(announcements.mediaOf(demo, name, null));
      assert.equal(basename(path), fallbackOf[name]);
      assert.ok(lengthOf(path)! > 2000);
    }
    assert.deepEqual(
      announcements.list(demo).map(({ lengthMs }) => lengthMs),
      names.map(() => 0),
    );
    assert.deepEqual(everythingIn(soundsFolder), [], "nothing is left over");
  });
}

test("without a speech command, or a folder to write to, there still is something to play", async (t) => {
  const missing = bench(t, { speech: "/nonexistent/speech" });
  await missing.announcements.prepareHotline(hotline);
  assert.match(missing.troubles.get("announcements_demo")!, /cannot be started \(ENOENT\)/);
  assert.ok(existsSync(`${pathOf(missing.announcements.mediaOf(demo, "full", null))}.alaw`));

  const { folder } = bench(t);
  const file = join(folder, "file");
  appendFileSync(file, "no folder");
  const unwritable = bench(t, { soundsFolder: join(file, "sounds") });
  await unwritable.announcements.prepareHotline(hotline);
  assert.match(unwritable.troubles.get("announcements_demo")!, /Sounds cannot be written/);
  assert.ok(existsSync(`${pathOf(unwritable.announcements.mediaOf(demo, "full", null))}.g722`));
});

test("when speech fails for a new text, its older sound is heard", async (t) => {
  const { announcements: before, soundsFolder } = bench(t);
  await before.prepareArrivals([hotline], 60_000);
  const older = pathOf(before.mediaOf(demo, "closed", null));
  const sound = older.slice(soundsFolder.length + 1);
  const row = { hotline: demo, name: "closed", source: "text", text: "Neu.", sound, lengthMs: 1 } as const;
  const { announcements } = bench(t, { soundsFolder, rows: [row], speech: "/nonexistent/speech" });
  await announcements.prepareArrivals([hotline], 60_000);
  assert.equal(pathOf(announcements.mediaOf(demo, "closed", null)), older);
});

test("the sounds that come with the program are good and fit their texts in length", () => {
  for (const [name, text] of Object.entries(fallbackTexts)) {
    const path = join(import.meta.dirname, "../../asterisk-config/sounds", name);
    assertGoodSound(path, name);
    const { seconds } = hear(path, "alaw");
    assert.ok(Math.abs(seconds - text.length / 14) < 4, `${name}: ${seconds} s`);
  }
});

test("a folder that Asterisk could not be told of is refused", (t) => {
  assert.throws(() => bench(t, { soundsFolder: "/tmp/a,b" }), /must not contain a comma/);
});
