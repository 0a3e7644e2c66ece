import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { messageOf, StoreError } from "./errors.ts";

/*
 * Whole copies of the database in the folder `copies` beside it. They are made while it is in use, as of one moment, and are
 * looked through before they count as copies.
 *
 * hotline-2026-11-23T15-50-00.000Z.db            every hour, and after settings were changed
 * before-tables-5-2026-11-23T15-50-00.000Z.db    before the tables were brought to version 5
 */

export type Copy = { readonly file: string; readonly madeAtMs: number };

/** `regular`: made all the time. `before_migration`: only before `tables` becomes the version of the tables. */
export type CopyKind =
  | { readonly kind: "regular" }
  | { readonly kind: "before_migration"; readonly tables: number };

const kept = { regular: 3, before_migration: 2 } as const;
/** A copy must not take the last of the disk. */
const bytesLeft = 64 * 1024 * 1024;

const copyName = /^(?:hotline|before-tables-\d+)-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})Z\.db$/;

export const copiesFolder = (path: string): string => join(dirname(path), "copies");

/** Those in that folder, newest first. */
export function listCopies(path: string, kind: CopyKind["kind"] = "regular"): Copy[] {
  const folder = copiesFolder(path);
  if (!existsSync(folder)) return [];
  const prefix = kind === "regular" ? "hotline-" : "before-tables-";
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const [, day, hour, minute, second] = copyName.exec(name) ?? [];
      if (day === undefined) return [];
      return { file: join(folder, name), madeAtMs: Date.parse(`${day}T${hour}:${minute}:${second}Z`) };
    })
    .sort((a, b) => b.madeAtMs - a.madeAtMs);
}

/**
 * Makes a copy, and removes the oldest ones beyond the few that are kept. Throws StoreError `cannot_copy`; nothing is left
 * of the copy and none was removed then.
 */
export function makeCopy(db: Database.Database, path: string, what: CopyKind, nowMs: number): Copy {
  const folder = copiesFolder(path);
  const stamp = new Date(nowMs).toISOString().replaceAll(":", "-");
  const name = what.kind === "regular" ? `hotline-${stamp}.db` : `before-tables-${what.tables}-${stamp}.db`;
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    refuseWithoutRoom(db, folder);
    copyInto(db, file);
  } catch (error) {
    throw new StoreError(
      "cannot_copy",
      `No copy of ${path} could be made in ${folder}: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
  for (const old of listCopies(path, what.kind).slice(kept[what.kind])) rmSync(old.file);
  return { file, madeAtMs: nowMs };
}

/** What one moment's state is, in a file of its own (mode 0600) that is on disk and sound when this returns. */
export function copyInto(db: Database.Database, file: string): void {
  const temporary = `${file}.part`;
  rmSync(temporary, { force: true });
  try {
    // SQLite fills an empty file, and this one is closed to others from the beginning.
    closeSync(openSync(temporary, "wx", 0o600));
    db.prepare("VACUUM INTO ?").run(temporary);
    const damage = damageOf(temporary);
    if (damage !== null) throw new Error(`the copy is damaged: ${damage}`);
    syncFile(temporary);
    renameSync(temporary, file);
    syncFile(dirname(file));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function refuseWithoutRoom(db: Database.Database, folder: string): void {
  const pages = db.pragma("page_count", { simple: true }) as number;
  const bytes = pages * (db.pragma("page_size", { simple: true }) as number);
  const { bavail, bsize } = statfsSync(folder);
  const mega = (count: number) => `${Math.ceil(count / 1024 / 1024)} MB`;
  if (bavail * bsize < bytes + bytesLeft)
    throw new Error(
      `it needs ${mega(bytes)}, ${mega(bytesLeft)} must stay free, and only ${mega(bavail * bsize)} are`,
    );
}

/** What is wrong with a database nobody uses, in SQLite's words; null: nothing. */
export function damageOf(file: string): string | null {
  let db: Database.Database | null = null;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    return firstDamage(db);
  } catch (error) {
    return messageOf(error);
  } finally {
    db?.close();
  }
}

/** Looks through all of it: 0.2 s for the record of 100 000 calls. Null: nothing is wrong. */
export function firstDamage(db: Database.Database): string | null {
  const [row] = db.pragma("quick_check(1)") as { quick_check: string }[];
  if (row === undefined || row.quick_check === "ok") return null;
  return row.quick_check.replace(/^\*\*\* in database main \*\*\*\s*/, "");
}

/** A file or a folder: its content, and the names in it. */
export function syncFile(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Of a file that is put in the place of the database. */
export function closeToStrangers(file: string): void {
  chmodSync(file, 0o640);
}
