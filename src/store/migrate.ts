import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { StoreError } from "./errors.ts";

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

/**
 * Brings the tables up to date, each migration in a transaction of its own, and returns the version there was before (0:
 * none). `prepare` runs before the first change. Throws StoreError `newer_database` before anything is changed.
 */
export function migrate(
  db: Database,
  path: string,
  migrations: readonly Migration[],
  prepare: () => void,
): number {
  const before = versionOf(db);
  if (before > migrations.length)
    throw new StoreError(
      "newer_database",
      `${path} was written by a newer version of this program (tables ${before}, known here up to ` +
        `${migrations.length}). Install that version again, or restore a backup.`,
    );
  prepare();
  db.exec(
    "CREATE TABLE IF NOT EXISTS migrations " +
      "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT",
  );
  const note = db.prepare("INSERT INTO migrations (version, name, applied_ms) VALUES (?, ?, ?)");
  const apply = db.transaction(({ version, name, sql }: Migration) => {
    db.exec(sql);
    note.run(version, name, Date.now());
  });
  for (const migration of migrations.slice(before)) apply.immediate(migration);
  return before;
}

function versionOf(db: Database): number {
  const there = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get();
  if (!there) return 0;
  return db.prepare("SELECT coalesce(max(version), 0) FROM migrations").pluck().get() as number;
}
