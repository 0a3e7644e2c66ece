import { chownSync, closeSync, openSync, readSync, renameSync } from "node:fs";
import Database from "better-sqlite3";
import type { Owner } from "../config/files.ts";

/*
 * Asterisk keeps the phones' registrations in a SQLite database of its own (astdb). As Asterisk makes it, each change takes new room
 * on the disk, and on a full one phones are lost as their registrations end. With a write-ahead log that has its room beforehand,
 * and free pages inside, changes take none.
 */

/** Of the write-ahead log. SQLite begins it anew after 1000 pages of 4 kB. */
export const logBytes = 5 * 1024 * 1024;

/** Pages for some 4000 phones. */
const freeBytes = 2 * 1024 * 1024;

/**
 * Makes the database so, if it is not yet. A damaged one is set aside: phones register anew by themselves. `owner` becomes the
 * owner; null: who asks. Returns false when Asterisk is using it just now: then it stays as it is until another time.
 */
export function reserveRegistrations(file: string, owner: Owner | null): boolean {
  if (hasLog(file)) return true;
  try {
    make(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "SQLITE_BUSY") return false;
    if (code !== "SQLITE_NOTADB" && code !== "SQLITE_CORRUPT") throw error;
    renameSync(file, `${file}.damaged`);
    make(file);
  }
  if (owner) chownSync(file, owner.uid, owner.gid);
  return true;
}

function make(file: string): void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma("journal_mode = WAL");
    db.exec(`CREATE TABLE room (bytes); INSERT INTO room VALUES (zeroblob(${freeBytes})); DROP TABLE room`);
  } finally {
    db.close();
  }
}

/** Bytes 18 and 19 of a database say so (https://sqlite.org/fileformat2.html). To open it would touch the log. */
function hasLog(file: string): boolean {
  const versions = Buffer.alloc(2);
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  try {
    readSync(handle, versions, 0, 2, 18);
  } finally {
    closeSync(handle);
  }
  return versions.equals(Buffer.from([2, 2]));
}
