import assert from "node:assert/strict";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import { listCopies } from "../../src/store/copies.ts";
import { readMigrations } from "../../src/store/migrate.ts";
import { openStore } from "../../src/store/store.ts";
import { makeFirstTables } from "./first-tables.ts";
import { arrival, batchOf, demo, noTrouble, query, temporaryFolder, temporaryStore } from "./support.ts";

const open = (path: string) => openStore({ path, onTrouble: noTrouble });

/** A database with the demo hotline and some calls, a copy of it, and one more call after that; closed. */
async function databaseWithCopy(t: TestContext): Promise<string> {
  const { store, path } = await temporaryStore(t);
  const calls = Array.from({ length: 300 }, (_, i) => arrival(`c${i}`, i, `+49361${i}`));
  await store.write(batchOf({ hotlines: { demo }, story: calls }));
  await store.copy();
  await store.write(batchOf({ story: [arrival("late", 1000)] }));
  await store.close();
  return path;
}

/** Zeros, as a power cut may leave them. */
function damage(path: string, from: number, bytes: number): void {
  const handle = openSync(path, "r+");
  writeSync(handle, Buffer.alloc(bytes), 0, bytes, from);
  closeSync(handle);
}

const asideOf = (path: string): string[] =>
  readdirSync(dirname(path)).filter((name) => name.startsWith("hotline.db.damaged-"));

const faults: Record<string, (path: string) => void> = {
  "pages in its middle are zero": (path) => damage(path, Math.floor(statSync(path).size / 8192) * 4096, 8192),
  "its header is gone": (path) => damage(path, 0, 4096),
  "it is cut off": (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  "it is another file": (path) => writeFileSync(path, "a letter\n".repeat(1000)),
};

for (const [what, fault] of Object.entries(faults))
  test(`${what}: the database is set aside as it is, and the last good copy takes its place`, async (t) => {
    const path = await databaseWithCopy(t);
    fault(path);
    const broken = readFileSync(path);
    const store = await open(path);
    t.after(() => store.close());
    assert.equal(store.created, false);
    assert.deepEqual(
      (await store.load()).hotlines.map(({ id }) => id),
      ["demo"],
    );
    assert.equal((await store.calls({ limit: 1000 })).length, 300);
    const [note, ...others] = store.setAside();
    assert.deepEqual(others, []);
    assert.match(note!, /hotline\.db is damaged \(.+\)\. It was set aside as .*hotline\.db\.damaged-/);
    const [copy] = store.copies();
    assert.ok(note!.includes(`the copy of ${new Date(copy!.madeAtMs).toISOString()}`));
    const aside = asideOf(path).find((name) => /Z$/.test(name))!;
    assert.deepEqual(readFileSync(join(dirname(path), aside)), broken);
    await store.write(batchOf({ story: [arrival("again", 2000)] }));
    await store.close();

    // Told for as long as the note lies there, and set aside once.
    const again = await open(path);
    t.after(() => again.close());
    assert.deepEqual(again.setAside(), [note]);
    assert.equal((await again.calls({ limit: 1000 })).length, 301);
    renameSync(join(dirname(path), `${aside}.txt`), join(dirname(path), "seen.txt"));
    assert.deepEqual(again.setAside(), []);
  });

test("a database that is gone or empty while there are copies is no first start", async (t) => {
  const path = await databaseWithCopy(t);
  for (const lose of [() => rmSync(path), () => truncateSync(path)]) {
    lose();
    const store = await open(path);
    t.after(() => store.close());
    assert.deepEqual([store.created, (await store.load()).hotlines.length], [false, 1]);
    assert.match(store.setAside()[0]!, /hotline\.db is (gone|empty)\./);
    await store.close();
  }
});

test("a copy that is damaged itself is passed over", async (t) => {
  const path = await databaseWithCopy(t);
  const [copy] = listCopies(path);
  copyFileSync(copy!.file, join(dirname(copy!.file), "hotline-2099-01-01T00-00-00.000Z.db"));
  damage(listCopies(path)[0]!.file, 4096, 4096);
  damage(path, 0, 100);
  const store = await open(path);
  t.after(() => store.close());
  assert.ok(store.setAside()[0]!.includes(new Date(copy!.madeAtMs).toISOString()));
});

test("without any copy a damaged database is refused and left as it is", async (t) => {
  const path = await databaseWithCopy(t);
  rmSync(join(dirname(path), "copies"), { recursive: true });
  damage(path, 8192, 8192);
  const before = readFileSync(path);
  await assert.rejects(open(path), {
    code: "damaged",
    message: /hotline\.db is damaged \(.*\), and there is no copy of it in .*copies\. .*hotline restore FILE/,
  });
  assert.deepEqual(readFileSync(path), before);
  assert.deepEqual(asideOf(path), []);
});

test("copies are whole while calls come in, closed to others, and few", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo } }));
  for (let round = 0; round < 5; round++) {
    const writing = Array.from({ length: 100 }, (_, i) =>
      store.write(batchOf({ story: [arrival(`c${round}-${i}`, i)] })),
    );
    const { file } = await store.copy();
    await Promise.all(writing);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    // Each call is one transaction: its row and its line.
    const [counts] = query(
      file,
      "SELECT (SELECT count(*) FROM calls) - (SELECT count(*) FROM call_events) AS differ",
    );
    assert.deepEqual(counts, { differ: 0 });
  }
  assert.equal(store.copies().length, 3);
  assert.equal(readdirSync(join(dirname(path), "copies")).length, 3);
});

test("a copy is made before the tables are changed, and is what an older program is sent to", async (t) => {
  const path = join(temporaryFolder(t), "hotline.db");
  makeFirstTables(path);
  const store = await open(path);
  await store.close();
  const [copy, ...others] = listCopies(path, "before_migration");
  assert.deepEqual(others, []);
  assert.ok(copy!.file.includes(`before-tables-${readMigrations().length}-`));
  assert.deepEqual(query(copy!.file, "SELECT max(version) AS version FROM migrations"), [{ version: 1 }]);

  const newer = readMigrations().length + 1;
  const db = new Database(path);
  db.exec(`INSERT INTO migrations VALUES (${newer}, 'future.sql', 0)`);
  db.close();
  const kept = join(dirname(copy!.file), `before-tables-${newer}-2026-11-23T12-00-00.000Z.db`);
  renameSync(copy!.file, kept);
  await assert.rejects(open(path), {
    code: "newer_database",
    message: new RegExp(`tables ${newer}, known here up to ${newer - 1}.*hotline restore ${kept}$`),
  });
  assert.ok(existsSync(path));
});
