import { createHash } from "node:crypto";
import { type AgentSettings, agentSettings } from "../../core/agents.ts";
import type { AnnouncementRow } from "../../core/announcement-row.ts";
import { hotlineSettings } from "../../core/hotline-settings.ts";
import type { Hotline } from "../../core/hotlines.ts";
import type { AgentId, HotlineId } from "../../core/ids.ts";
import type { NumberRow, State } from "../../core/state.ts";

/** All operations data, each table in the order of its ids. */
export type Rows = {
  readonly hotlines: ReadonlyMap<HotlineId, Hotline>;
  readonly numbers: ReadonlyMap<string, NumberRow>;
  readonly agents: ReadonlyMap<AgentId, AgentSettings>;
  /** By `demo/closed`; what has no row has the built-in text. */
  readonly announcements: ReadonlyMap<string, AnnouncementRow>;
};

export const announcementKey = ({ hotline, name }: Pick<AnnouncementRow, "hotline" | "name">): string =>
  `${hotline}/${name}`;

/** As it is now. Who is removed at the end of a call is gone already. */
export function presentRows(
  state: State,
  announcementsOf: (hotline: HotlineId) => readonly AnnouncementRow[],
): Rows {
  const hotlines = [...state.hotlines.values()];
  return rowsOf({
    hotlines,
    numbers: [...state.numbers.values()],
    agents: [...state.agents.values()].map(agentSettings).filter((agent) => agent !== null),
    announcements: hotlines.flatMap(({ id }) => announcementsOf(id)),
  });
}

export function rowsOf(lists: {
  readonly hotlines: readonly Hotline[];
  readonly numbers: readonly NumberRow[];
  readonly agents: readonly AgentSettings[];
  readonly announcements: readonly AnnouncementRow[];
}): Rows {
  return {
    hotlines: inOrder(lists.hotlines, ({ id }) => id),
    numbers: inOrder(lists.numbers, ({ number }) => number),
    agents: inOrder(lists.agents, ({ id }) => id),
    announcements: inOrder(lists.announcements, announcementKey),
  };
}

function inOrder<Id extends string, Row>(rows: readonly Row[], idOf: (row: Row) => Id): Map<Id, Row> {
  const pairs = rows.map((row): [Id, Row] => [idOf(row), row]);
  return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same for the same data only, so that a change in between is noticed. */
export function fingerprint(rows: Rows): string {
  const settings = {
    ...rows,
    hotlines: new Map([...rows.hotlines].map(([id, row]) => [id, hotlineSettings(row)])),
  };
  const data = Object.values(settings).map((table: ReadonlyMap<string, unknown>) => [...table.values()]);
  return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 32);
}
