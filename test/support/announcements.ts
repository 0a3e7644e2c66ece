/** Announcements in tests: tones, which are short and told apart at once, and where the real ones lie. */
import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AnnouncementView } from "../../src/api/schemas.ts";
import type { Announcement } from "../../src/core/hotlines.ts";
import { readSound, writeWav } from "./codecs.ts";
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
