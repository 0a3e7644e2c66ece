import { chmodSync, closeSync, existsSync, openSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { firstDamage, listCopies, makeCopy } from "./copies.ts";
import { messageOf, StoreError } from "./errors.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { openWithCopy } from "./set-aside.ts";

/** "HOTL" in the file's header: tells our databases from other programs'. */
export const applicationId = 0x484f544c;

/** How long to wait for somebody else's lock before it counts as a failure. Short: writes are tried again anyway. */
const lockWaitMs = 1000;
/** So many pages (64 MB) in the write-ahead log, and the writing thread tidies up itself: the tidier has not kept up. */
const logPagesMax = 16_384;
/** The write-ahead log shrinks back to this after a burst. */
const logSizeMax = 64 * 1024 * 1024;

/**
 * Opens the database for the one thread that writes, makes it when it is not there (mode 0640), and brings its tables
 * up to date. A damaged one is set aside and replaced by the last good copy, see set-aside.ts. `created`: it held nothing
 * before. Throws StoreError with one clear line.
 */
export function openForWriting(path: string): { db: Database.Database; created: boolean } {
  const lost = whyLost(path);
  if (lost !== null) openWithCopy(path, lost, Date.now());
  try {
    return openSound(path);
  } catch (error) {
    if (!(error instanceof Damage)) throw asOpenError(error, path);
    try {
      openWithCopy(path, `is damaged (${error.message})`, Date.now());
    } catch (without) {
      // Somebody else's file, by mistake, is more likely than a copy that was never made.
      throw error.isNoDatabase ? notADatabase(path, error) : without;
    }
  }
  try {
    return openSound(path);
  } catch (error) {
    throw asOpenError(error, path);
  }
}

/** The database itself is gone, while there are copies of it: then it was not the first start. Null: all is well. */
function whyLost(path: string): string | null {
  if (listCopies(path).length === 0) return null;
  if (!existsSync(path)) return "is gone";
  return statSync(path).size === 0 ? "is empty" : null;
}

/** What SQLite says of a file that cannot be read, or not be believed. */
class Damage extends Error {
  readonly isNoDatabase: boolean;
  constructor(message: string, isNoDatabase: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isNoDatabase = isNoDatabase;
  }
}

const damageCodes = /^SQLITE_(CORRUPT|NOTADB|IOERR_READ|IOERR_SHORT_READ|IOERR_CORRUPTFS|IOERR_DATA)/;

/** Throws Damage, or whatever else keeps it from being opened. */
function openSound(path: string): { db: Database.Database; created: boolean } {
  secureFile(path);
  if (statSync(path).size > 0) lookThrough(path);
  const db = new Database(path, { timeout: lockWaitMs });
  try {
    const version = migrate(db, path, readMigrations(), {
      prepare: () => prepareFile(db, path),
      keep: (tables) => makeCopy(db, path, { kind: "before_migration", tables }, Date.now()),
    });
    db.pragma("foreign_keys = ON");
    // What is erased is overwritten: callers' numbers must not linger in free pages.
    db.pragma("secure_delete = ON");
    db.pragma(`wal_autocheckpoint = ${logPagesMax}`);
    db.pragma(`journal_size_limit = ${logSizeMax}`);
    return { db, created: version === 0 };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Without the right to write: what turns out to be damaged is left exactly as it was found. */
function lookThrough(path: string): void {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { readonly: true, timeout: lockWaitMs });
    checkOwner(db, path);
    const damage = firstDamage(db);
    if (damage !== null) throw new Damage(damage, false);
  } catch (error) {
    const code = error instanceof Database.SqliteError ? error.code : "";
    if (damageCodes.test(code))
      throw new Damage(messageOf(error), code === "SQLITE_NOTADB", { cause: error });
    throw error;
  } finally {
    db?.close();
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

const notADatabase = (path: string, cause: Error): StoreError =>
  new StoreError("not_a_database", `${path} is not a database. It was left as it is.`, { cause });

function asOpenError(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Database.SqliteError ? error.code : "";
  const busy = code.startsWith("SQLITE_BUSY") ? " Another program holds it; see: fuser -v" : "";
  return new StoreError(
    "cannot_open",
    `Cannot open ${path}: ${messageOf(error)}.${busy && `${busy} ${path}`}`,
    {
      cause: error,
    },
  );
}
