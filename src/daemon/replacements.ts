import type { AnnouncementReplacement } from "../announcements/replace.ts";
import type { PutBack } from "../core/events.ts";
import type { RowChange } from "../store/audit.ts";
import type { Extra } from "../store/types.ts";
import { completeHotline } from "./settings.ts";

/** How the rows of a change are put back. */

/** A change the other way round. */
export const turned = (rows: readonly RowChange[]): RowChange[] =>
  rows.map((row) => ({ ...row, before: row.after, after: row.before }) as RowChange);

export function replacementsOf(rows: readonly RowChange[]): {
  readonly putBack: PutBack;
  readonly announcements: readonly AnnouncementReplacement[];
} {
  const hotlines: PutBack["hotlines"][number][] = [];
  const numbers: PutBack["numbers"][number][] = [];
  const agents: PutBack["agents"][number][] = [];
  const announcements: AnnouncementReplacement[] = [];
  for (const row of rows) {
    if (row.kind === "hotline")
      // A row may have been noted by a program that did not know all of today's settings.
      hotlines.push({
        id: row.id,
        expected: row.after && completeHotline(row.after),
        row: row.before && completeHotline(row.before),
      });
    else if (row.kind === "number") numbers.push({ id: row.id, expected: row.after, row: row.before });
    else if (row.kind === "agent") agents.push({ id: row.id, expected: row.after, row: row.before });
    else if (row.kind === "announcement") {
      const about = row.before ?? row.after;
      if (about)
        announcements.push({
          hotline: about.hotline,
          name: about.name,
          expected: row.after,
          row: row.before,
        });
    }
  }
  return { putBack: { hotlines, numbers, agents }, announcements };
}

/** What is written for them. */
export function announcementExtra(announcements: readonly AnnouncementReplacement[]): Extra {
  return {
    announcements: announcements.map(({ row }) => row).filter((row) => row !== null),
    announcementsRemoved: announcements.filter(({ row }) => row === null),
  };
}
