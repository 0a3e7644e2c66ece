import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { announcementTimeoutMs } from "../core/limits.ts";
import { type CommandResult, runCommand } from "./command.ts";
import { AnnouncementError } from "./errors.ts";
import { type Measure, measure, measuredRate } from "./level.ts";
import {
  clippedShare,
  corrected,
  type Levelling,
  type Loudness,
  levellingFilters,
  levellingFor,
  loudnessFilter,
  readLoudness,
  topsFilters,
} from "./loudness.ts";

/**
 * Part of every file's name. To be raised when the way from text or recording to file changes, so that old files are not
 * taken for new ones.
 */
export const formatVersion = 2;

/**
 * The endings of one sound's files. Callers and phones talk A-law or G.722, which Asterisk then sends as they lie there;
 * µ-law it makes from A-law by a table. Nothing would play a .wav or .sln16 beside them.
 */
export const endings = ["alaw", "g722"] as const;
/** Beside them lies what is known of the sound. */
const factsEnding = "json";
/** Both formats take 64 kbit/s. */
export const bytesPerSecond = 8000;

export const maxFileBytes = 50_000_000;
/** Of what is played. A caller who is still listening then is let go: see announcementTimeoutMs. */
export const maxLengthMs = announcementTimeoutMs - 10_000;
const minLengthMs = 100;
/** Of what people record; a spoken text may be a short word. */
export const minRecordedMs = 500;
const silenceDb = -50;
/** More samples in flat tops than this are heard as a rattle. */
const maxClippedShare = 0.005;

/** Silence before the first syllable, which the start of the audio path would swallow, and after the last one. */
const leadInMs = 250;
const tailMs = 250;
/** Of a file more is not read; silence at its ends does not count for the length. */
const longestInputMs = maxLengthMs + 60_000;

const convertTimeoutMs = 60_000;
const maxErrorBytes = 200_000;

/**
 * Containers of single sound files. No playlists (HLS, concat, ...): these name other files, which ffmpeg would read with
 * the daemon's rights.
 */
const containers = "wav,w64,aiff,au,caf,flac,mp3,aac,ogg,mov,matroska,asf,amr";

export type Workshop = {
  readonly soundsFolder: string;
  /** Below the sounds, so that a finished file only needs to be renamed. */
  readonly workFolder: string;
  readonly convertCommand: string;
};

