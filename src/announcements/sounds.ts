import { createHash, webcrypto } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import {
  bytesPerSecond,
  checkSize,
  convertSound,
  endings,
  formatVersion,
  loudnessOf,
  maxLengthMs,
  minRecordedMs,
  type Workshop,
  withFolder,
} from "./convert.ts";
import { AnnouncementError } from "./errors.ts";
import { limitTo } from "./limit.ts";
import type { Loudness } from "./loudness.ts";
import { nameOf, type SpeechCommand, speakInto } from "./speak.ts";
import { speakable } from "./texts.ts";

export type SoundOptions = {
  readonly soundsFolder: string;
  readonly speech: SpeechCommand;
  /** ffmpeg. */
  readonly convert: string;
  readonly voice: string;
  readonly wordsPerMinute: number;
};

/** Sounds by name: the same text or the same recording always has the same name, and is made once. */
export type Sounds = {
  nameOfText(text: string): string;
  /** The name; the files are there when it resolves. Throws AnnouncementError. */
  speak(text: string): Promise<string>;
  /** The name; the files are there when it resolves. Throws AnnouncementError. */
  keep(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** Null unless all files of the sound are there. */
  lengthMs(name: string): number | null;
  /** Null when it is not known. */
  loudness(name: string): Loudness | null;
  /** Without an ending. */
  path(name: string): string;
};

const hashLength = 32;
/** Sounds made at the same time. */
export const maxParallel = Math.min(4, availableParallelism());

/** Removes what an earlier run left half done, so there must be only one for a folder. */
export function openSounds(options: SoundOptions): Sounds {
  const soundsFolder = resolve(options.soundsFolder);
  const workshop: Workshop = {
    soundsFolder,
    workFolder: join(soundsFolder, ".work"),
    convertCommand: options.convert,
  };
  try {
    rmSync(workshop.workFolder, { recursive: true, force: true });
  } catch {
    // A folder that cannot be written shows when something is to be made.
  }
  const limit = limitTo(maxParallel);
  const underWay = new Map<string, Promise<string>>();
  const lengthMs = (name: string) => lengthOf(join(soundsFolder, name));

  /** Makes a sound unless it is there or being made. */
  const once = (name: string, make: () => Promise<void>): Promise<string> => {
    if (lengthMs(name) !== null) return Promise.resolve(name);
    let job = underWay.get(name);
    if (!job) {
      job = limit(make)
        .then(() => name)
        .finally(() => underWay.delete(name));
      underWay.set(name, job);
    }
    return job;
  };

  const { speech, voice, wordsPerMinute } = options;
  const nameOfText = (text: string) =>
    `text-${hash(JSON.stringify([formatVersion, speech, voice, wordsPerMinute, speakable(text)]))}`;
  return {
    nameOfText,
    speak(text) {
      const name = nameOfText(text);
      return once(name, () => makeSpoken(workshop, options, text, name));
    },
    async keep(bytes) {
      checkSize(bytes);
      const name = `file-${await hashInBackground(bytes)}`;
      return once(name, () => convertSound(workshop, bytes, name, minRecordedMs));
    },
    lengthMs,
    loudness: (name) => loudnessOf(join(soundsFolder, name)),
    path: (name) => join(soundsFolder, name),
  };
}

/** The length of a sound whose files all are there, by its path without ending; null if one is missing or empty. */
export function lengthOf(path: string): number | null {
  let bytes = 0;
  try {
    for (const ending of endings) {
      bytes = statSync(`${path}.${ending}`).size;
      if (bytes === 0) return null;
    }
  } catch {
    return null;
  }
  return Math.round((bytes / bytesPerSecond) * 1000);
}

async function makeSpoken(
  workshop: Workshop,
  options: SoundOptions,
  text: string,
  name: string,
): Promise<void> {
  const speech = await withFolder(workshop, (folder) => speakInto(folder, options, text));
  try {
    await convertSound(workshop, speech, name);
  } catch (error) {
    if (!(error instanceof AnnouncementError) || error.code === "conversion_failed") throw error;
    if (error.code === "sound_too_long")
      throw new AnnouncementError(
        "text_invalid",
        `The text takes longer than ${maxLengthMs / 1000} seconds to speak, which is the longest that is taken: callers are kept no longer with one announcement.`,
      );
    throw new AnnouncementError(
      "speech_failed",
      `${nameOf(options.speech)} spoke nothing usable: ${error.message}`,
    );
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hashLength);
}

/** A large file would hold up the calls for a tenth of a second. */
async function hashInBackground(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sum = await webcrypto.subtle.digest("SHA-256", bytes);
  return `${formatVersion}-${Buffer.from(sum).toString("hex").slice(0, hashLength)}`;
}
