import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { listCopies } from "./copies.ts";
import { messageOf, StoreError } from "./errors.ts";

export type Migration = { readonly version: number; readonly name: string; readonly sql: string };

const folder = new URL("./migrations/", import.meta.url);

/** The migrations that came with the program, in order. Throws when a number is missing or there twice. */
export function readMigrations(): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name, index) => {
    const version = Number(/^(\d{4})-/.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`Migration ${name} should have the number ${index + 1}`);
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}

export type Preparation = {
  /** Before anything is changed in a database that is ours or new. */
  readonly prepare: () => void;
  /** Before the tables of one that is not new are brought to version `to`. */
  readonly keep: (to: number) => void;
};

/**
 * Brings the tables up to date, all migrations in one transaction, and returns the version there was before (0: none).
 * Throws StoreError `newer_database` before anything is changed.
 */
export function migrate(
  db: Database,
  path: string,
  migrations: readonly Migration[],
  { prepare, keep }: Preparation,
): number {
  const before = versionOf(db);
  if (before > migrations.length) throw newerDatabase(path, before, migrations.length);
  prepare();
  const missing = migrations.slice(before);
  if (missing.length === 0) return before;
  if (before > 0) keep(migrations.length);
  const apply = db.transaction(() => {
    db.exec(
      "CREATE TABLE IF NOT EXISTS migrations " +
        "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT",
    );
    const note = db.prepare("INSERT INTO migrations (version, name, applied_ms) VALUES (?, ?, ?)");
    for (const { version, name, sql } of missing) {
      try {
        db.exec(sql);
      } catch (error) {
        throw new StoreError(
          "cannot_open",
          `The tables of ${path} could not be brought up to date: ${name}: ${messageOf(error)}. They are as they were; go back to the version of the program before, and report this.`,
          { cause: error },
        );
      }
      note.run(version, name, Date.now());
    }
  });
  apply.immediate();
  return before;
}

function newerDatabase(path: string, there: number, known: number): StoreError {
  // What lies in it is older than the version in its name.
  const [copy] = listCopies(path, "before_migration").filter(
    ({ file }) => Number(/before-tables-(\d+)-/.exec(file)?.[1]) <= known + 1,
  );
  const older = copy
    ? ` Or go back to how all was at the upgrade: hotline restore ${copy.file}`
    : " Or restore a backup made by this version: hotline restore FILE";
  return new StoreError(
    "newer_database",
    `${path} was written by a newer version of this program (tables ${there}, known here up to ${known}). It was left as it is. Install that version again.${older}`,
  );
}

/** 0: there are no tables of ours. */
export function versionOf(db: Database): number {
  const there = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get();
  if (!there) return 0;
  return db.prepare("SELECT coalesce(max(version), 0) FROM migrations").pluck().get() as number;
}
