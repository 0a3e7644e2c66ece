import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { pino } from "pino";
import {
  type Announcements,
  type AnnouncementsOptions,
  createAnnouncements,
  type Save,
} from "../../src/announcements/announcements.ts";
import type { AnnouncedHotline } from "../../src/announcements/settings.ts";
import type { AnnouncementRow } from "../../src/core/announcement-row.ts";
import type { RecordedAnnouncement } from "../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import type { WallMs } from "../../src/core/time.ts";

export const demo = "demo" as HotlineId;
export const hotline: AnnouncedHotline = {
  id: demo,
  name: "Bürgerhotline",
  periodic: [],
  schedule: plainSchedule("Europe/Berlin", aroundTheClock),
};

export type Bench = {
  /** Where scratch files go. */
  readonly folder: string;
  readonly soundsFolder: string;
  /** Which store with `save`. */
  readonly announcements: Omit<Announcements, keyof Changing> & Changing;
  /** What was stored, in its order. */
  readonly saved: AnnouncementRow[];
  /** Which of them were set back to the default, in their order. */
  readonly resets: RecordedAnnouncement[];
  /** What is wrong now, by code. */
  readonly troubles: Map<string, string>;
};

type Changing = {
  readonly [Way in "importFile" | "say" | "reset"]: Parameters<Announcements[Way]> extends [
    ...infer What,
    unknown,
  ]
    ? (...what: What) => ReturnType<Announcements[Way]>
    : never;
};

export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hotline-announcements-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Announcements with the real espeak-ng and ffmpeg in an empty folder. */
export function bench(t: TestContext, changes: Partial<AnnouncementsOptions & { save: Save }> = {}): Bench {
  const folder = tempFolder(t);
  const soundsFolder = changes.soundsFolder ?? join(folder, "sounds");
  const saved: AnnouncementRow[] = [];
  const resets: RecordedAnnouncement[] = [];
  const troubles = new Map<string, string>();
  const save: Save =
    changes.save ??
    (async (row) => {
      if (row.source === "default") resets.push(row.name as RecordedAnnouncement);
      else saved.push(row);
    });
  const created = createAnnouncements({
    soundsFolder,
    speech: "espeak-ng",
    convert: "ffmpeg",
    voice: "de",
    wordsPerMinute: 150,
    rows: [],
    now: () => Date.now() as WallMs,
    onTrouble: (code, message) => {
      if (message === null) troubles.delete(code);
      else troubles.set(code, message);
    },
    logger: pino({ level: "silent" }),
    ...changes,
  });
  const announcements: Bench["announcements"] = {
    ...created,
    importFile: (...file) => created.importFile(...file, save),
    say: (...text) => created.say(...text, save),
    reset: (...which) => created.reset(...which, save),
  };
  return { folder, soundsFolder, announcements, saved, resets, troubles };
}

/**
 * Commands that do nothing but put the files in their places, for tests of what is made and when: the speech is its text, the
 * sound is always the same. `before`: shell commands run for each sentence, with the text in $text.
 */
export function quickTools(folder: string, before = ":"): Pick<AnnouncementsOptions, "speech" | "convert"> {
  const tone = Int16Array.from({ length: 16_000 }, (_, i) => 8_000 * Math.sin(i / 5));
  writeFileSync(join(folder, "tone"), new Uint8Array(tone.buffer));
  const speech = `text=$(cat)\n${before}\nwhile [ "$1" != -w ]; do shift; done\necho "$text" >"$2"`;
  const convert = `cd '${folder}'
case "$*" in *ebur128*) printf 'Integrated loudness:\\n  I: -23.0 LUFS\\n  Peak: -9.0 dBFS\\n' >&2 ;; esac
for arg; do case "$arg" in file:*.alaw | file:*.g722) cp tone "\${arg#file:}"; encoded=1 ;; esac; done
[ "$encoded" ] || exec cat tone`;
  return {
    speech: script(folder, "quick-speech", speech),
    convert: script(folder, "quick-convert", convert),
  };
}

/** A command that is a shell script. */
export function script(folder: string, name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The bytes of a sound file that ffmpeg makes from one of its sources, for example `sine=440:d=2`. */
export function soundFile(t: TestContext, name: string, source: string, ...options: string[]) {
  const file = join(tempFolder(t), name);
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, ...options, file]);
  return bytesOf(file);
}

/** Something that sounds like a voice in level: a tone that comes and goes. */
export const voice = (seconds: number, volume = 0.2) =>
  `aevalsrc='${volume}*sin(880*PI*t)*sin(5*PI*t)':d=${seconds}:s=44100`;

export function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(file));
}

/** The path below what Asterisk is told to play. */
export function pathOf(media: string): string {
  const path = /^sound:(\/[^,]+)$/.exec(media)?.[1];
  if (path === undefined) throw new Error(`not an absolute sound: ${media}`);
  return path;
}

/** Files and folders below a folder, those of work under way too. */
export function everythingIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => basename(name) !== ".work")
    .sort();
}

/** Loudness (LUFS) and true peak (dBTP) of a sound's A-law, by EBU R 128 on the decoded file. */
export function r128(path: string): { lufs: number; peakDbtp: number } {
  const args = ["-hide_banner", "-nostats", "-f", "alaw", "-ar", "8000", "-ac", "1", "-i", `${path}.alaw`];
  const measured = spawnSync(
    "ffmpeg",
    [...args, "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"],
    {
      encoding: "utf8",
    },
  );
  const summary = measured.stderr.slice(measured.stderr.lastIndexOf("Summary:"));
  const number = (pattern: RegExp) => Number(pattern.exec(summary)?.[1]);
  return { lufs: number(/I: +(-?[\d.]+) LUFS/), peakDbtp: number(/Peak: +(-?[\d.]+) dBFS/) };
}

/** What every announcement is held to. */
export function assertLevelled(path: string, what: string): void {
  const { lufs, peakDbtp } = r128(path);
  assert.ok(Math.abs(lufs + 23) <= 1, `${what}: ${lufs} LUFS`);
  assert.ok(peakDbtp <= -3, `${what}: ${peakDbtp} dBTP`);
}

export type Heard = {
  readonly seconds: number;
  readonly peakDb: number;
  /** Share of the samples at full scale. */
  readonly clipped: number;
  /** Level of 50 ms from a moment on. */
  readonly levelAt: (seconds: number) => number;
  readonly levelDb: number;
};

/** Decodes one of a sound's files as Asterisk would. */
export function hear(path: string, ending: "alaw" | "g722"): Heard {
  const input = ending === "alaw" ? ["-f", "alaw", "-ar", "8000", "-ac", "1"] : ["-f", "g722"];
  const rate = ending === "alaw" ? 8000 : 16_000;
  const pcm = execFileSync(
    "ffmpeg",
    ["-v", "error", ...input, "-i", `${path}.${ending}`, "-f", "s16le", "pipe:1"],
    { maxBuffer: 50_000_000 },
  );
  const samples = new Int16Array(new Uint8Array(pcm).buffer);
  const level = (part: Int16Array) =>
    10 * Math.log10(part.reduce((sum, s) => sum + (s / 32_768) ** 2, 0) / part.length + 1e-12);
  const peak = samples.reduce((highest, s) => Math.max(highest, Math.abs(s)), 0);
  return {
    seconds: samples.length / rate,
    peakDb: 20 * Math.log10(peak / 32_768),
    clipped: samples.filter((s) => Math.abs(s) >= 32_100).length / samples.length,
    levelAt: (from) => level(samples.subarray(from * rate, (from + 0.05) * rate)),
    levelDb: level(samples),
  };
}
