import type { Database } from "better-sqlite3";
import type { Mandate } from "../api/who.ts";
import type { AgentSettings, Duty } from "../core/agents.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import { changedParts } from "../core/hotline-parts.ts";
import { hotlineSettings } from "../core/hotline-settings.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { FoundHours } from "../core/hours/restore.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import { same } from "../core/same.ts";
import type { NumberRow } from "../core/state.ts";
import type { WallMs } from "../core/time.ts";

/** A row before and after an administrator's change; null: there was or is none. */
export type RowChange =
  | ChangeOf<"hotline", HotlineId, Hotline>
  | ChangeOf<"number", string, NumberRow>
  | ChangeOf<"agent", AgentId, AgentSettings>
  /** `demo/closed` */
  | ChangeOf<"announcement", string, AnnouncementRow>
  /** Who is on duty; comes and goes, and is not undone. */
  | ChangeOf<"duty", AgentId, Duty>;

type ChangeOf<Kind extends string, Id, Row> = {
  readonly kind: Kind;
  readonly id: Id;
  readonly before: Row | null;
  readonly after: Row | null;
};

/** An administrator's change, as it is written with the rows it has changed. */
export type AuditEntry = Mandate & {
  readonly id: number;
  readonly atMs: WallMs;
  readonly object: string;
  readonly action: string;
  readonly rows: readonly RowChange[];
  readonly undoable: boolean;
  /** The change that this one undoes. */
  readonly undoes: number | null;
};

export type AuditRecord = AuditEntry & {
  /** The change by which this one is undone at present. */
  readonly undoneBy: number | null;
};

/** Which changes to list, newest first. */
export type ChangesWanted = {
  /** At most 10 000. */
  readonly limit: number;
  /** What the object begins with, or one of those that an applied document has changed; empty: all. */
  readonly object: string;
};

const limitMax = 10_000;

type AuditRow = Omit<AuditRecord, "rows" | "undoable"> & { before: string; after: string; undoable: 0 | 1 };
type Side = readonly { readonly kind: string; readonly id: string; readonly row: unknown }[];

const columns = `id, at_ms AS atMs, who, found, account, reason, object, action, before, after, undoable, undoes,
  undone_by AS undoneBy`;

export function listChanges(db: Database, { limit, object }: ChangesWanted): AuditRecord[] {
  const most = Math.min(Math.max(0, limit), limitMax);
  const found: AuditRecord[] = [];
  const sql = `SELECT ${columns} FROM audit
    WHERE substr(object, 1, length(:object)) = :object OR object = '${documentObject}' ORDER BY id DESC`;
  for (const row of db.prepare<{ object: string }, AuditRow>(sql).iterate({ object })) {
    if (found.length >= most) break;
    const record = recordOf(row);
    if (objectsOf(record).some((each) => each.startsWith(object))) found.push(record);
  }
  return found;
}

/** What the change of a whole document is recorded as. */
export const documentObject = "document";

/** What the change is of; a document is of all that it has changed. */
function objectsOf({ object, rows }: AuditRecord): string[] {
  if (object !== documentObject) return [object];
  return [object, ...rows.flatMap(objectsOfRow)];
}

function objectsOfRow(row: RowChange): string[] {
  const own = `${row.kind === "duty" ? "agent" : row.kind} ${row.id}`;
  if (row.kind !== "hotline") return [own];
  const hours = (hotline: Hotline | null) => hotline && [hotline.schedule, hotline.hoursOf];
  const [before, after] = [hotlineSettings(row.before), hotlineSettings(row.after)];
  return same(hours(before), hours(after)) ? [own] : [own, `hours ${row.id}`];
}

export function findChange(db: Database, id: number): AuditRecord | null {
  const row = db.prepare<[number], AuditRow>(`SELECT ${columns} FROM audit WHERE id = ?`).get(id);
  return row ? recordOf(row) : null;
}

