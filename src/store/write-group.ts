import Database from "better-sqlite3";
import { messageOf, StoreError } from "./errors.ts";
import type { Batch, Clock } from "./types.ts";
import type { BatchWriter } from "./write-batch.ts";

export type NumberedBatch = { readonly number: number; readonly batch: Batch };

/** A batch that can never be written. */
export type Rejected = { readonly number: number; readonly message: string };

/**
 * All batches in one transaction; those that this run has written already are left out. Throws StoreError `cannot_write`,
 * and then none of them is written.
 */
export function writeGroup(
  db: Database.Database,
  batches: BatchWriter,
  run: string,
  group: readonly NumberedBatch[],
): Rejected[] {
  const rejected: Rejected[] = [];
  try {
    // Cannot be changed inside a transaction.
    db.pragma(`synchronous = ${group.some(({ batch }) => batch.durable) ? "FULL" : "NORMAL"}`);
    db.exec("BEGIN IMMEDIATE");
    const lastWritten = lastBatchOf(db, run);
    for (const { number, batch } of group) {
      if (number <= lastWritten) continue;
      const failure = writeOne(db, batches, batch);
      if (failure !== null) rejected.push({ number, message: failure });
    }
    const last = group.at(-1);
    if (last && last.number > lastWritten) noteClock(db, run, last.number, last.batch.clock);
    db.exec("COMMIT");
    return rejected;
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw new StoreError("cannot_write", messageOf(error), { cause: error });
  }
}

/** Returns why this batch can never be written, or null when it was. Throws when a later attempt may succeed. */
function writeOne(db: Database.Database, batches: BatchWriter, batch: Batch): string | null {
  db.exec("SAVEPOINT batch");
  try {
    batches.write(batch);
    db.exec("RELEASE batch");
    return null;
  } catch (error) {
    if (mayPass(error)) throw error;
    db.exec("ROLLBACK TO batch; RELEASE batch");
    return messageOf(error);
  }
}

/** A wrong batch stays wrong. Everything else (disk, locks, memory, even a damaged file) is the machine's fault and can be mended. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return !/^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|MISUSE)/.test(error.code);
}

/** The number of the last batch this process has written; 0: none yet. */
function lastBatchOf(db: Database.Database, run: string): number {
  const batch = db.prepare("SELECT batch FROM clock WHERE run = ?").pluck().get(run);
  return (batch as number | undefined) ?? 0;
}

function noteClock(db: Database.Database, run: string, number: number, clock: Clock): void {
  db.prepare(
    `INSERT INTO clock VALUES (1, :bootId, :monotonicMs, :wallMs, :run, :number)
     ON CONFLICT DO UPDATE SET boot_id = excluded.boot_id, monotonic_ms = excluded.monotonic_ms,
       wall_ms = excluded.wall_ms, run = excluded.run, batch = excluded.batch`,
  ).run({ ...clock, run, number });
}
