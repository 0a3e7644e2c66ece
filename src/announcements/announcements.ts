import { basename, join, resolve } from "node:path";
import type { Logger } from "pino";
import type { AnnouncementView } from "../api/schemas.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { Confirmation } from "../core/effects.ts";
import type { Announcement, RecordedAnnouncement, Spoken } from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { AnnouncementError } from "./errors.ts";
import { type InTurn, inTurn } from "./limit.ts";
import { checkText } from "./placeholders.ts";
import { type OnTrouble, Preparation } from "./preparation.ts";
import { type AnnouncementReplacement, replacer } from "./replace.ts";
import { confirmationText, spokenText } from "./sentences.ts";
import {
  type AnnouncedHotline,
  type AnnouncementChange,
  isFixed,
  isRecorded,
  type Setting,
  Settings,
  wording,
} from "./settings.ts";
import { openSounds, type SoundOptions, type Sounds } from "./sounds.ts";
import { confirmationFallback, defaultText, fallbackOf } from "./texts.ts";

export type AnnouncementsOptions = SoundOptions & {
  readonly rows: Iterable<AnnouncementRow>;
  readonly now: () => WallMs;
  readonly onTrouble: OnTrouble;
  /** One of its announcements is another one now. */
  readonly onChange?: (hotline: HotlineId) => void;
  readonly logger: Pick<Logger, "info">;
};

/**
 * Stores a row in the place of another; null: there was none. What callers hear changes when it resolves, and stays when it
 * rejects.
 */
export type Save = (row: AnnouncementChange, before: AnnouncementRow | null) => Promise<void>;

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
  /** Prepares what is to be said of the next opening a day and a half ahead; to be called every hour. */
  renew(): Promise<void>;
  /** Whether announcements of it are still being made; until then list() may show a length of 0. */
  isPreparing(hotline: HotlineId): boolean;
  forgetHotline(hotline: HotlineId): void;
  /** Begins no more sounds; one under way is finished. */
  stop(): void;
  /**
   * What Asterisk is to play now. There is always something, and it is right. `spoken`: what a computed announcement says;
   * `position`: the caller's place, null for one who has none.
   */
  mediaOf(hotline: HotlineId, name: Announcement, spoken: Spoken | null, position?: number | null): string;
  /** What may be played at any time from now on, without asking again: where what is set tells the time, the default text. */
  lastingMediaOf(hotline: HotlineId, name: RecordedAnnouncement): string;
  /** What an agent hears who has dialled a code. There is always something. */
  confirmationMedia(confirmation: Confirmation): string;
  /** What an agent hears who is to speak an announcement: what to do, and a tone. */
  recordingPrompt(): string;
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
    save: Save,
  ): Promise<Changed<AnnouncementRow>>;
  /** Likewise, spoken from a text, in which placeholders may stand (placeholders.ts). */
  say(
    hotline: HotlineId,
    name: RecordedAnnouncement,
    text: string,
    save: Save,
  ): Promise<Changed<AnnouncementRow>>;
  /** Likewise, the text that came with the program. */
  reset(hotline: HotlineId, name: RecordedAnnouncement, save: Save): Promise<Changed>;
  /**
   * Makes the sound that a text is now, of a hotline that may not be there yet; nothing is stored or heard. Throws
   * AnnouncementError.
   */
  speak(
    hotline: AnnouncedHotline,
    name: RecordedAnnouncement,
    text: string,
  ): Promise<Pick<AnnouncementRow, "sound" | "lengthMs">>;
  /** What it says to a caller at that place at a moment, whether it is made already or not; null: a recording. */
  wordsAt(
    hotline: AnnouncedHotline,
    name: RecordedAnnouncement,
    at: WallMs,
    position: number | null,
  ): string | null;
  /** Of an imported recording; null: its files are not there. */
  soundLengthMs(sound: string): number | null;
  /** The rows of a hotline: what was set otherwise than by default. */
  rowsOf(hotline: HotlineId): AnnouncementRow[];
  /** Why rows cannot be put back by `replace` as things are; null: they can. */
  whyNotReplaced(replacements: readonly AnnouncementReplacement[]): AnnouncementError | null;
  /**
   * Puts rows back that were there before, when `save` has stored them. Throws AnnouncementError (or what `save` threw), and
   * then nothing has changed.
   */
  replace(replacements: readonly AnnouncementReplacement[], save: () => Promise<void>): Promise<void>;
};