/** The newest change that can be undone and is not; undoing twice goes further back, so what undoes is not among them. */
export function lastUndoable(db: Database): AuditRecord | null {
  const sql = `SELECT ${columns} FROM audit WHERE undoable AND undoes IS NULL AND undone_by IS NULL ORDER BY id DESC LIMIT 1`;
  const row = db.prepare<[], AuditRow>(sql).get();
  return row ? recordOf(row) : null;
}

/** The newest change in effect after `id` of what `id` has changed; null: there is none. */
export function changeSince(db: Database, id: number): number | null {
  const change = findChange(db, id);
  if (!change) return null;
  const sql = `SELECT ${columns} FROM audit WHERE id > ? AND undone_by IS NULL ORDER BY id DESC`;
  for (const row of db.prepare<[number], AuditRow>(sql).iterate(id)) {
    const later = recordOf(row);
    if (later.rows.some((theirs) => change.rows.some((ours) => isOfTheSame(ours, theirs)))) return later.id;
  }
  return null;
}

/** Whether two changes are of one row; of a hotline that stays, of one part of it. */
function isOfTheSame(ours: RowChange, theirs: RowChange): boolean {
  if (ours.kind !== theirs.kind || ours.id !== theirs.id) return false;
  const isWhole = (row: RowChange) => row.before === null || row.after === null;
  if (ours.kind !== "hotline" || theirs.kind !== "hotline" || isWhole(ours) || isWhole(theirs)) return true;
  const since = changedParts(theirs.before!, theirs.after!);
  return changedParts(ours.before!, ours.after!).some((part) => since.includes(part));
}

/** The number of the newest change; 0: there is none yet. */
export function lastChange(db: Database): number {
  return db.prepare<[], number>("SELECT coalesce(max(id), 0) FROM audit").pluck().get() ?? 0;
}

/** How a hotline's hours were before and after each change, the newest first. What cannot be read is left out. */
export function* earlierHours(db: Database, hotline: HotlineId): Generator<FoundHours> {
  const sql = "SELECT after, before FROM audit ORDER BY id DESC";
  for (const { after, before } of db.prepare<[], Pick<AuditRow, "after" | "before">>(sql).iterate())
    for (const side of [after, before]) {
      const found = parsedOrNull(side)?.find(({ kind, id }) => kind === "hotline" && id === hotline);
      const hours = (found?.row as Pick<Hotline, "schedule"> | null | undefined)?.schedule;
      if (hours) yield hours;
    }
}

function parsedOrNull(side: string): Side | null {
  try {
    return JSON.parse(side) as Side;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function recordOf({ before, after, undoable, ...row }: AuditRow): AuditRecord {
  const were = JSON.parse(before) as Side;
  const became = JSON.parse(after) as Side;
  const rows = were.map(({ kind, id, row: was }, i) => ({
    kind,
    id,
    before: was,
    after: became[i]?.row ?? null,
  }));
  return { ...row, undoable: undoable === 1, rows: rows as RowChange[] };
}

export function auditStatements(db: Database) {
  return {
    putChange: db.prepare(
      `INSERT INTO audit (id, at_ms, who, found, account, reason, object, action, before, after, undoable, undoes)
       VALUES (:id, :atMs, :who, :found, :account, :reason, :object, :action, :before, :after, :undoable, :undoes)`,
    ),
    noteUndone: db.prepare("UPDATE audit SET undone_by = :id WHERE id = :undoes"),
    // Undoing what has undone a change lets that change be in effect again.
    noteInEffect: db.prepare(
      "UPDATE audit SET undone_by = NULL WHERE id = (SELECT undoes FROM audit WHERE id = :undoes)",
    ),
  };
}

export function putChange(sql: ReturnType<typeof auditStatements>, entry: AuditEntry): void {
  const { rows, undoable, ...row } = entry;
  const side = (which: "before" | "after") =>
    JSON.stringify(rows.map(({ kind, id, [which]: now }) => ({ kind, id, row: now })));
  sql.putChange.run({ ...row, undoable: undoable ? 1 : 0, before: side("before"), after: side("after") });
  if (entry.undoes === null) return;
  sql.noteUndone.run({ id: entry.id, undoes: entry.undoes });
  sql.noteInEffect.run({ undoes: entry.undoes });
}
