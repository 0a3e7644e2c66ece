import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { maxLengthMs } from "../../src/announcements/convert.ts";
import type { AnnouncementErrorCode } from "../../src/announcements/errors.ts";
import { recordedAnnouncements as names } from "../../src/core/hotlines.ts";
import { announcementTimeoutMs } from "../../src/core/limits.ts";
import {
  assertLevelled,
  bench,
  bytesOf,
  demo,
  everythingIn,
  hear,
  hotline,
  pathOf,
  script,
  soundFile,
  tempFolder,
  voice,
} from "./support.ts";

for (const [name, ...options] of [
  ["stereo.wav", "-ac", "2", "-ar", "44100"],
  ["float.wav", "-c:a", "pcm_f32le", "-ar", "48000"],
  ["phone.wav", "-c:a", "pcm_mulaw", "-ar", "8000"],
  ["sound.mp3", "-b:a", "96k"],
  ["sound.ogg", "-c:a", "libvorbis"],
  ["sound.opus", "-c:a", "libopus", "-ar", "48000"],
  ["sound.flac"],
  ["memo.m4a", "-c:a", "aac"],
  ["sound.aiff"],
] as const) {
  test(`imports ${name}`, async (t) => {
    const { announcements, soundsFolder, saved } = bench(t);
    const file = soundFile(t, name, voice(3), ...options);
    const { row, view } = await announcements.importFile(demo, "greeting", `C:\\Sounds\\${name}`, file);
    assert.deepEqual(saved, [row]);
    assert.equal(row.source, "file");
    assert.equal(row.text, name);
    assert.ok(
      Math.abs(row.lengthMs - 3500) < 100,
      `3 s with a pause before and after, not ${row.lengthMs} ms`,
    );
    assert.deepEqual(view, {
      hotline: "demo",
      name: "greeting",
      source: "file",
      isDefault: false,
      text: name,
      spoken: null,
      lengthMs: row.lengthMs,
      loudnessLufs: view.loudnessLufs,
    });
    assert.deepEqual(announcements.list(demo)[0], view);

    const path = pathOf(announcements.mediaOf(demo, "greeting", null));
    assert.equal(path, join(soundsFolder, row.sound));
    assert.deepEqual(
      everythingIn(soundsFolder),
      ["alaw", "g722", "json"].map((e) => `${row.sound}.${e}`),
    );
    assertLevelled(path, name);
    for (const ending of ["alaw", "g722"] as const) {
      const heard = hear(path, ending);
      assert.ok(heard.levelDb > -29 && heard.levelDb < -20 && heard.clipped === 0, `${heard.levelDb} dB`);
      assert.ok(heard.levelAt(0.15) < -55);
    }
  });
}

/** Speech, in the words of ffmpeg's filters; the file is made by espeak-ng. */
function speech(t: TestContext, filters: string, name = "speech.wav", ...options: string[]) {
  const folder = tempFolder(t);
  const text = "Guten Tag. Hier ist die Bürgerhotline. Zurzeit sind alle Plätze besetzt.";
  execFileSync("espeak-ng", ["-v", "de", "-w", join(folder, "spoken.wav"), text]);
  const args = [
    "-v",
    "error",
    "-i",
    join(folder, "spoken.wav"),
    "-af",
    filters,
    ...options,
    join(folder, name),
  ];
  execFileSync("ffmpeg", args);
  return bytesOf(join(folder, name));
}