/** Runs a task with a folder of its own, which is gone afterwards. */
export async function withFolder<T>(workshop: Workshop, task: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    await mkdir(workshop.workFolder, { recursive: true });
    folder = await mkdtemp(join(workshop.workFolder, "job-"));
  } catch (error) {
    throw unwritable(error);
  }
  try {
    return await task(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** Throws when a file need not even be looked into. */
export function checkSize(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new AnnouncementError("sound_empty", "The file is empty.");
  if (bytes.length > maxFileBytes) {
    throw new AnnouncementError(
      "sound_too_large",
      `The file has ${Math.ceil(bytes.length / 1e6)} MB, at most ${maxFileBytes / 1e6} MB are taken.`,
    );
  }
}

/**
 * Makes all files of the sound `name` from the bytes of any sound file. Until the last one is there, none counts. `shortestMs`:
 * less sound is refused.
 */
export async function convertSound(
  workshop: Workshop,
  bytes: Uint8Array,
  name: string,
  shortestMs = 0,
): Promise<void> {
  await withFolder(workshop, async (folder) => {
    const input = join(folder, "input");
    await writeFile(input, bytes).catch((error: unknown) => {
      throw unwritable(error);
    });
    const { pcm, clipped } = await decode(workshop, input);
    const found = measure(samplesOf(pcm));
    check(found, clipped, shortestMs);
    const path = join(folder, name);
    const loudness = await encodeLevelled(workshop, pcm.subarray(found.from * 2, found.to * 2), path);
    await writeFile(`${path}.${factsEnding}`, `${JSON.stringify(loudness)}\n`).catch((error: unknown) => {
      throw unwritable(error);
    });
    await putInPlace(folder, workshop.soundsFolder, name);
  });
}

/** How loud the sound at that path (without ending) is; null when that is not known. */
export function loudnessOf(path: string): Loudness | null {
  try {
    const { lufs, peakDbtp } = JSON.parse(readFileSync(`${path}.${factsEnding}`, "utf8"));
    return typeof lufs === "number" && typeof peakDbtp === "number" ? { lufs, peakDbtp } : null;
  } catch {
    // Made by an earlier version, or lost: it is played all the same.
    return null;
  }
}

/** The first sound track as 16 bit samples, mono, and what share of it was clipped by whoever recorded it. */
async function decode(workshop: Workshop, file: string): Promise<{ pcm: Buffer; clipped: number }> {
  const seconds = Math.ceil(longestInputMs / 1000);
  const result = await runCommand(
    workshop.convertCommand,
    [
      ...["-hide_banner", "-nostats", "-nostdin", "-v", "info"],
      ...["-protocol_whitelist", "file,pipe", "-format_whitelist", containers],
      ...["-t", String(seconds), "-i", `file:${file}`],
      ...["-map", "0:a:0", "-af", topsFilters],
      ...["-ac", "1", "-ar", String(measuredRate), "-f", "s16le", "pipe:1"],
    ],
    {
      input: "",
      timeoutMs: convertTimeoutMs,
      maxOutputBytes: (seconds + 1) * measuredRate * 2 + maxErrorBytes,
    },
  );
  if (result.ok) return { pcm: result.stdout, clipped: clippedShare(result.stderr) };
  if (!result.started) throw new AnnouncementError("conversion_failed", `${result.reason}.`);
  throw new AnnouncementError(
    "sound_unreadable",
    "The file holds no sound that can be read; WAV, FLAC, MP3, M4A, Ogg and the like can.",
  );
}

function samplesOf(pcm: Buffer): Int16Array {
  const start = pcm.byteOffset;
  // Copied, because a view needs an even address.
  return new Int16Array(pcm.buffer.slice(start, start + (pcm.length & ~1)));
}

function check(
  { lengthMs, loudestDb, soundMs, from, to }: Measure,
  clipped: number,
  shortestMs: number,
): void {
  if (lengthMs < minLengthMs) throw new AnnouncementError("sound_empty", "There is no sound in the file.");
  if (loudestDb < silenceDb) throw silent();
  if (soundMs < shortestMs) {
    throw new AnnouncementError(
      "sound_too_short",
      `The sound is too short: ${(soundMs / 1000).toFixed(1)} s, at least ${shortestMs / 1000} s are needed. When it is recorded by phone, speak after the tone and end with #.`,
    );
  }
  const playedMs = leadInMs + ((to - from) / measuredRate) * 1000 + tailMs;
  if (playedMs > maxLengthMs || lengthMs >= longestInputMs) {
    throw new AnnouncementError(
      "sound_too_long",
      `The sound is longer than ${maxLengthMs / 1000} seconds, which is the longest that is taken: callers are kept no longer with one announcement.`,
    );
  }
  if (clipped > maxClippedShare) {
    throw new AnnouncementError(
      "sound_clipped",
      `The sound is overdriven: ${(clipped * 100).toFixed(1)} % of it is cut off flat at the highest level, which rattles. Record it again, not as loud.`,
    );
  }
}

const silent = () => new AnnouncementError("sound_silent", "There is nothing but silence in the file.");

/** Tries at this; each measures what came out and does better. */
const maxTries = 6;

/** Writes the files, as loud as all others. */
async function encodeLevelled(workshop: Workshop, pcm: Buffer, path: string): Promise<Loudness> {
  const filters = `aresample=8000,${pauses},${loudnessFilter}`;
  const before = await ask(workshop, [...rawInput, "-af", filters, "-f", "null", "-"], pcm);
  const loudness = readLoudness(before.stderr);
  if (loudness === null) throw silent();
  let levelling: Levelling | null = levellingFor(loudness);
  for (let tries = 0; tries < maxTries; tries += 1) {
    await encode(workshop, pcm, levelling, path);
    const got = await loudnessOfAlaw(workshop, path);
    levelling = corrected(levelling, got);
    if (levelling === null) return got;
  }
  throw new AnnouncementError(
    "sound_unlevel",
    "The sound cannot be made as loud as the other announcements: it is nearly silent but for single bangs or clicks.",
  );
}

/** A sound's format on its way to ffmpeg. */
const rawInput = ["-f", "s16le", "-ar", String(measuredRate), "-ac", "1", "-i", "pipe:0"];
const pauses = `adelay=${leadInMs}:all=1,apad=pad_dur=${(tailMs / 1000).toFixed(3)}`;

async function encode(workshop: Workshop, pcm: Buffer, levelling: Levelling, path: string): Promise<void> {
  const graph = [
    "[0:a]asplit=2[n][w]",
    `[n]${levellingFilters(levelling, 8_000)},${pauses}[narrow]`,
    `[w]${levellingFilters(levelling, 16_000)},${pauses}[wide]`,
  ];
  await ask(
    workshop,
    [
      ...["-y", ...rawInput, "-filter_complex", graph.join(";")],
      ...["-map", "[narrow]", "-ar", "8000", "-c:a", "pcm_alaw", "-f", "alaw", `file:${path}.alaw`],
      ...["-map", "[wide]", "-ar", "16000", "-c:a", "g722", "-f", "g722", `file:${path}.g722`],
    ],
    pcm,
  );
}

async function loudnessOfAlaw(workshop: Workshop, path: string): Promise<Loudness> {
  const input = ["-f", "alaw", "-ar", "8000", "-ac", "1", "-i", `file:${path}.alaw`];
  const result = await ask(workshop, [...input, "-af", loudnessFilter, "-f", "null", "-"], "");
  const loudness = readLoudness(result.stderr);
  if (loudness === null) throw new AnnouncementError("conversion_failed", "The loudness cannot be measured.");
  return loudness;
}

async function ask(workshop: Workshop, args: readonly string[], input: string | Buffer) {
  const result: CommandResult = await runCommand(
    workshop.convertCommand,
    ["-hide_banner", "-nostats", "-v", "info", ...args],
    { input, timeoutMs: convertTimeoutMs, maxOutputBytes: maxErrorBytes },
  );
  if (!result.ok) throw new AnnouncementError("conversion_failed", `${result.reason}.`);
  return result;
}

async function putInPlace(from: string, to: string, name: string): Promise<void> {
  try {
    for (const ending of [factsEnding, ...endings]) {
      // Else a power cut could leave an empty file under the final name.
      const file = await open(join(from, `${name}.${ending}`), "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const ending of [factsEnding, ...endings])
      await rename(join(from, `${name}.${ending}`), join(to, `${name}.${ending}`));
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): AnnouncementError {
  return new AnnouncementError("conversion_failed", `Sounds cannot be written: ${(error as Error).message}.`);
}
