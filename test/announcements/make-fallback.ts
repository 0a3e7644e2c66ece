/**
 * Speaks the files of asterisk-config/sounds anew, after a change of their texts or of the formats:
 *
 *   node test/announcements/make-fallback.ts
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
rmSync(soundsFolder, { recursive: true });
