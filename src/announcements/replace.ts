import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { HotlineId } from "../core/ids.ts";
import { same } from "../core/same.ts";
import type { Announcements } from "./announcements.ts";
import { AnnouncementError } from "./errors.ts";
import type { InTurn } from "./limit.ts";
import { isRecorded, type Settings } from "./settings.ts";
import type { Sounds } from "./sounds.ts";

/** An announcement as it was before. Null: no row, the built-in text. */
export type AnnouncementReplacement = {
  readonly hotline: HotlineId;
  readonly name: AnnouncementRow["name"];
  /** What must be there now, or nothing is done. */
  readonly expected: AnnouncementRow | null;
  readonly row: AnnouncementRow | null;
};

/** Puts announcements back, for undoing, or as a document has them. Their sounds are still in their folder: nothing is ever deleted there. */
export function replacer(
  sounds: Sounds,
  settings: Settings,
  changed: (hotline: HotlineId) => void,
  oneAfterTheOther: InTurn,
): Pick<Announcements, "whyNotReplaced" | "replace"> {
  const whyNot = ({ hotline, name, expected, row }: AnnouncementReplacement): AnnouncementError | null => {
    const now = isRecorded(name) ? (settings.of(hotline, name).row ?? null) : null;
    if (!same(now, expected))
      return new AnnouncementError(
        "changed_since",
        `Announcement ${hotline}/${name} was changed since. Undo the later change first.`,
      );
    if (row?.source === "file" && sounds.lengthMs(row.sound) === null)
      return new AnnouncementError(
        "sound_missing",
        `The sound files of the recording ${row.text} are not there any more: ${sounds.path(row.sound)}. Import it again: hotline announce import ${hotline} ${name} FILE`,
      );
    return null;
  };
  const whyNotReplaced = (replacements: readonly AnnouncementReplacement[]) =>
    replacements.map(whyNot).find((error) => error !== null) ?? null;
  const replaceNow = async (replacements: readonly AnnouncementReplacement[], save: () => Promise<void>) => {
    const error = whyNotReplaced(replacements);
    if (error) throw error;
    await save();
    for (const { hotline, name, row } of replacements)
      settings.set(row ?? { hotline, name, source: "default" });
    const others = replacements.filter((each) => !same(each.expected, each.row));
    for (const hotline of new Set(others.map((each) => each.hotline))) changed(hotline);
  };
  return {
    whyNotReplaced,
    // Imports of any of these announcements wait, in the same order for all who want several.
    replace: (replacements, save) =>
      replacements
        .map(({ hotline, name }) => `${hotline}/${name}`)
        .sort()
        .reduceRight<() => Promise<void>>(
          (then, key) => () => oneAfterTheOther(key, then),
          () => replaceNow(replacements, save),
        )(),
  };
}
