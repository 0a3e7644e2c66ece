import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { messageOf, StoreError } from "./errors.ts";
import { migrate, readMigrations } from "./migrate.ts";

/** "HOTL" in the file's header: tells our databases from other programs'. */
const applicationId = 0x484f544c;

/** How long to wait for somebody else's lock before it counts as a failure. Short: writes are tried again anyway. */
const lockWaitMs = 1000;
/** So many pages (64 MB) in the write-ahead log, and the writing thread tidies up itself: the tidier has not kept up. */
const logPagesMax = 16_384;
/** The write-ahead log shrinks back to this after a burst. */
const logSizeMax = 64 * 1024 * 1024;

/**
 * Opens the database for the one thread that writes, makes it when it is not there (mode 0640), and brings its tables
 * up to date. `created`: it held nothing before. Throws StoreError with one clear line.
 */
export function openForWriting(path: string): { db: Database.Database; created: boolean } {
  let db: Database.Database | null = null;
  try {
    secureFile(path);
    db = new Database(path, { timeout: lockWaitMs });
    checkOwner(db, path);
    const version = migrate(db, path, readMigrations(), () => prepareFile(db!, path));
    db.pragma("foreign_keys = ON");
    // What is erased is overwritten: callers' numbers must not linger in free pages.
    db.pragma("secure_delete = ON");
    db.pragma(`wal_autocheckpoint = ${logPagesMax}`);
    db.pragma(`journal_size_limit = ${logSizeMax}`);
    return { db, created: version === 0 };
  } catch (error) {
    db?.close();
    throw asOpenError(error, path);
  }
}

/** Opens the database for the thread that reads. The writer has it open already. */
export function openForReading(path: string): Database.Database {
  try {
    return new Database(path, { readonly: true, fileMustExist: true, timeout: lockWaitMs });
  } catch (error) {
    throw asOpenError(error, path);
  }
}

/** Opens the database for the thread that moves the log into it. The writer has it open already. */
export function openForTidying(path: string): Database.Database {
  try {
    return new Database(path, { fileMustExist: true, timeout: 0 });
  } catch (error) {
    throw asOpenError(error, path);
  }
}

/** The log and the index beside the database get the mode that the database has. */
function secureFile(path: string): void {
  closeSync(openSync(path, "a", 0o640));
  const { mode } = statSync(path);
  // A restored backup may be readable by everybody; callers' numbers and passwords are in it.
  if (mode & 0o007) chmodSync(path, mode & 0o770);
}

function checkOwner(db: Database.Database, path: string): void {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  const owner = db.pragma("application_id", { simple: true });
  if (tables !== 0 && owner !== applicationId)
    throw new StoreError(
      "foreign_database",
      `${path} is a database of another program. It was left as it is.`,
    );
}

/** Once it is clear that this is our database, and not before. */
function prepareFile(db: Database.Database, path: string): void {
  if (db.pragma("application_id", { simple: true }) !== applicationId)
    db.pragma(`application_id = ${applicationId}`);
  const mode = db.pragma("journal_mode = WAL", { simple: true });
  if (mode !== "wal")
    throw new StoreError("cannot_open", `${path} cannot use a write-ahead log. Is it on a network drive?`);
}

function asOpenError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Database.SqliteError ? error.code : "";
  if (code === "SQLITE_NOTADB")
    return new StoreError("not_a_database", `${path} is not a database. It was left as it is.`, {
      cause: error,
    });
  const busy = code.startsWith("SQLITE_BUSY") ? " Another program holds it; see: fuser -v" : "";
  return new StoreError(
    "cannot_open",
    `Cannot open ${path}: ${messageOf(error)}.${busy && `${busy} ${path}`}`,
    {
      cause: error,
    },
  );
}
