import Database from "better-sqlite3";
import { damageOf } from "./copies.ts";
import { StoreError } from "./errors.ts";
import { readMigrations, versionOf } from "./migrate.ts";
import { applicationId } from "./open-database.ts";

export type Inspected = {
  readonly counts: { readonly hotlines: number; readonly agents: number; readonly calls: number };
  /** When something was written last, by the clock on the wall; 0: never. */
  readonly lastMs: number;
};

/**
 * Looks through a database that nobody uses. Throws StoreError when it is damaged, another program's, or of a newer version
 * of this one; `name` is what it is called then.
 */
export function inspectDatabase(path: string, name: string): Inspected {
  const damage = damageOf(path);
  if (damage !== null) throw new StoreError("damaged", `The database in ${name} is damaged: ${damage}`);
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    if (db.pragma("application_id", { simple: true }) !== applicationId)
      throw new StoreError("foreign_database", `${name} is a database of another program`);
    const version = versionOf(db);
    const known = readMigrations().length;
    if (version > known)
      throw new StoreError(
        "newer_database",
        `${name} was written by a newer version of this program (tables ${version}, known here up to ${known}); install that version to restore it`,
      );
    const count = (table: string) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()!;
    const lastMs = db.prepare<[], number>("SELECT wall_ms FROM clock").pluck().get() ?? 0;
    return {
      counts: { hotlines: count("hotlines"), agents: count("agents"), calls: count("calls") },
      lastMs,
    };
  } finally {
    db.close();
  }
}
