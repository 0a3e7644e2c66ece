import Database from "better-sqlite3";
import { messageOf, StoreError } from "./errors.ts";
import type { Batch } from "./types.ts";
import { BatchWriter } from "./write-batch.ts";

export type NumberedBatch = { readonly number: number; readonly batch: Batch };

/** A batch that can never be written. */
export type Rejected = { readonly number: number; readonly message: string };

/** Writes batches in groups. Holds no state but prepared statements. */
export class GroupWriter {
  readonly #db: Database.Database;
  readonly #batches: BatchWriter;
  readonly #sql: ReturnType<typeof prepareFrame>;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#batches = new BatchWriter(db);
    this.#sql = prepareFrame(db);
  }

  /**
   * All batches in one transaction; those that this run has written already are left out. Throws StoreError
   * `cannot_write`, and then none of them is written.
   */
  write(run: string, group: readonly NumberedBatch[]): Rejected[] {
    const rejected: Rejected[] = [];
    try {
      // Cannot be changed inside a transaction.
      const isDurable = group.some(({ batch }) => batch.durable);
      (isDurable ? this.#sql.syncAtCommit : this.#sql.syncLater).run();
      this.#sql.begin.run();
      const lastWritten = this.#lastBatchOf(run);
      for (const { number, batch } of group) {
        if (number <= lastWritten) continue;
        const failure = this.#writeOne(batch);
        if (failure !== null) rejected.push({ number, message: failure });
      }
      const last = group.at(-1);
      if (last && last.number > lastWritten)
        this.#sql.noteClock.run({ ...last.batch.clock, run, number: last.number });
      this.#sql.commit.run();
      return rejected;
    } catch (error) {
      if (this.#db.inTransaction) this.#sql.rollBack.run();
      throw new StoreError("cannot_write", whyNot(error), { cause: error });
    }
  }

  /** Returns why this batch can never be written, or null when it was. Throws when a later attempt may succeed. */
  #writeOne(batch: Batch): string | null {
    this.#sql.savepoint.run();
    try {
      this.#batches.write(batch);
      this.#sql.release.run();
      return null;
    } catch (error) {
      if (mayPass(error)) throw error;
      this.#sql.rollBackToSavepoint.run();
      this.#sql.release.run();
      return messageOf(error);
    }
  }

  /** The number of the last batch this process has written; 0: none yet. */
  #lastBatchOf(run: string): number {
    return (this.#sql.lastBatch.pluck().get(run) as number | undefined) ?? 0;
  }
}

/** Damage does not pass: only a start of the daemon opens the last good copy. */
function whyNot(error: unknown): string {
  const isDamage = error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
  if (!isDamage) return messageOf(error);
  return (
    `the database is damaged (${messageOf(error)}). Calls go on, but nothing is written until the daemon is restarted, which sets the ` +
    "file aside and opens the last good copy; restart it when no call is in progress, see `hotline help backup`"
  );
}

/** A wrong batch stays wrong. Everything else (disk, locks, memory, even a damaged file) is the machine's fault and can be mended. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return !/^SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|MISUSE)/.test(error.code);
}

function prepareFrame(db: Database.Database) {
  return {
    syncAtCommit: db.prepare("PRAGMA synchronous = FULL"),
    syncLater: db.prepare("PRAGMA synchronous = NORMAL"),
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    rollBack: db.prepare("ROLLBACK"),
    savepoint: db.prepare("SAVEPOINT batch"),
    release: db.prepare("RELEASE batch"),
    rollBackToSavepoint: db.prepare("ROLLBACK TO batch"),
    lastBatch: db.prepare("SELECT batch FROM clock WHERE run = ?"),
    noteClock: db.prepare(
      `INSERT INTO clock VALUES (1, :bootId, :monotonicMs, :wallMs, :run, :number)
       ON CONFLICT DO UPDATE SET boot_id = excluded.boot_id, monotonic_ms = excluded.monotonic_ms,
         wall_ms = excluded.wall_ms, run = excluded.run, batch = excluded.batch`,
    ),
  };
}
