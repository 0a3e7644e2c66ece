import { basename, join, resolve } from "node:path";
import type { Logger } from "pino";
import type { AnnouncementView } from "../api/schemas.ts";
import type { Confirmation } from "../core/effects.ts";
import type { Announcement, RecordedAnnouncement, Spoken } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import { AnnouncementError } from "./errors.ts";
import { inTurn } from "./limit.ts";
import { type OnTrouble, Preparation } from "./preparation.ts";
import { confirmationText, spokenText } from "./sentences.ts";
import {
  type AnnouncedHotline,
  type AnnouncementRow,
  isRecorded,
  type Setting,
  Settings,
} from "./settings.ts";
import { openSounds, type SoundOptions, type Sounds } from "./sounds.ts";
import { confirmationFallback, fallbackOf } from "./texts.ts";

export type AnnouncementsOptions = SoundOptions & {
  readonly rows: Iterable<AnnouncementRow>;
  /** Stores a row. What callers hear changes when it resolves, and stays when it rejects. */
  readonly save: (row: AnnouncementRow) => Promise<void>;
  readonly onTrouble: OnTrouble;
  readonly logger: Pick<Logger, "info">;
};

/** Preparing never rejects: what could not be made is told to `onTrouble`. Made sounds stay, so doing it again costs little. */
export type Announcements = {
  /**
   * Before the first call: what may be the first that a caller hears, as fast as the machine can. Waits no longer than
   * `atMostMs`; the rest is made all the same.
   */
  prepareArrivals(hotlines: readonly AnnouncedHotline[], atMostMs: number): Promise<void>;
  /** All the hotline needs, one sound at a time. To be called at the start and whenever the hotline was changed. */
  prepareHotline(hotline: AnnouncedHotline): Promise<void>;
  /** What phones say after a code was dialled, one sound at a time. */
  prepareConfirmations(): Promise<void>;
  forgetHotline(hotline: HotlineId): void;
  /** Begins no more sounds; one under way is finished. */
  stop(): void;
  /** What Asterisk is to play now. There is always something. `spoken`: what a computed announcement says. */
  mediaOf(hotline: HotlineId, name: Announcement, spoken: Spoken | null): string;
  /** What an agent hears who has dialled a code. There is always something. */
  confirmationMedia(confirmation: Confirmation): string;
  /** What is set; a length of 0 means that it could not be made yet. */
  list(hotline: HotlineId): AnnouncementView[];
  /**
   * Puts a recording in the place of an announcement: converted, stored, heard from the next call on. Throws
   * AnnouncementError (or what `save` threw), and then nothing has changed.
   */
  importFile(
    hotline: HotlineId,
    name: RecordedAnnouncement,
    fileName: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ row: AnnouncementRow; view: AnnouncementView }>;
};

/** Each one waiting may hold 50 MB. */
const maxImportsAtOnce = 4;

/** At the same place in the sources and in the built package. */
const fallbackFolder = resolve(import.meta.dirname, "../../asterisk-config/sounds");

export function createAnnouncements(options: AnnouncementsOptions): Announcements {
  const sounds = openSounds(options);
  for (const folder of [sounds.path(""), fallbackFolder]) {
    // ARI takes a comma in a media URI for the end of it.
    if (folder.includes(",")) throw new Error(`the path of the sounds must not contain a comma: ${folder}`);
  }
  const sentences = openSounds({ ...options, soundsFolder: join(options.soundsFolder, "sentences") });
  const settings = new Settings(options.rows);
  const preparation = new Preparation(sounds, sentences, settings, options.onTrouble);
  const pathOf = (hotline: HotlineId, name: RecordedAnnouncement) =>
    playable(sounds, settings.of(hotline, name));
  const sentence = (text: string) => existing(sentences, [sentences.nameOfText(text)]);
  return {
    prepareArrivals: (hotlines, atMostMs) => preparation.arrivals(hotlines, atMostMs),
    prepareHotline: (hotline) => preparation.hotline(hotline),
    prepareConfirmations: () => preparation.sentences("confirmations"),
    forgetHotline(hotline) {
      settings.forget(hotline);
      preparation.forget(hotline);
    },
    stop: () => preparation.stop(),
    mediaOf(hotline, name, spoken) {
      if (isRecorded(name)) return `sound:${pathOf(hotline, name)}`;
      const computed = spoken && sentence(spokenText(spoken));
      return `sound:${computed ?? pathOf(hotline, "waiting_1")}`;
    },
    confirmationMedia(confirmation) {
      const path = sentence(confirmationText(confirmation));
      return `sound:${path ?? join(fallbackFolder, confirmationFallback)}`;
    },
    list: (hotline) => settings.all(hotline).map((setting) => viewOf(sounds, hotline, setting)),
    importFile: importer(options, sounds, settings, preparation),
  };
}

function importer(
  { save, logger }: AnnouncementsOptions,
  sounds: Sounds,
  settings: Settings,
  preparation: Preparation,
): Announcements["importFile"] {
  const oneAfterTheOther = inTurn();
  let imports = 0;
  return async (hotline, name, fileName, bytes) => {
    if (imports >= maxImportsAtOnce) {
      throw new AnnouncementError("busy", "Other sound files are being imported; try again in a moment.");
    }
    imports += 1;
    try {
      // In their order, so that the last one to come is the one that stays, stored as well as heard.
      return await oneAfterTheOther(`${hotline}/${name}`, async () => {
        const sound = await sounds.keep(bytes);
        const lengthMs = sounds.lengthMs(sound) ?? 0;
        const row: AnnouncementRow = {
          hotline,
          name,
          source: "file",
          text: shown(fileName),
          sound,
          lengthMs,
        };
        await save(row);
        settings.set(row);
        logger.info({ hotline, announcement: name, sound, lengthMs }, "announcement imported");
        // It may have taken the place of one that was missing.
        preparation.again(hotline);
        return { row, view: viewOf(sounds, hotline, settings.of(hotline, name)) };
      });
    } finally {
      imports -= 1;
    }
  };
}

/** The path of the first of these sounds whose files are there. */
function existing(sounds: Sounds, names: readonly string[]): string | null {
  const found = names.find((name) => sounds.lengthMs(name) !== null);
  return found === undefined ? null : sounds.path(found);
}

/** The best there is: what is set, an older version of it, the default, what came with the program. */
function playable(sounds: Sounds, { name, row, text, textBefore }: Setting): string {
  const candidates = [sounds.nameOfText(text)];
  if (textBefore !== null) candidates.push(sounds.nameOfText(textBefore));
  // Only a bare name: no stored row may lead elsewhere.
  if (row && basename(row.sound) === row.sound) candidates.unshift(row.sound);
  if (row?.source === "text") candidates.unshift(sounds.nameOfText(row.text));
  return existing(sounds, candidates) ?? join(fallbackFolder, fallbackOf[name]);
}

function viewOf(sounds: Sounds, hotline: HotlineId, { name, row, text }: Setting): AnnouncementView {
  const source = row?.source ?? "text";
  const shownText = row?.text ?? text;
  const sound = row && source === "file" ? row.sound : sounds.nameOfText(shownText);
  const lengthMs = sounds.lengthMs(sound) ?? 0;
  const loudnessLufs = sounds.loudness(sound)?.lufs ?? null;
  return { hotline, name, source, text: shownText, lengthMs, loudnessLufs };
}

/** A file's name for people to read, without its folder. */
function shown(fileName: string): string {
  const name = fileName.split(/[/\\]/).at(-1) ?? "";
  return name.replace(/\p{C}/gu, "").trim().slice(0, 255) || "recording";
}
