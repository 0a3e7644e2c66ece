import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import Database from "better-sqlite3";
import { logBytes, reserveRegistrations } from "../../src/pbx/registrations.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hotline-test-"));
  file = join(folder, "astdb.sqlite3");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As Asterisk does (main/db.c). */
const create = "CREATE TABLE IF NOT EXISTS astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))";
const put = "INSERT OR REPLACE INTO astdb (key, value) VALUES (?, ?)";

test("changes of many phones' registrations take no more room than there was from the beginning", () => {
  assert.ok(reserveRegistrations(file, null));
  writeFileSync(`${file}-wal`, Buffer.alloc(logBytes));
  const db = new Database(file);
  db.exec(create);
  const bytes = () => statSync(file).size + statSync(`${file}-wal`).size;
  const before = bytes();
  for (let change = 0; change < 5_000; change++)
    db.prepare(put).run(`/registrar/contact/agent;${change % 500}`, `{${"x".repeat(400)}${change}}`);
  assert.equal(bytes(), before);
  assert.equal(db.prepare("SELECT count(*) FROM astdb").pluck().get(), 500);
  db.close();
});

test("what Asterisk has made is kept, and what is so already is not touched", () => {
  const old = new Database(file);
  old.exec(create);
  old.prepare(put).run("/registrar/contact/201", "{}");
  old.close();
  assert.ok(reserveRegistrations(file, null));
  const made = readFileSync(file);
  const db = new Database(file, { readonly: true });
  assert.equal(db.prepare("SELECT value FROM astdb").pluck().get(), "{}");
  db.close();
  assert.ok(reserveRegistrations(file, null));
  assert.deepEqual(readFileSync(file), made);
});

test("while Asterisk holds it, it stays as it is", () => {
  const asterisk = new Database(file);
  asterisk.exec(create);
  asterisk.exec("BEGIN; SELECT * FROM astdb");
  asterisk.prepare(put).run("/registrar/contact/201", "{}");
  assert.equal(reserveRegistrations(file, null), false);
  asterisk.exec("COMMIT");
  assert.equal(asterisk.pragma("journal_mode", { simple: true }), "delete");
  asterisk.close();
});

test("a damaged one is set aside", () => {
  writeFileSync(file, "no database at all, however one looks at it".repeat(100));
  assert.ok(reserveRegistrations(file, null));
  assert.deepEqual(readdirSync(folder).sort(), ["astdb.sqlite3", "astdb.sqlite3.damaged"]);
  assert.ok(!existsSync(`${file}-wal`));
});
