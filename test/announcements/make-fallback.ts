/**
 * Speaks the files of asterisk-config/sounds anew, after a change of their texts or of the formats:
 *
 *   node test/announcements/make-fallback.ts
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { endings } from "../../src/announcements/convert.ts";
import { openSounds } from "../../src/announcements/sounds.ts";
import { fallbackTexts } from "../../src/announcements/texts.ts";

const target = resolve(import.meta.dirname, "../../asterisk-config/sounds");
const soundsFolder = mkdtempSync(join(tmpdir(), "hotline-fallback-"));
const sounds = openSounds({
  soundsFolder,
  speech: "espeak-ng",
  convert: "ffmpeg",
  voice: "de",
  wordsPerMinute: 150,
});
mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(fallbackTexts)) {
  const sound = await sounds.speak(text);
  for (const ending of endings)
    copyFileSync(`${sounds.path(sound)}.${ending}`, join(target, `${name}.${ending}`));
  console.log(`${name}: ${sounds.lengthMs(sound)} ms`);
}
// The tone after which a recording begins.
execFileSync("ffmpeg", [
  "-v",
  "error",
  "-f",
  "lavfi",
  "-i",
  "sine=1000:d=0.3",
  join(soundsFolder, "beep.wav"),
]);
const beep = await sounds.keep(new Uint8Array(readFileSync(join(soundsFolder, "beep.wav"))));
for (const ending of endings) copyFileSync(`${sounds.path(beep)}.${ending}`, join(target, `beep.${ending}`));
rmSync(soundsFolder, { recursive: true });
