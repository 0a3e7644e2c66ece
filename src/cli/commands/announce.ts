import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import type { AnnouncementView } from "../../api/schemas.ts";
import { failure } from "../errors.ts";
import { examples, someText } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { lengthText, table } from "../text.ts";

/** Ten minutes of CD quality are 100 MB; no announcement is that long. */
const fileBytesMax = 50 * 1024 * 1024;

export function addAnnounce(program: Command): void {
  const announce = program
    .command("announce")
    .description("What callers hear: list the announcements, put an own recording in their place.");
  addList(announce);
  addImport(announce);
  examples(announce, [
    ["hotline announce list demo", ""],
    ["hotline announce import demo greeting greeting.wav", "your own voice"],
  ]);
}

function addList(announce: Command): void {
  const command = announce
    .command("list")
    .description("Lists a hotline's announcements, spoken from text or recorded.")
    .argument("[hotline]", "which hotline; not needed while there is only one", someText)
    .action(async (named: string | undefined, _options: object, self: Command) => {
      const session = openSession(self);
      const hotline = await session.hotline(named);
      session.print(await (await session.api()).announcements(hotline), (announcements) => {
        if (announcements.length === 0) return "There are no announcements yet.";
        const rows = announcements.map(({ name, source, lengthMs, text }) => [
          name,
          source === "text" ? "spoken" : "recording",
          lengthText(lengthMs),
          text,
        ]);
        return table(["NAME", "SOURCE", "LENGTH", "TEXT OR FILE"], rows);
      });
    });
  examples(command, [["hotline announce list demo", ""]]);
}

function addImport(announce: Command): void {
  const command = announce
    .command("import")
    .description("Puts a recording in the place of an announcement. The file is converted as needed.")
    .argument("<hotline>", "which hotline", someText)
    .argument("<name>", "which announcement, from `hotline announce list`", someText)
    .argument("<file>", "a sound file, such as a WAV")
    .action(async (hotline: string, name: string, file: string, _options: object, self: Command) => {
      const contentBase64 = (await readSound(file)).toString("base64");
      const session = openSession(self);
      await session.confirm(() => `Callers of ${hotline} will hear ${file} as "${name}". Go on?`);
      const api = await session.api();
      session.print(
        await api.importAnnouncement(hotline, name, { fileName: basename(file), contentBase64 }),
        describeImport,
      );
    });
  changing(command);
  examples(command, [["hotline announce import demo greeting file.wav", ""]]);
}

function describeImport({ hotline, name, text, lengthMs }: AnnouncementView): string {
  return `Callers of ${hotline} now hear ${text} as "${name}" (${lengthText(lengthMs)}).`;
}

async function readSound(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > fileBytesMax)
      throw failure(
        `${file} is too big: ${Math.ceil(size / 1e6)} MB, at most ${Math.floor(fileBytesMax / 1e6)} MB`,
      );
    const content = await readFile(file);
    if (content.length === 0) throw failure(`${file} is empty`);
    return content;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure(`there is no file ${file}`, error);
    if (code === "EACCES") throw failure(`${file} may not be read by this user`, error);
    if (code === "EISDIR") throw failure(`${file} is a folder, not a sound file`, error);
    throw error;
  }
}