test("all recordings come out at the same loudness, whatever they were", async (t) => {
  const { announcements } = bench(t);
  const files: [string, Uint8Array<ArrayBuffer>][] = [
    ["loud tone", soundFile(t, "x.wav", voice(2, 1))],
    ["soft tone", soundFile(t, "x.wav", voice(2, 0.01))],
    ["loud speech", speech(t, "anull")],
    ["soft speech", speech(t, "volume=-35dB")],
    ["slightly overdriven", speech(t, "volume=4dB")],
    ["compressed", speech(t, "acompressor=ratio=20:threshold=0.05:makeup=8")],
    ["high peaks", speech(t, "volume='if(lt(mod(t,0.7),0.01),1,0.08)':eval=frame")],
    ["noisy", soundFile(t, "x.wav", "anoisesrc=d=3:a=0.3")],
    ["bass", soundFile(t, "x.wav", "sine=120:d=2:r=48000")],
    ["treble", soundFile(t, "x.wav", "sine=3000:d=2:r=48000")],
    ["short", soundFile(t, "x.wav", "sine=440:d=0.5:r=48000")],
    ["stereo 44.1 kHz mp3", speech(t, "aresample=44100", "x.mp3", "-ac", "2")],
    ["48 kHz ogg", speech(t, "aresample=48000", "x.ogg")],
    ["48 kHz m4a", speech(t, "aresample=48000,volume=-20dB", "x.m4a")],
    ["one channel of two", speech(t, "pan=stereo|c0=c0|c1=0*c0")],
  ];
  for (const [what, file] of files) {
    const { view } = await announcements.importFile(demo, "full", "x", file);
    const path = pathOf(announcements.mediaOf(demo, "full", null));
    assertLevelled(path, what);
    assert.ok(Math.abs((view.loudnessLufs ?? 0) + 23) <= 1, `${what}: shown as ${view.loudnessLufs} LUFS`);
    for (const ending of ["alaw", "g722"] as const) assert.equal(hear(path, ending).clipped, 0, what);
  }
});

test("silence before and after is cut off, pauses within stay", async (t) => {
  const { announcements } = bench(t);
  const file = soundFile(
    t,
    "x.wav",
    "sine=440:d=9",
    "-af",
    "volume='between(t,3,4)+between(t,5,6)':eval=frame",
  );
  const { row } = await announcements.importFile(demo, "full", "x.wav", file);
  assert.ok(Math.abs(row.lengthMs - 3_500) < 250, `3 s and half a second of silence, not ${row.lengthMs} ms`);
});

/** Asserts that an import is refused and changes nothing of what was there. */
async function assertRefused(
  t: TestContext,
  bytes: Uint8Array<ArrayBuffer>,
  code: AnnouncementErrorCode,
  message: RegExp,
) {
  const { announcements, soundsFolder, saved } = bench(t);
  await announcements.importFile(demo, "closed", "good.wav", soundFile(t, "good.wav", voice(1)));
  const before = [
    everythingIn(soundsFolder),
    announcements.list(demo),
    announcements.mediaOf(demo, "closed", null),
  ];
  await assert.rejects(announcements.importFile(demo, "closed", "bad.wav", bytes), { code, message });
  const after = [
    everythingIn(soundsFolder),
    announcements.list(demo),
    announcements.mediaOf(demo, "closed", null),
  ];
  assert.deepEqual(after, before);
  assert.equal(saved.length, 1);
}

test("refuses an empty file", (t) => assertRefused(t, new Uint8Array(), "sound_empty", /is empty/));

test("refuses what is no sound", async (t) => {
  await assertRefused(
    t,
    new Uint8Array(randomBytes(200_000)),
    "sound_unreadable",
    /no sound that can be read/,
  );
  await assertRefused(t, new TextEncoder().encode("Guten Tag!\n"), "sound_unreadable", /no sound/);
  await assertRefused(t, soundFile(t, "film.mp4", "testsrc=d=1"), "sound_unreadable", /no sound/);
});

test("refuses a file without any sound in it", async (t) => {
  await assertRefused(
    t,
    soundFile(t, "short.wav", voice(1), "-t", "0.05"),
    "sound_empty",
    /no sound in the file/,
  );
  await assertRefused(t, soundFile(t, "head.wav", voice(1)).slice(0, 44), "sound_unreadable", /no sound/);
});

test("refuses silence", async (t) => {
  await assertRefused(t, soundFile(t, "silent.wav", "anullsrc=d=3"), "sound_silent", /nothing but silence/);
  await assertRefused(t, soundFile(t, "hiss.wav", "anoisesrc=d=3:a=0.001"), "sound_silent", /silence/);
});

test("refuses what is too short to be understood, however much silence is around it", async (t) => {
  const tooShort =
    /too short: 0\.[1-4] s, at least 0\.5 s are needed\. .* speak after the tone and end with #/;
  await assertRefused(t, soundFile(t, "x.wav", "sine=440:d=0.1:r=48000"), "sound_too_short", tooShort);
  const click = soundFile(t, "click.wav", "sine=440:d=5", "-af", "volume='between(t,2,2.4)':eval=frame");
  await assertRefused(t, click, "sound_too_short", tooShort);
});

