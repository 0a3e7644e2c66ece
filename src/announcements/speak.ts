import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { maxFileBytes } from "./convert.ts";
import { AnnouncementError } from "./errors.ts";
import { speakable } from "./texts.ts";

/**
 * What speaks. A single command, for example `espeak-ng`, is called with `-v VOICE -s WORDS_PER_MINUTE -b 1 --stdin -w FILE`.
 * A list is the whole command: in its arguments stand `{{file}}` for the sound file to be written (without it, the sound
 * comes on stdout), `{{text}}` for the text (without it, the text goes to stdin, in UTF-8), `{{voice}}` and
 * `{{words_per_minute}}`. The sound may be of any usual format.
 */
export type SpeechCommand = string | readonly string[];

export type SpeechOptions = {
  readonly speech: SpeechCommand;
  readonly voice: string;
  readonly wordsPerMinute: number;
};

/** A neural voice takes its time on an old machine. */
const speechTimeoutMs = 60_000;
const maxMessageBytes = 200_000;

const likeEspeak = ["-v", "{{voice}}", "-s", "{{words_per_minute}}", "-b", "1", "--stdin", "-w", "{{file}}"];

/** The spoken text as a sound file. Works in that folder. Throws AnnouncementError. */
export async function speakInto(
  folder: string,
  { speech, voice, wordsPerMinute }: SpeechOptions,
  text: string,
): Promise<Uint8Array> {
  const file = join(folder, "speech.wav");
  const words = speakable(text);
  const values = { file, text: words, voice, words_per_minute: String(wordsPerMinute) };
  const [command = "", ...args] = typeof speech === "string" ? [speech, ...likeEspeak] : speech;
  const uses = (name: keyof typeof values) => args.some((arg) => arg.includes(`{{${name}}}`));
  const result = await runCommand(
    command,
    // In one go, so that nothing in the text is taken for a placeholder.
    args.map((arg) =>
      arg.replace(/\{\{(file|text|voice|words_per_minute)\}\}/g, (_, name) => values[name as "file"]),
    ),
    {
      input: uses("text") ? "" : words,
      timeoutMs: speechTimeoutMs,
      maxOutputBytes: uses("file") ? maxMessageBytes : maxFileBytes,
    },
  );
  if (!result.ok) throw new AnnouncementError("speech_failed", `${result.reason}.`);
  if (!uses("file")) {
    if (result.stdout.length > 0) return result.stdout;
    throw new AnnouncementError("speech_failed", `${command} wrote no sound to stdout.`);
  }
  try {
    return await readFile(file);
  } catch {
    // espeak-ng ends with success when it could not write.
    throw new AnnouncementError("speech_failed", `${command} wrote no file.`);
  }
}

export function nameOf(speech: SpeechCommand): string {
  return typeof speech === "string" ? speech : (speech[0] ?? "");
}
