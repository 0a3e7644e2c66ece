import type { Database } from "better-sqlite3";
import type { CallId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import { StoreError } from "./errors.ts";
import type { CallEvent, CallRecord, CallsWanted, CallWithEvents } from "./types.ts";

/** Longer lists are for exports, which go piece by piece. */
const limitMax = 10_000;
/** So many calls are named when an id fits several. */
const namedMax = 5;

const callColumns = `id, hotline, caller_number AS "from", arrived_ms AS arrivedAtMs, outcome, ended_by AS endedBy,
  end_reason AS reason, wait_ms AS waitMs, talk_ms AS talkMs, agent, served_by AS servedBy, forwarded_to AS forwardedTo,
  while_away AS whileAway FROM calls LEFT JOIN call_numbers ON call = id`;

/** Newest first; running calls are among them, with `outcome: null`. */
export function listCalls(db: Database, { limit, since }: CallsWanted): CallRecord[] {
  const sql = `SELECT ${callColumns} WHERE arrived_ms >= ? ORDER BY arrived_ms DESC, id DESC LIMIT ?`;
  const from = since ?? (Number.MIN_SAFE_INTEGER as WallMs);
  const rows = db.prepare<[WallMs, number], CallRow>(sql).all(from, Math.min(Math.max(0, limit), limitMax));
  return rows.map(recordOf);
}

/** As it stands in the table: yes and no as 1 and 0. */
type CallRow = Omit<CallRecord, "whileAway"> & { readonly whileAway: number };

const recordOf = (row: CallRow): CallRecord => ({ ...row, whileAway: row.whileAway === 1 });

/** Those of the given calls whose end is on record. */
export function endedCalls(db: Database, ids: readonly CallId[]): CallId[] {
  const sql = "SELECT id FROM calls WHERE outcome IS NOT NULL AND id IN (SELECT value FROM json_each(?))";
  return db.prepare<[string], CallId>(sql).pluck().all(JSON.stringify(ids)) as CallId[];
}

/**
 * A call with its story. `id` may be the beginning or the end of one, as long as it fits no other call; otherwise
 * StoreError `ambiguous_call` names some that it fits. Null: fits none.
 */
export function findCall(db: Database, id: string): CallWithEvents | null {
  const read = db.transaction(() => {
    const fitting = idsFitting(db, id);
    const [found, ...others] = fitting;
    if (found === undefined) return null;
    if (others.length)
      throw new StoreError(
        "ambiguous_call",
        `"${id}" fits more than one call: ${fitting.slice(0, namedMax).join(", ")}` +
          `${fitting.length > namedMax ? ", …" : ""}. Give more of the id.`,
      );
    const call = db.prepare<[CallId], CallRow>(`SELECT ${callColumns} WHERE id = ?`).get(found)!;
    return { ...recordOf(call), events: eventsOf(db, found) };
  });
  return read();
}

function idsFitting(db: Database, id: string): CallId[] {
  if (id === "") return [];
  const exact = db.prepare<[string], CallId>("SELECT id FROM calls WHERE id = ?").pluck().get(id);
  if (exact !== undefined) return [exact as CallId];
  const sql = `SELECT id FROM calls WHERE substr(id, 1, length(:id)) = :id OR substr(id, -length(:id)) = :id
    ORDER BY arrived_ms DESC LIMIT ${namedMax + 1}`;
  return db.prepare<{ id: string }, CallId>(sql).pluck().all({ id }) as CallId[];
}

function eventsOf(db: Database, call: CallId): CallEvent[] {
  const sql = "SELECT at_ms AS atMs, what, detail FROM call_events WHERE call = ? ORDER BY seq";
  return db
    .prepare<[CallId], { atMs: WallMs; what: string; detail: string }>(sql)
    .all(call)
    .map(({ detail, ...event }) => ({ ...event, detail: JSON.parse(detail) }));
}