test("refuses what is too long, and takes what is not", async (t) => {
  const long = soundFile(t, "long.mp3", "sine=440:d=111", "-b:a", "32k");
  await assertRefused(t, long, "sound_too_long", /longer than 110 seconds/);
  const veryLong = soundFile(t, "long.mp3", "sine=440:d=900", "-b:a", "32k");
  await assertRefused(t, veryLong, "sound_too_long", /longer than 110 seconds/);
  const { row } = await bench(t).announcements.importFile(
    demo,
    "full",
    "x",
    soundFile(t, "x.mp3", "sine=440:d=109", "-b:a", "32k"),
  );
  assert.ok(row.lengthMs > 108_000 && row.lengthMs <= 110_000);
  assert.ok(maxLengthMs < announcementTimeoutMs, "the core would let the caller go in the middle of it");
});

test("refuses what is overdriven", async (t) => {
  for (const file of [
    speech(t, "volume=12dB"),
    speech(t, "volume=25dB", "x.mp3", "-ac", "2"),
    // Turned down after it was clipped.
    speech(t, "volume=20dB,aformat=sample_fmts=s16,volume=-6dB"),
    soundFile(t, "x.wav", voice(2, 3)),
    soundFile(t, "x.wav", "aevalsrc=0.1*sin(440*t)|5*sin(3000*t):d=2"),
  ]) {
    await assertRefused(t, file, "sound_clipped", /overdriven: \d+\.\d % .* not as loud/);
  }
});

test("refuses what is too large", (t) =>
  assertRefused(t, new Uint8Array(50_000_001), "sound_too_large", /51 MB, at most 50 MB/));

