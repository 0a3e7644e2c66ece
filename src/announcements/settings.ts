import type { AnnouncementRow } from "../core/announcement-row.ts";
import {
  type Announcement,
  computedAnnouncements,
  type Hotline,
  lastSpokenPosition,
  type RecordedAnnouncement,
  recordedAnnouncements,
} from "../core/hotlines.ts";
import type { HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { nextOpeningText, nextOpeningTexts } from "./next-opening.ts";
import { filled, positionText, uses } from "./placeholders.ts";
import { defaultText } from "./texts.ts";

/** An announcement is as it came with the program again. */
export type AnnouncementReset = Pick<AnnouncementRow, "hotline" | "name"> & { readonly source: "default" };
export type AnnouncementChange = AnnouncementRow | AnnouncementReset;

/** What the announcements of a hotline depend on. `schedule`: the hours that hold for it, which may be another's. */
export type AnnouncedHotline = Pick<Hotline, "id" | "name" | "periodic" | "schedule">;

/** What is set for an announcement of a hotline. */
export type Setting = {
  readonly name: RecordedAnnouncement;
  /** Undefined: the default text. */
  readonly row: AnnouncementRow | undefined;
  readonly text: string;
  /** The default text by the name that the hotline had before; its sound is there while the new one is being made. */
  readonly textBefore: string | null;
  /** As it was last remembered; null: never. */
  readonly hotline: AnnouncedHotline | null;
  readonly nameBefore: string | null;
};

/** What an own text says at a moment to a caller at that place; null when something in it is not known. */
export function wording(
  { row, hotline }: Setting,
  at: WallMs,
  position: number | null,
  name = hotline?.name,
): string | null {
  if (row?.source !== "text") return null;
  return filled(row.text, {
    hotline: () => name ?? null,
    next_opening: () => hotline && nextOpeningText(hotline.schedule, at),
    position: () => (position === null ? null : positionText(position)),
  });
}

/** All that an own text may have to say until a day and a half ahead, the present first. */
export function wordingsAhead({ row, hotline }: Setting, now: WallMs): string[] {
  if (row?.source !== "text" || !hotline) return [];
  const openings = uses(row.text, "next_opening") ? nextOpeningTexts(hotline.schedule, now) : [null];
  const count = uses(row.text, "position") ? lastSpokenPosition : 1;
  return openings.flatMap((next_opening) =>
    Array.from({ length: count }, (_, i) =>
      filled(row.text, {
        hotline: () => hotline.name,
        next_opening: () => next_opening,
        position: () => positionText(i + 1),
      }),
    ).filter((text) => text !== null),
  );
}

/** Whether it says the same at any time and to everybody. */
export function isFixed({ row }: Setting): boolean {
  return row !== undefined && !uses(row.text, "next_opening") && !uses(row.text, "position");
}

/** What the announcements of all hotlines are: what administrators set, and the hotlines' names. */
export class Settings {
  readonly #rows = new Map<string, AnnouncementRow>();
  readonly #hotlines = new Map<HotlineId, { now: AnnouncedHotline; nameBefore: string | null }>();

  constructor(rows: Iterable<AnnouncementRow>) {
    for (const row of rows) this.set(row);
  }

  set(row: AnnouncementChange): void {
    const key = keyOf(row.hotline, row.name);
    if (row.source === "default") this.#rows.delete(key);
    else this.#rows.set(key, row);
  }

  rowsOf(hotline: HotlineId): AnnouncementRow[] {
    return recordedAnnouncements.flatMap((name) => this.#rows.get(keyOf(hotline, name)) ?? []);
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
      hotline: known?.now ?? null,
      nameBefore: known?.nameBefore ?? null,
    };
  }

  /** Those of whose texts one says when the hotline opens next. */
  telling(): AnnouncedHotline[] {
    return [...this.#hotlines.values()]
      .map(({ now }) => now)
      .filter(({ id }) =>
        this.all(id).some(({ row }) => row?.source === "text" && uses(row.text, "next_opening")),
      );
  }

  all(hotline: HotlineId): Setting[] {
    return recordedAnnouncements.map((name) => this.of(hotline, name));
  }
}

export function isRecorded(name: Announcement): name is RecordedAnnouncement {
  return !(computedAnnouncements as readonly Announcement[]).includes(name);
}

const keyOf = (hotline: HotlineId, name: Announcement) => `${hotline}/${name}`;