/** `row`: as it was stored. */
export type Changed<Row = AnnouncementChange> = { readonly row: Row; readonly view: AnnouncementView };

/** Each one waiting may hold 50 MB. */
const maxChangesAtOnce = 4;

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
  const preparation = new Preparation(sounds, sentences, settings, options.onTrouble, options.now);
  const pathOf = (hotline: HotlineId, name: RecordedAnnouncement, position: number | null) =>
    playable(sounds, settings.of(hotline, name), options.now(), position);
  const view = (setting: Setting) => viewOf(sounds, setting, options.now());
  const oneAfterTheOther = inTurn();
  const changed = (hotline: HotlineId) => {
    // It may have taken the place of one that was missing.
    preparation.again(hotline);
    options.onChange?.(hotline);
  };
  const sentence = (text: string) => existing(sentences, [sentences.nameOfText(text)]);
  return {
    prepareArrivals: (hotlines, atMostMs) => preparation.arrivals(hotlines, atMostMs),
    prepareHotline: (hotline) => preparation.hotline(hotline),
    prepareConfirmations: () => preparation.sentences("confirmations"),
    renew: () => preparation.renew(),
    isPreparing: (hotline) => preparation.isUnderWay(hotline),
    forgetHotline(hotline) {
      settings.forget(hotline);
      preparation.forget(hotline);
    },
    stop: () => preparation.stop(),
    mediaOf(hotline, name, spoken, position = null) {
      if (isRecorded(name)) return `sound:${pathOf(hotline, name, position)}`;
      const computed = spoken && sentence(spokenText(spoken));
      return `sound:${computed ?? pathOf(hotline, "waiting_1", position)}`;
    },
    lastingMediaOf(hotline, name) {
      const setting = settings.of(hotline, name);
      const isLasting = setting.row?.source !== "text" || isFixed(setting);
      const lasting = isLasting ? setting : { ...setting, row: undefined };
      return `sound:${playable(sounds, lasting, options.now(), null)}`;
    },
    confirmationMedia(confirmation) {
      const path = sentence(confirmationText(confirmation));
      return `sound:${path ?? join(fallbackFolder, confirmationFallback)}`;
    },
    recordingPrompt: () => ["record", "beep"].map((name) => `sound:${join(fallbackFolder, name)}`).join(","),
    list: (hotline) => settings.all(hotline).map(view),
    ...editor(options, sounds, settings, changed, view, oneAfterTheOther),
    speak: async (hotline, name, text) => {
      const row = { hotline: hotline.id, name, source: "text", text, sound: "", lengthMs: 0 } as const;
      const words = wording({ ...settings.of(hotline.id, name), row, hotline }, options.now(), 1);
      if (words === null) return row;
      const sound = await sounds.speak(words);
      return { sound, lengthMs: sounds.lengthMs(sound) ?? 0 };
    },
    wordsAt: (hotline, name, at, position) => {
      const setting = { ...settings.of(hotline.id, name), hotline };
      if (setting.row?.source === "file") return null;
      return wording(setting, at, position) ?? defaultText(name, hotline.name);
    },
    soundLengthMs: (sound) => sounds.lengthMs(sound),
    rowsOf: (hotline) => settings.rowsOf(hotline),
    ...replacer(sounds, settings, changed, oneAfterTheOther),
  };
}

