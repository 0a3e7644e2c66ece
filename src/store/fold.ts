import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { StoryLine } from "../core/story.ts";
import type { AnnouncementKey, Batch, Credential } from "./types.ts";

/** The lines that the one row of a call is made of. */
const recordLines: ReadonlySet<string> = new Set([
  "arrived",
  "connected",
  "forwarded",
  "ended",
  "fault",
  "while_away",
]);

/**
 * Makes one batch of several, in order, when too many wait in memory. Every row keeps its last value and every call its
 * record, and every administrator's change is kept; what is lost are the other lines of the calls' stories, and the oldest lines of all beyond `linesMax`.
 */
export function fold(batches: readonly Batch[], linesMax: number): Batch {
  const last = batches.at(-1);
  if (!last) throw new Error("Nothing to fold");
  const changes = {
    hotlines: new Map(batches.flatMap((batch) => [...batch.changes.hotlines])),
    numbers: new Map(batches.flatMap((batch) => [...batch.changes.numbers])),
    desks: new Map(batches.flatMap((batch) => [...batch.changes.desks])),
    agents: new Map(batches.flatMap((batch) => [...batch.changes.agents])),
    calls: new Map(batches.flatMap((batch) => [...batch.changes.calls])),
  };
  const { credentials, announcements, ...others } = foldExtra(batches);
  return {
    changes,
    story: batches.flatMap((batch) => batch.story.filter(isRecordLine)).slice(-linesMax),
    clock: last.clock,
    durable: batches.some((batch) => batch.durable),
    extra: {
      // What belonged to somebody who was removed later has gone with them.
      credentials: credentials.filter(({ agent }) => changes.agents.get(agent) !== null),
      announcements: announcements.filter(({ hotline }) => changes.hotlines.get(hotline) !== null),
      ...others,
    },
  };
}

const isRecordLine = (line: StoryLine): boolean => "call" in line && recordLines.has(line.told.what);

function foldExtra(batches: readonly Batch[]) {
  const credentials = new Map<AgentId, Credential>();
  const announcements = new Map<`${HotlineId} ${string}`, AnnouncementRow>();
  const removed = new Map<`${HotlineId} ${string}`, AnnouncementKey>();
  for (const { extra } of batches) {
    for (const row of extra?.credentials ?? []) credentials.set(row.agent, row);
    for (const row of extra?.announcements ?? []) {
      announcements.set(`${row.hotline} ${row.name}`, row);
      removed.delete(`${row.hotline} ${row.name}`);
    }
    for (const key of extra?.announcementsRemoved ?? []) {
      announcements.delete(`${key.hotline} ${key.name}`);
      removed.set(`${key.hotline} ${key.name}`, key);
    }
  }
  return {
    credentials: [...credentials.values()],
    announcements: [...announcements.values()],
    announcementsRemoved: [...removed.values()],
    audit: batches.flatMap(({ extra }) => extra?.audit ?? []),
  };
}
