export type StoreErrorCode =
  /** The file is something else than an SQLite database. */
  | "not_a_database"
  /** An SQLite database, but not one of ours. */
  | "foreign_database"
  /** Written by a newer program. */
  | "newer_database"
  | "cannot_open"
  /** It is broken, and no copy could take its place. */
  | "damaged"
  | "cannot_copy"
  /** Locked, disk full, I/O error: it may work later. */
  | "cannot_write"
  /** The batch itself is wrong and can never be written: a bug. */
  | "bad_batch"
  | "ambiguous_call"
  | "too_many_reads"
  | "thread_died"
  | "closed";

/** What the store's callers can expect to go wrong. The message is one line for people. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
