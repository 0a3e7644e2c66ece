import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { examine } from "../../src/store/check.ts";
import { temporaryFolder, temporaryStore } from "./support.ts";

test("a sound database is found sound, while it is in use", async (t) => {
  const { store } = await temporaryStore(t);
  const { damage, tables, tablesChecked } = await store.examine(10_000);
  assert.deepEqual(damage, []);
  assert.ok(tables > 5);
  assert.equal(tablesChecked, tables);
});

test("when the time is up, no more tables are looked at", async (t) => {
  const { store } = await temporaryStore(t);
  const { damage, tablesChecked } = await store.examine(0);
  assert.deepEqual({ damage, tablesChecked }, { damage: [], tablesChecked: 0 });
});

test("a damaged table is found, and the others are looked at all the same", (t) => {
  const path = join(temporaryFolder(t), "damaged.db");
  const db = new Database(path);
  t.after(() => db.close());
  db.exec("CREATE TABLE a (x INTEGER NOT NULL); CREATE TABLE b (x INTEGER); INSERT INTO a VALUES (1)");
  // What a disk fault leaves: a value that the table forbids.
  db.unsafeMode();
  db.pragma("writable_schema = ON");
  db.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE b (x INTEGER NOT NULL)' WHERE name = 'b'");
  db.exec("INSERT INTO b VALUES (NULL)");
  const reopened = new Database(path, { readonly: true });
  t.after(() => reopened.close());
  const { damage, tables, tablesChecked } = examine(reopened, 10_000);
  assert.deepEqual({ tables, tablesChecked }, { tables: 2, tablesChecked: 2 });
  assert.deepEqual(damage, ["NULL value in b.x"]);
});