test("a playlist reads no other file", async (t) => {
  const { announcements, soundsFolder, folder } = bench(t);
  const secret = join(folder, "secret.ts");
  writeFileSync(secret, soundFile(t, "secret.ts", voice(2), "-c:a", "aac"));
  mkdirSync(soundsFolder, { recursive: true });
  const lists = {
    hls: `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${secret}\n#EXT-X-ENDLIST\n`,
    hlsUrl: `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
    web: "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    concat: `ffconcat version 1.0\nfile ${secret}\n`,
    concatBeside: "ffconcat version 1.0\nfile secret.ts\n",
    sdp: "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 8\n",
  };
  // That such a list is followed where it is allowed, else this test would prove nothing.
  writeFileSync(join(folder, "list"), lists.concatBeside);
  const allowed = ["-v", "error", "-i", join(folder, "list"), "-f", "s16le", "pipe:1"];
  assert.ok(execFileSync("ffmpeg", allowed).length > 50_000);

  for (const list of Object.values(lists)) {
    const bytes = new TextEncoder().encode(list);
    await assert.rejects(announcements.importFile(demo, "full", "list.wav", bytes), {
      code: "sound_unreadable",
    });
  }
  assert.deepEqual(everythingIn(soundsFolder), []);
});

test("of imports of the same announcement at once the last one stays, stored and heard", async (t) => {
  const { announcements, saved } = bench(t);
  const files = [
    soundFile(t, "a.flac", "sine=440:d=60"),
    soundFile(t, "b.wav", voice(1)),
    soundFile(t, "c.wav", voice(2)),
  ];
  const imports = await Promise.all(
    files.map((file, index) => announcements.importFile(demo, "full", `${index}.wav`, file)),
  );
  assert.deepEqual(
    saved.map(({ text }) => text),
    ["0.wav", "1.wav", "2.wav"],
  );
  assert.ok(announcements.mediaOf(demo, "full", null).endsWith(imports[2]!.row.sound));
});

test("too many imports at once are refused", async (t) => {
  const { announcements } = bench(t);
  const file = soundFile(t, "a.wav", voice(1));
  const results = await Promise.allSettled(
    names.map((name) => announcements.importFile(demo, name, "a.wav", file)),
  );
  const refused = results.filter((result) => result.status === "rejected");
  assert.deepEqual(
    refused.map(({ reason }) => (reason as { code: string }).code),
    names.slice(4).map(() => "busy"),
  );
  await announcements.importFile(demo, "timed_out", "a.wav", file);
});

test("what could not be stored is not heard", async (t) => {
  const { announcements } = bench(t, { save: () => Promise.reject(new Error("disk full")) });
  await announcements.prepareArrivals([hotline], 60_000);
  const before = announcements.mediaOf(demo, "closed", null);
  const file = soundFile(t, "a.wav", voice(1));
  await assert.rejects(announcements.importFile(demo, "closed", "a.wav", file), /disk full/);
  assert.equal(announcements.mediaOf(demo, "closed", null), before);
});

test("an imported recording is there after a restart; when its files are lost, the default text is heard", async (t) => {
  const { announcements: before, soundsFolder, saved } = bench(t);
  const file = soundFile(t, "a.wav", voice(1));
  await before.importFile(demo, "closed", "a.wav", file);
  const { announcements, troubles } = bench(t, { soundsFolder, rows: saved });
  await announcements.prepareHotline(hotline);
  assert.deepEqual([...troubles], []);
  const own = announcements.mediaOf(demo, "closed", null);
  assert.equal(own, before.mediaOf(demo, "closed", null));
  assert.equal(announcements.list(demo)[1]?.text, "a.wav");

  rmSync(`${pathOf(own)}.alaw`);
  await announcements.prepareHotline(hotline);
  assert.match(troubles.get("announcements_demo")!, /closed: The imported recording a\.wav is missing/);
  assert.match(announcements.mediaOf(demo, "closed", null), /\/text-/);

  await announcements.importFile(demo, "closed", "a.wav", file);
  await announcements.prepareHotline(hotline);
  assert.deepEqual([...troubles], [], "importing it again ends the alarm");
  assert.equal(announcements.mediaOf(demo, "closed", null), own);
});

test("a hotline that is set up anew under an old id has none of the old recordings", async (t) => {
  const { announcements } = bench(t);
  await announcements.prepareArrivals([hotline], 60_000);
  const spoken = announcements.mediaOf(demo, "closed", null);
  await announcements.importFile(demo, "closed", "a.wav", soundFile(t, "a.wav", voice(1)));
  announcements.forgetHotline(demo);
  await announcements.prepareArrivals([hotline], 60_000);
  assert.equal(announcements.mediaOf(demo, "closed", null), spoken);
});

test("a broken conversion is not blamed on the file", async (t) => {
  const { folder } = bench(t);
  const file = soundFile(t, "a.wav", voice(1));
  const missing = bench(t, { convert: "/nonexistent/ffmpeg" }).announcements;
  await assert.rejects(missing.importFile(demo, "closed", "a.wav", file), { code: "conversion_failed" });
  // Reads, but cannot write.
  const convert = script(folder, "convert", 'case "$*" in *pipe:0*) exit 1 ;; esac\nexec ffmpeg "$@"');
  const half = bench(t, { convert });
  await assert.rejects(half.announcements.importFile(demo, "closed", "a.wav", file), {
    code: "conversion_failed",
  });
  assert.deepEqual(everythingIn(half.soundsFolder), []);
});

test("a file's name is shown without its folder and without what does not belong into a line", async (t) => {
  const { announcements } = bench(t);
  const file = soundFile(t, "a.wav", voice(1));
  const named = async (name: string) => (await announcements.importFile(demo, "full", name, file)).row.text;
  assert.equal(await named("/home/erika/Begrüßung neu.wav"), "Begrüßung neu.wav");
  assert.equal(await named("a\n\u001b[31m.wav"), "a[31m.wav");
  assert.equal(await named("/"), "recording");
});

test("leftovers of an interrupted run are cleared away", async (t) => {
  const { folder } = bench(t);
  const soundsFolder = join(folder, "sounds");
  mkdirSync(join(soundsFolder, ".work", "job-1"), { recursive: true });
  writeFileSync(join(soundsFolder, ".work", "job-1", "input"), bytesOf("/proc/self/cmdline"));
  bench(t, { soundsFolder });
  assert.deepEqual(everythingIn(soundsFolder), []);
});
