import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { defaultTexts, fallbackTexts, speakable } from "../../src/announcements/texts.ts";
import { announcements as names } from "../../src/core/hotlines.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { bench, demo, everythingIn, hear, pathOf, script } from "./support.ts";

function assertGoodSound(path: string, what: string): void {
  const sizes = ["alaw", "g722"].map((ending) => statSync(`${path}.${ending}`).size);
  assert.ok(Math.abs(sizes[0]! - sizes[1]!) <= 160, `${what}: alaw and g722 are equally long, not ${sizes}`);
  for (const ending of ["alaw", "g722"] as const) {
    const heard = hear(path, ending);
    assert.ok(heard.seconds > 3 && heard.seconds < 20, `${what}.${ending}: ${heard.seconds} s`);
    assert.ok(heard.levelDb > -30 && heard.levelDb < -15, `${what}.${ending}: ${heard.levelDb} dB`);
    assert.ok(heard.peakDb < -1 && heard.clipped === 0, `${what}.${ending}: peak ${heard.peakDb} dB`);
    assert.ok(heard.levelAt(0.1) < -60, `${what}.${ending} begins with silence`);
  }
}

test("every default text is spoken into both formats", async (t) => {
  const { announcements } = bench(t);
  assert.deepEqual(await announcements.prepareHotline(demo), []);
  const paths = names.map((name) => pathOf(announcements.mediaOf(demo, name)));
  assert.equal(new Set(paths).size, names.length);
  for (const [index, name] of names.entries()) assertGoodSound(paths[index]!, name);
  for (const view of announcements.list(demo)) {
    assert.equal(view.source, "text");
    assert.equal(view.text, defaultTexts[view.name as keyof typeof defaultTexts]);
    const { size } = statSync(`${pathOf(announcements.mediaOf(demo, view.name as "full"))}.alaw`);
    assert.equal(view.lengthMs, Math.round(size / 8));
  }
});

test("the same text is spoken once, whoever asks, how often and at once", async (t) => {
  const { folder } = bench(t);
  const log = join(folder, "log");
  writeFileSync(log, "");
  const speech = script(folder, "speech", `echo spoken >>'${log}'\nexec espeak-ng "$@"`);
  const soundsFolder = join(folder, "sounds");
  const { announcements } = bench(t, { speech, soundsFolder });
  const other = "other" as HotlineId;
  await Promise.all([
    announcements.prepareHotline(demo),
    announcements.prepareHotline(demo),
    announcements.prepareHotline(other),
  ]);
  const spoken = () => readFileSync(log, "utf8").trim().split("\n").length;
  assert.equal(spoken(), names.length);
  assert.equal(announcements.mediaOf(demo, "closed"), announcements.mediaOf(other, "closed"));

  const restarted = bench(t, { speech, soundsFolder }).announcements;
  assert.deepEqual(await restarted.prepareHotline(demo), []);
  assert.equal(spoken(), names.length);

  rmSync(`${pathOf(restarted.mediaOf(demo, "full"))}.g722`);
  assert.deepEqual(await restarted.prepareHotline(demo), []);
  assert.equal(spoken(), names.length + 1, "a sound with a file missing is made again");

  const faster = bench(t, { speech, soundsFolder, wordsPerMinute: 180 }).announcements;
  await faster.prepareHotline(demo);
  assert.equal(spoken(), 2 * names.length + 1, "another speed is another sound");
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
  assert.deepEqual(await announcements.prepareHotline(demo), []);
  const view = announcements.list(demo).find(({ name }) => name === "closed");
  assert.equal(view?.text, text);
  assert.ok(view.lengthMs > 2000);
  assert.ok(
    Math.abs(hear(pathOf(announcements.mediaOf(demo, "closed")), "alaw").seconds * 1000 - view.lengthMs) < 1,
  );
});

test("speech gets the text on stdin, worded for a German voice", async (t) => {
  const { folder } = bench(t);
  const log = join(folder, "log");
  const speech = script(folder, "speech", `tee -a '${log}' | espeak-ng "$@"`);
  await bench(t, { speech }).announcements.prepareHotline(demo);
  const said = readFileSync(log, "utf8");
  for (const text of Object.values(defaultTexts)) assert.ok(said.includes(speakable(text)), text);
  assert.ok(said.includes("Bürgerhottlein"));
  assert.equal(speakable("Die HOTLINE, zwei Hotlines"), "Die Hottlein, zwei Hottleins");
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
    const { announcements, soundsFolder } = bench(t, { speech: script(folder, "speech", body) });
    const problems = await announcements.prepareHotline(demo);
    assert.deepEqual(
      problems.map(({ name }) => name),
      names,
    );
    assert.match(problems[0]!.message, /speech/);
    for (const name of names) {
      const path = pathOf(announcements.mediaOf(demo, name));
      assert.match(path, name === "greeting" ? /sounds\/welcome$/ : /sounds\/sorry$/);
      assertGoodSound(path, name);
    }
    assert.deepEqual(
      announcements.list(demo).map(({ lengthMs }) => lengthMs),
      [0, 0, 0, 0, 0, 0],
    );
    assert.deepEqual(everythingIn(soundsFolder), [], "nothing is left over");
  });
}

test("without a speech command, or a folder to write to, there still is something to play", async (t) => {
  const missing = bench(t, { speech: "/nonexistent/speech" }).announcements;
  assert.match((await missing.prepareHotline(demo))[0]!.message, /cannot be started \(ENOENT\)/);
  assert.ok(existsSync(`${pathOf(missing.mediaOf(demo, "full"))}.alaw`));

  const { folder } = bench(t);
  const file = join(folder, "file");
  appendFileSync(file, "no folder");
  const unwritable = bench(t, { soundsFolder: join(file, "sounds") }).announcements;
  assert.equal((await unwritable.prepareHotline(demo)).length, names.length);
  assert.ok(existsSync(`${pathOf(unwritable.mediaOf(demo, "full"))}.g722`));
});

test("when speech fails for a new text, its older sound is heard", async (t) => {
  const { announcements: before, soundsFolder } = bench(t);
  await before.prepareHotline(demo);
  const older = pathOf(before.mediaOf(demo, "closed"));
  const sound = older.slice(soundsFolder.length + 1);
  const row = { hotline: demo, name: "closed", source: "text", text: "Neu.", sound, lengthMs: 1 } as const;
  const { announcements } = bench(t, { soundsFolder, rows: [row], speech: "/nonexistent/speech" });
  await announcements.prepareHotline(demo);
  assert.equal(pathOf(announcements.mediaOf(demo, "closed")), older);
});

test("the sounds that come with the program fit their texts in length", () => {
  for (const [name, text] of Object.entries(fallbackTexts)) {
    const path = join(import.meta.dirname, "../../asterisk-config/sounds", name);
    const { seconds } = hear(path, "alaw");
    assert.ok(Math.abs(seconds - text.length / 14) < 4, `${name}: ${seconds} s`);
  }
});

test("a folder that Asterisk could not be told of is refused", (t) => {
  assert.throws(() => bench(t, { soundsFolder: "/tmp/a,b" }), /must not contain a comma/);
});