/** How announcements are changed. */
function editor(
  { logger, now }: AnnouncementsOptions,
  sounds: Sounds,
  settings: Settings,
  changed: (hotline: HotlineId) => void,
  view: (setting: Setting) => AnnouncementView,
  oneAfterTheOther: InTurn,
): Pick<Announcements, "importFile" | "say" | "reset"> {
  let underWay = 0;
  /** In their order, so that the last one to come is the one that stays, stored as well as heard. */
  const change = async <Row extends AnnouncementChange>(
    hotline: HotlineId,
    name: RecordedAnnouncement,
    save: Save,
    make: () => Promise<Row>,
  ): Promise<Changed<Row>> => {
    if (underWay >= maxChangesAtOnce) {
      throw new AnnouncementError("busy", "Other announcements are being made; try again in a moment.");
    }
    underWay += 1;
    try {
      return await oneAfterTheOther(`${hotline}/${name}`, async () => {
        const row = await make();
        await save(row, settings.of(hotline, name).row ?? null);
        settings.set(row);
        logger.info({ hotline, announcement: name, source: row.source }, "announcement changed");
        changed(hotline);
        return { row, view: view(settings.of(hotline, name)) };
      });
    } finally {
      underWay -= 1;
    }
  };
  const lengthMs = (sound: string) => sounds.lengthMs(sound) ?? 0;
  return {
    importFile: (hotline, name, fileName, bytes, save) =>
      change(hotline, name, save, async () => {
        const sound = await sounds.keep(bytes);
        const text = shown(fileName);
        return { hotline, name, source: "file", text, sound, lengthMs: lengthMs(sound) };
      }),
    say: async (hotline, name, given, save) => {
      const text = checkText(name, given);
      return change(hotline, name, save, async () => {
        const row = { hotline, name, source: "text", text, sound: "", lengthMs: 0 } as const;
        // What a caller would hear now is there before anybody can hear it; what comes later is made then.
        const words = wording({ ...settings.of(hotline, name), row }, now(), 1);
        if (words === null) throw new Error(`hotline ${hotline} is not known`);
        const sound = await sounds.speak(words);
        return { ...row, sound, lengthMs: lengthMs(sound) };
      });
    },
    reset: (hotline, name, save) =>
      change(hotline, name, save, async () => ({ hotline, name, source: "default" })),
  };
}

/** The path of the first of these sounds whose files are there. */
function existing(sounds: Sounds, names: readonly string[]): string | null {
  const found = names.find((name) => sounds.lengthMs(name) !== null);
  return found === undefined ? null : sounds.path(found);
}

/**
 * The best there is that is right now: what is set, an older version of it, the default, what came with the program. An older
 * version says what was right then, so it is none where the next opening or the caller's place is told.
 */
function playable(sounds: Sounds, setting: Setting, now: WallMs, position: number | null): string {
  const { name, row, text, textBefore, nameBefore } = setting;
  const texts = [
    wording(setting, now, position),
    nameBefore === null ? null : wording(setting, now, position, nameBefore),
  ];
  const own = texts.filter((words) => words !== null).map((words) => sounds.nameOfText(words));
  // Only a bare name: no stored row may lead elsewhere.
  if (row && basename(row.sound) === row.sound && (row.source === "file" || isFixed(setting)))
    own.push(row.sound);
  const candidates = [...own, sounds.nameOfText(text)];
  if (textBefore !== null) candidates.push(sounds.nameOfText(textBefore));
  return existing(sounds, candidates) ?? join(fallbackFolder, fallbackOf[name]);
}

function viewOf(sounds: Sounds, setting: Setting, now: WallMs): AnnouncementView {
  const { name, row, text, hotline } = setting;
  const spoken = row?.source === "file" ? null : (wording(setting, now, 1) ?? text);
  const sound = spoken === null ? (row?.sound ?? "") : sounds.nameOfText(spoken);
  return {
    hotline: row?.hotline ?? hotline?.id ?? "",
    name,
    source: row?.source ?? "text",
    isDefault: row === undefined,
    text: row?.text ?? text,
    spoken,
    lengthMs: sounds.lengthMs(sound) ?? 0,
    loudnessLufs: sounds.loudness(sound)?.lufs ?? null,
  };
}

/** A file's name for people to read, without its folder. */
function shown(fileName: string): string {
  const name = fileName.split(/[/\\]/).at(-1) ?? "";
  return name.replace(/\p{C}/gu, "").trim().slice(0, 255) || "recording";
}
