import { basename, join, resolve } from "node:path";
import type { Logger } from "pino";
import type { AnnouncementView } from "../api/schemas.ts";
import { type Announcement, announcements as names } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import { AnnouncementError } from "./errors.ts";
import { inTurn } from "./limit.ts";
import { openSounds, type SoundOptions, type Sounds } from "./sounds.ts";
import { defaultTexts, fallbackOf } from "./texts.ts";

/** What is stored of an announcement that an administrator set. Those without a row have the default text. */
export type AnnouncementRow = {
  readonly hotline: HotlineId;
  readonly name: Announcement;
  readonly source: "text" | "file";
  /** What is spoken, or the name of the imported file. */
  readonly text: string;
  /** Name of the sound in the sounds folder, without an ending. */
  readonly sound: string;
  readonly lengthMs: number;
};

export type AnnouncementsOptions = SoundOptions & {
  readonly rows: Iterable<AnnouncementRow>;
  /** Stores a row. What callers hear changes when it resolves, and stays when it rejects. */
  readonly save: (row: AnnouncementRow) => Promise<void>;
  readonly logger: Pick<Logger, "info" | "warn">;
};

/** An announcement that could not be made; callers hear an older or a static one. */
export type AnnouncementProblem = { readonly name: Announcement; readonly message: string };

export type Announcements = {
  /**
   * Sees to it that all announcements of a hotline lie ready as files. Never rejects: what could not be made is returned
   * and logged. Made sounds stay, so that asking again costs next to nothing.
   */
  prepareHotline(hotline: HotlineId): Promise<readonly AnnouncementProblem[]>;
  /** What Asterisk is to play now. There is always something. */
  mediaOf(hotline: HotlineId, name: Announcement): string;
  /** What is set; a length of 0 means that it could not be made yet. */
  list(hotline: HotlineId): AnnouncementView[];
  /**
   * Puts a recording in the place of an announcement: converted, stored, heard from the next call on. Throws
   * AnnouncementError (or what `save` threw), and then nothing has changed.
   */
  importFile(
    hotline: HotlineId,
    name: Announcement,
    fileName: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ row: AnnouncementRow; view: AnnouncementView }>;
};

/** Each one waiting may hold 50 MB. */
const maxImportsAtOnce = 4;

/** At the same place in the sources and in the built package. */
const fallbackFolder = resolve(import.meta.dirname, "../../asterisk-config/sounds");

export function createAnnouncements(options: AnnouncementsOptions): Announcements {
  const { save, logger } = options;
  const sounds = openSounds(options);
  for (const folder of [sounds.path(""), fallbackFolder]) {
    // ARI takes a comma in a media URI for the end of it.
    if (folder.includes(",")) throw new Error(`the path of the sounds must not contain a comma: ${folder}`);
  }
  const rows = new Map<string, AnnouncementRow>();
  for (const row of options.rows) rows.set(keyOf(row.hotline, row.name), row);
  const oneAfterTheOther = inTurn();
  let imports = 0;

  const put = async (
    hotline: HotlineId,
    name: Announcement,
    fileName: string,
    bytes: Uint8Array<ArrayBuffer>,
  ) => {
    const sound = await sounds.keep(bytes);
    const lengthMs = sounds.lengthMs(sound) ?? 0;
    const row: AnnouncementRow = { hotline, name, source: "file", text: shown(fileName), sound, lengthMs };
    await save(row);
    rows.set(keyOf(hotline, name), row);
    logger.info({ hotline, announcement: name, sound, lengthMs }, "announcement imported");
    return { row, view: viewOf(sounds, hotline, name, row) };
  };

  return {
    async prepareHotline(hotline) {
      const problems = await Promise.all(
        names.map((name) => prepare(sounds, name, rows.get(keyOf(hotline, name)))),
      );
      const found = problems.flat();
      for (const { name, message } of found) {
        logger.warn({ hotline, announcement: name, reason: message }, "announcement could not be made");
      }
      return found;
    },
    mediaOf: (hotline, name) => `sound:${playable(sounds, name, rows.get(keyOf(hotline, name)))}`,
    list: (hotline) => names.map((name) => viewOf(sounds, hotline, name, rows.get(keyOf(hotline, name)))),
    async importFile(hotline, name, fileName, bytes) {
      if (imports >= maxImportsAtOnce) {
        throw new AnnouncementError("busy", "Other sound files are being imported; try again in a moment.");
      }
      imports += 1;
      try {
        // In their order, so that the last one to come is the one that stays, stored as well as heard.
        return await oneAfterTheOther(keyOf(hotline, name), () => put(hotline, name, fileName, bytes));
      } finally {
        imports -= 1;
      }
    },
  };
}

const keyOf = (hotline: HotlineId, name: Announcement) => `${hotline}/${name}`;

/** The default text is spoken in any case: it is what is left when an own recording is lost. */
async function prepare(
  sounds: Sounds,
  name: Announcement,
  row: AnnouncementRow | undefined,
): Promise<AnnouncementProblem[]> {
  const problems: AnnouncementProblem[] = [];
  if (row?.source === "file" && sounds.lengthMs(row.sound) === null) {
    problems.push({ name, message: `the imported recording ${row.text} is missing; import it again.` });
  }
  const texts = new Set([row?.source === "text" ? row.text : defaultTexts[name], defaultTexts[name]]);
  for (const text of texts) {
    try {
      await sounds.speak(text);
    } catch (error) {
      problems.push({ name, message: (error as Error).message });
    }
  }
  return problems;
}

/** The best there is: what is set, an older version of it, the default, what came with the program. */
function playable(sounds: Sounds, name: Announcement, row: AnnouncementRow | undefined): string {
  const candidates = [sounds.nameOfText(defaultTexts[name])];
  // Only a bare name: no stored row may lead elsewhere.
  if (row && basename(row.sound) === row.sound) candidates.unshift(row.sound);
  if (row?.source === "text") candidates.unshift(sounds.nameOfText(row.text));
  const found = candidates.find((candidate) => sounds.lengthMs(candidate) !== null);
  return found === undefined ? join(fallbackFolder, fallbackOf(name)) : sounds.path(found);
}

function viewOf(
  sounds: Sounds,
  hotline: HotlineId,
  name: Announcement,
  row: AnnouncementRow | undefined,
): AnnouncementView {
  const source = row?.source ?? "text";
  const text = row?.text ?? defaultTexts[name];
  const sound = row && source === "file" ? row.sound : sounds.nameOfText(text);
  return { hotline, name, source, text, lengthMs: sounds.lengthMs(sound) ?? 0 };
}

/** A file's name for people to read, without its folder. */
function shown(fileName: string): string {
  const name = fileName.split(/[/\\]/).at(-1) ?? "";
  return name.replace(/\p{C}/gu, "").trim().slice(0, 255) || "recording";
}
