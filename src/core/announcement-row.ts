import type { Announcement } from "./hotlines.ts";
import type { HotlineId } from "./ids.ts";

/** What callers of a hotline hear instead of the default text; announcements without a row have that. */
export type AnnouncementRow = {
  readonly hotline: HotlineId;
  readonly name: Announcement;
  readonly source: "text" | "file";
  /** What is spoken, with placeholders, or the name of the imported file. */
  readonly text: string;
  /** Name of the sound in the sounds folder, without an ending. */
  readonly sound: string;
  /** A whole number. */
  readonly lengthMs: number;
};
