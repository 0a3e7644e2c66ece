import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { migrate, readMigrations } from "../../src/store/migrate.ts";
import { demoDesk, noPreparation, temporaryFolder, temporaryStore } from "./support.ts";

test("a hotline that lets its callers go after closing time is looked at anew", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  const db = new Database(path);
  db.pragma(`application_id = ${0x484f544c}`);
  migrate(db, path, readMigrations().slice(0, 4), noPreparation);
  db.exec(`INSERT INTO hotlines (id, name, strategy, ring_timeout_ms, wrap_up_ms, auto_pause_after, max_waiting,
      max_wait_ms, short_abandon_ms, time_zone, weekly, ad_hoc)
    VALUES ('demo', 'Bürgerhotline', 'longest-idle', 20000, 10000, 2, 500, 3600000, 5000, 'Europe/Berlin',
      '[[],[],[],[],[],[],[]]', '{"kind":"none"}')`);
  db.prepare("INSERT INTO desks (hotline, desk) VALUES ('demo', ?)").run(
    JSON.stringify({ ...demoDesk, closing: { kind: "released" } }),
  );
  db.close();
  const { store } = await temporaryStore(t, path);
  const { desks } = await store.load();
  assert.deepEqual(desks, [{ ...demoDesk, closing: { kind: "unwatched" } }]);
});
