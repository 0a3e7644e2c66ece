import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { migrate, readMigrations } from "../../src/store/migrate.ts";
import { openStore } from "../../src/store/store.ts";
import {
  batchOf,
  demo,
  noPreparation,
  noTrouble,
  query,
  temporaryFolder,
  temporaryStore,
} from "./support.ts";

const refusal = (path: string) => openStore({ path, onTrouble: noTrouble });

test("migrations are recorded, and applied once", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.close();
  const recorded = () => query(path, "SELECT version, name FROM migrations");
  const first = recorded();
  assert.deepEqual(
    first,
    readMigrations().map(({ version, name }) => ({ version, name })),
  );
  const again = await openStore({ path, onTrouble: noTrouble });
  await again.close();
  assert.deepEqual(recorded(), first);
});

test("a migration that fails leaves the tables as they were, those before it among them", (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const db = new Database(path);
  t.after(() => db.close());
  const first = { version: 1, name: "0001-first.sql", sql: "CREATE TABLE first (x TEXT) STRICT" };
  const good = { version: 2, name: "0002-good.sql", sql: "CREATE TABLE good (x TEXT) STRICT" };
  const bad = { version: 3, name: "0003-bad.sql", sql: "CREATE TABLE half (x TEXT) STRICT; nonsense" };
  migrate(db, path, [first], noPreparation);
  const kept: number[] = [];
  const preparation = { ...noPreparation, keep: (to: number) => void kept.push(to) };
  assert.throws(() => migrate(db, path, [first, good, bad], preparation), {
    code: "cannot_open",
    message: /0003-bad\.sql: .*nonsense.*They are as they were/,
  });
  const tables = db.prepare("SELECT name FROM sqlite_schema ORDER BY name").pluck().all();
  assert.deepEqual(tables, ["first", "migrations"]);
  const mended = { ...bad, sql: "CREATE TABLE whole (x TEXT) STRICT" };
  assert.equal(migrate(db, path, [first, good, mended], preparation), 1);
  assert.deepEqual(kept, [3, 3], "a copy is made each time before anything is changed");
});

test("a database of a newer program is refused and left as it is", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo } }));
  await store.close();
  const db = new Database(path);
  db.exec("INSERT INTO migrations VALUES (99, '0099-future.sql', 0)");
  db.close();
  const before = readFileSync(path);
  await assert.rejects(refusal(path), {
    code: "newer_database",
    message: new RegExp(
      `^${path} was written by a newer version of this program \\(tables 99, .*restore FILE$`,
    ),
  });
  assert.deepEqual(readFileSync(path), before);
});

test("a file that is no database is refused and left as it is", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const text = "This is a letter, not a database.\n".repeat(100);
  writeFileSync(path, text);
  await assert.rejects(refusal(path), {
    code: "not_a_database",
    message: `${path} is not a database. It was left as it is.`,
  });
  assert.equal(readFileSync(path, "utf8"), text);
});

test("a database of another program is refused", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const db = new Database(path);
  db.exec("CREATE TABLE voicemail (x TEXT)");
  db.close();
  await assert.rejects(refusal(path), { code: "foreign_database", message: /another program/ });
});

test("a folder that is not there is one clear line", async (t) => {
  const path = join(temporaryFolder(t), "nowhere", "hotline.db");
  await assert.rejects(refusal(path), {
    code: "cannot_open",
    message: /^Cannot open .*nowhere\/hotline\.db: ENOENT/,
  });
});

test("a database that everybody may read is closed to others", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.close();
  chmodSync(path, 0o664);
  const again = await openStore({ path, onTrouble: noTrouble });
  await again.close();
  assert.equal(statSync(path).mode & 0o777, 0o660);
});
