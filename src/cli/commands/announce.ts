import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import type { AnnouncementView } from "../../api/schemas.ts";
import type { AdminApi } from "../admin-api.ts";
import { failure, wrongUse } from "../errors.ts";
import { examples, someText } from "../options.ts";
import { changing, openSession, type Session } from "../session.ts";
import { lengthText, table } from "../text.ts";

/** Ten minutes of CD quality are 100 MB; no announcement is that long. */
const fileBytesMax = 50_000_000;
/** Far more than can be spoken. */
const textBytesMax = 100_000;

export function addAnnounce(program: Command): void {
  const announce = program
    .command("announce")
    .description("What callers hear: list the announcements, put own texts and recordings in their place.");
  addList(announce);
  addSay(announce);
  addReset(announce);
  addPlay(announce);
  addRecord(announce);
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
        const rows = announcements.map((each) => [
          each.name,
          each.isDefault ? "default" : each.source === "text" ? "text" : "recording",
          each.lengthMs === 0 ? "-" : lengthText(each.lengthMs),
          each.loudnessLufs === null ? "-" : `${each.loudnessLufs.toFixed(1)} LUFS`,
          each.text,
        ]);
        return table(["NAME", "SOURCE", "LENGTH", "LOUDNESS", "TEXT OR FILE"], rows);
      });
    });
  examples(command, [["hotline announce list demo", ""]]);
}

function addSay(announce: Command): void {
  const command = withName(announce, "say", "Has a text spoken as an announcement.")
    .argument("[text...]", "what is spoken; - reads it from stdin")
    .option("--file <file>", "a file that holds the text, in UTF-8; - is stdin")
    .addHelpText(
      "after",
      `
In the text may stand:
  {{hotline}}       the hotline's name
  {{next_opening}}  when it opens next: "morgen ab acht Uhr", "wieder am Montag, dem siebten Dezember, ab acht Uhr"
  {{position}}      the caller's place in the queue: "drei"; only in waiting_1, waiting_2 and waiting_3`,
    );
  command.action(
    async (hotline: string, name: string, words: string[], { file }: { file?: string }, self) => {
      const said = await readText(words.length === 0 ? undefined : words.join(" "), file);
      const session = openSession(self);
      await session.confirm(() => `Callers of ${hotline} will hear as "${name}": ${said.trim()} Go on?`);
      session.print(await (await session.api()).sayAnnouncement(hotline, name, said), describeText);
    },
  );
  changing(command);
  examples(command, [
    ['hotline announce say demo closed "Wir sind {{next_opening}} für Sie da."', ""],
    ["hotline announce say demo greeting --file greeting.txt", ""],
  ]);
}

function addReset(announce: Command): void {
  const command = withName(announce, "reset", "Has an announcement speak its default text again.").action(
    async (hotline: string, name: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Callers of ${hotline} will hear the default text as "${name}". Go on?`);
      session.print(await (await session.api()).resetAnnouncement(hotline, name), describeText);
    },
  );
  changing(command);
  examples(command, [["hotline announce reset demo greeting", ""]]);
}

/** A command about one announcement of one hotline. */
const withName = (announce: Command, verb: string, description: string): Command =>
  announce
    .command(verb)
    .description(description)
    .argument("<hotline>", "which hotline", someText)
    .argument("<name>", "which announcement, from `hotline announce list`", someText);

function describeText({ hotline, name, text, spoken, lengthMs }: AnnouncementView): string {
  const length = lengthMs === 0 ? "is being made" : lengthText(lengthMs);
  return `Callers of ${hotline} now hear as "${name}" (${length}): ${spoken ?? text}`;
}

/** The text from where it was said to be; exactly one place. */
async function readText(text: string | undefined, file: string | undefined): Promise<string> {
  if (text !== undefined && file !== undefined) throw wrongUse("give the text or --file, not both");
  const source = file ?? (text === "-" ? "-" : undefined);
  if (source === undefined) {
    if (text === undefined)
      throw wrongUse('what is to be said? Give "the text", or --file FILE, or - for stdin');
    return text;
  }
  const bytes = source === "-" ? await readStdin() : await readFrom(source, textBytesMax);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw failure(`${source === "-" ? "stdin" : source} is no text in UTF-8`, error);
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > textBytesMax) throw failure(`stdin is too big: at most ${textBytesMax / 1000} kB`);
  }
  return Buffer.concat(chunks);
}

/** Before it rings for half a minute. Throws when there is no such agent. */
async function sayCalling(session: Session, api: AdminApi, id: string, then: string): Promise<void> {
  await api.agent(id);
  if (!session.json) process.stderr.write(`Calling the phone of agent ${id} ...${then}\n`);
}

function addPlay(announce: Command): void {
  const command = withName(
    announce,
    "play",
    "Calls an agent's phone and plays an announcement, as callers hear it.",
  )
    .requiredOption("--agent <id>", "whose phone is called", someText)
    .action(async (hotline: string, name: string, { agent }: { agent: string }, self: Command) => {
      const session = openSession(self);
      const api = await session.api();
      await sayCalling(session, api, agent, "");
      session.print(await api.playAnnouncement(hotline, name, agent), ({ heard }) =>
        heard === "to_end" ? `Agent ${agent} has heard it.` : `Agent ${agent} has hung up before its end.`,
      );
    });
  examples(command, [["hotline announce play demo closed --agent 201", ""]]);
}

function addRecord(announce: Command): void {
  const command = withName(
    announce,
    "record",
    "Calls an agent's phone and records an announcement: what is spoken after the tone, until # or hanging up.",
  )
    .requiredOption("--agent <id>", "whose phone is called", someText)
    .action(async (hotline: string, name: string, { agent }: { agent: string }, self: Command) => {
      const session = openSession(self);
      await session.confirm(
        () =>
          `The phone of agent ${agent} rings; callers of ${hotline} will hear what is spoken as "${name}". Go on?`,
      );
      const api = await session.api();
      if (!session.dryRun) await sayCalling(session, api, agent, " Speak after the tone.");
      session.print(await api.recordAnnouncement(hotline, name, agent), describeImport);
    });
  changing(command);
  examples(command, [["hotline announce record demo greeting --agent 201", ""]]);
}

function addImport(announce: Command): void {
  const command = withName(
    announce,
    "import",
    "Puts a recording in the place of an announcement. The file is converted as needed.",
  )
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

const readSound = async (file: string): Promise<Buffer> => {
  const content = await readFrom(file, fileBytesMax);
  if (content.length === 0) throw failure(`${file} is empty`);
  return content;
};

async function readFrom(file: string, bytesMax: number): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > bytesMax)
      throw failure(`${file} is too big: ${sizeText(size)}, at most ${sizeText(bytesMax)}`);
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure(`there is no file ${file}`, error);
    if (code === "EACCES") throw failure(`${file} may not be read by this user`, error);
    if (code === "EISDIR") throw failure(`${file} is a folder, not a file`, error);
    throw error;
  }
}

const sizeText = (bytes: number): string =>
  bytes >= 1e6 ? `${Math.ceil(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
