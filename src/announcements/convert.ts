import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { AnnouncementError } from "./errors.ts";
import { gainDb, type Measure, measure, measuredRate } from "./level.ts";

/**
 * Part of every file's name. To be raised when the way from text or recording to file changes, so that old files are not
 * taken for new ones.
 */
export const formatVersion = 1;

/**
 * The endings of one sound's files. Callers and phones talk A-law or G.722, which Asterisk then sends as they lie there;
 * µ-law it makes from A-law by a table. Nothing would play a .wav or .sln16 beside them.
 */
export const endings = ["alaw", "g722"] as const;
/** Both formats take 64 kbit/s. */
export const bytesPerSecond = 8000;

export const maxFileBytes = 50_000_000;
export const maxLengthMs = 5 * 60_000;
const minLengthMs = 100;
const silenceDb = -50;

/** Silence before the first syllable, which the start of the audio path would swallow, and after the last one. */
const leadInMs = 250;
const tailMs = 250;

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

/** Makes all files of the sound `name` from the bytes of any sound file. Until the last one is there, none counts. */
export async function convertSound(workshop: Workshop, bytes: Uint8Array, name: string): Promise<void> {
  await withFolder(workshop, async (folder) => {
    const input = join(folder, "input");
    await writeFile(input, bytes).catch((error: unknown) => {
      throw unwritable(error);
    });
    const pcm = await decode(workshop, input);
    const found = measure(samplesOf(pcm));
    check(found);
    await encode(workshop, pcm, gainDb(found), join(folder, name));
    await putInPlace(folder, workshop.soundsFolder, name);
  });
}

/** The first sound track as 16 bit samples, mono. */
async function decode(workshop: Workshop, file: string): Promise<Buffer> {
  const seconds = maxLengthMs / 1000 + 1;
  const result = await runCommand(
    workshop.convertCommand,
    [
      ...["-hide_banner", "-nostdin", "-v", "error"],
      ...["-protocol_whitelist", "file,pipe", "-format_whitelist", containers],
      ...["-t", String(seconds), "-i", `file:${file}`],
      ...["-map", "0:a:0", "-ac", "1", "-ar", String(measuredRate), "-f", "s16le", "pipe:1"],
    ],
    {
      input: "",
      timeoutMs: convertTimeoutMs,
      maxOutputBytes: (seconds + 1) * measuredRate * 2 + maxErrorBytes,
    },
  );
  if (result.ok) return result.stdout;
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

function check({ lengthMs, loudestDb }: Measure): void {
  if (lengthMs > maxLengthMs) {
    throw new AnnouncementError(
      "sound_too_long",
      `The sound is longer than ${maxLengthMs / 60_000} minutes, which is the longest that is taken.`,
    );
  }
  if (lengthMs < minLengthMs) throw new AnnouncementError("sound_empty", "There is no sound in the file.");
  if (loudestDb < silenceDb) {
    throw new AnnouncementError("sound_silent", "There is nothing but silence in the file.");
  }
}

async function encode(workshop: Workshop, pcm: Buffer, gain: number, path: string): Promise<void> {
  const filters = [
    `volume=${gain.toFixed(2)}dB`,
    `adelay=${leadInMs}:all=1`,
    `apad=pad_dur=${(tailMs / 1000).toFixed(3)}`,
    "asplit=2[narrow][wide]",
  ];
  const result = await runCommand(
    workshop.convertCommand,
    [
      ...["-hide_banner", "-v", "error", "-y"],
      ...["-f", "s16le", "-ar", String(measuredRate), "-ac", "1", "-i", "pipe:0"],
      ...["-filter_complex", `[0:a]${filters.join(",")}`],
      ...["-map", "[narrow]", "-ar", "8000", "-c:a", "pcm_alaw", "-f", "alaw", `file:${path}.alaw`],
      ...["-map", "[wide]", "-ar", "16000", "-c:a", "g722", "-f", "g722", `file:${path}.g722`],
    ],
    { input: pcm, timeoutMs: convertTimeoutMs, maxOutputBytes: maxErrorBytes },
  );
  if (!result.ok) throw new AnnouncementError("conversion_failed", `${result.reason}.`);
}

async function putInPlace(from: string, to: string, name: string): Promise<void> {
  try {
    for (const ending of endings) {
      // Else a power cut could leave an empty file under the final name.
      const file = await open(join(from, `${name}.${ending}`), "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const ending of endings)
      await rename(join(from, `${name}.${ending}`), join(to, `${name}.${ending}`));
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): AnnouncementError {
  return new AnnouncementError("conversion_failed", `Sounds cannot be written: ${(error as Error).message}.`);
}
