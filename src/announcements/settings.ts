import {
  type Announcement,
  computedAnnouncements,
  type Hotline,
  type RecordedAnnouncement,
  recordedAnnouncements,
} from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import { defaultText } from "./texts.ts";

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

/** What the announcements of a hotline depend on. */
export type AnnouncedHotline = Pick<Hotline, "id" | "name" | "periodic">;

/** What is set for an announcement of a hotline. */
export type Setting = {
  readonly name: RecordedAnnouncement;
  /** Undefined: the default text. */
  readonly row: AnnouncementRow | undefined;
  readonly text: string;
  /** The default text by the name that the hotline had before; its sound is there while the new one is being made. */
  readonly textBefore: string | null;
};

/** What the announcements of all hotlines are: what administrators set, and the hotlines' names. */
export class Settings {
  readonly #rows = new Map<string, AnnouncementRow>();
  readonly #hotlines = new Map<HotlineId, { now: AnnouncedHotline; nameBefore: string | null }>();

  constructor(rows: Iterable<AnnouncementRow>) {
    for (const row of rows) this.set(row);
  }

  set(row: AnnouncementRow): void {
    this.#rows.set(keyOf(row.hotline, row.name), row);
  }

  remember(hotline: AnnouncedHotline): void {
    const known = this.#hotlines.get(hotline.id);
    const renamed = known !== undefined && known.now.name !== hotline.name;
    const nameBefore = renamed ? known.now.name : (known?.nameBefore ?? null);
    this.#hotlines.set(hotline.id, { now: hotline, nameBefore });
  }

  forget(hotline: HotlineId): void {
    this.#hotlines.delete(hotline);
    for (const name of recordedAnnouncements) this.#rows.delete(keyOf(hotline, name));
  }

  /** As it was last remembered. */
  hotline(hotline: HotlineId): AnnouncedHotline | null {
    return this.#hotlines.get(hotline)?.now ?? null;
  }

  of(hotline: HotlineId, name: RecordedAnnouncement): Setting {
    const known = this.#hotlines.get(hotline);
    return {
      name,
      row: this.#rows.get(keyOf(hotline, name)),
      text: defaultText(name, known?.now.name ?? ""),
      textBefore: known?.nameBefore ? defaultText(name, known.nameBefore) : null,
    };
  }

  all(hotline: HotlineId): Setting[] {
    return recordedAnnouncements.map((name) => this.of(hotline, name));
  }
}

export function isRecorded(name: Announcement): name is RecordedAnnouncement {
  return !(computedAnnouncements as readonly Announcement[]).includes(name);
}

const keyOf = (hotline: HotlineId, name: Announcement) => `${hotline}/${name}`;
