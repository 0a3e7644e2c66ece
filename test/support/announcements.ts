/** Announcements in tests: tones, which are short and told apart at once, and where the real ones lie. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { confirmationText, spokenText } from "../../src/announcements/sentences.ts";
import { openSounds } from "../../src/announcements/sounds.ts";
import type { AnnouncementView } from "../../src/api/schemas.ts";
import { loadConfig } from "../../src/config/load.ts";
import { homePaths } from "../../src/config/paths.ts";
import type { Confirmation } from "../../src/core/effects.ts";
import type { Announcement, Spoken } from "../../src/core/hotlines.ts";
import { readSound, writeWav } from "./codecs.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";
import { sine } from "./tones.ts";

/** Puts a tone in the place of an announcement, as a sysadmin would put a recording there. */
export async function announceTone(
  system: System,
  name: Announcement,
  hertz: number,
  lengthMs = 1_000,
): Promise<void> {
  const file = join(system.home, `../${name}-${hertz}.wav`);
  writeWav(file, sine(hertz, lengthMs));
  await system.change("announce", "import", "demo", name, file);
  rmSync(file);
}

/** What callers hear as this announcement, from the system's own sound file. */
export async function announcementSound(
  system: System,
  name: Announcement,
  codec: "alaw" | "g722" = "alaw",
): Promise<Int16Array> {
  const known = await system.json<AnnouncementView[]>("announce", "list", "demo");
  const wanted = known.find((each) => each.name === name);
  assert(wanted, `there is no announcement ${name}`);
  const folder = join(system.home, "sounds");
  // Found by its length (in both formats a byte is an eighth of a millisecond), since only the daemon knows its name.
  const isAsLong = (file: string) => Math.abs(statSync(join(folder, file)).size / 8 - wanted.lengthMs) <= 1;
  const [file, ...others] = readdirSync(folder).filter(
    (name) => name.endsWith(`.${codec}`) && isAsLong(name),
  );
  assert(
    file !== undefined && others.length === 0,
    `${others.length + 1} sound files are as long as ${name}`,
  );
  return readSound(join(folder, file));
}

/** What an agent hears after dialling a code, from the system's own sound file; waits until that was made. */
export const confirmationSound = (system: System, confirmation: Confirmation): Promise<Int16Array> =>
  sentenceSound(system, confirmationText(confirmation));

/** What a caller hears of place or wait, from the system's own sound file; waits until that was made. */
export const spokenSound = (system: System, spoken: Spoken): Promise<Int16Array> =>
  sentenceSound(system, spokenText(spoken));

async function sentenceSound(system: System, text: string): Promise<Int16Array> {
  const { announcements } = await loadConfig(system.home);
  // In a folder of its own: only the daemon may work in the real one. The name is the same.
  const soundsFolder = join(system.home, "../names");
  const name = openSounds({ ...announcements, soundsFolder }).nameOfText(text);
  const files = ["alaw", "g722"].map((ending) =>
    join(homePaths(system.home).sounds, "sentences", `${name}.${ending}`),
  );
  await poll(`the sound of "${text}"`, 20_000, () => files.every((file) => existsSync(file)) || undefined);
  return readSound(files[0] ?? "");
}
