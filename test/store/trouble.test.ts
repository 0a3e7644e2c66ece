import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import { test } from "node:test";
import Database from "better-sqlite3";
import { StoreError } from "../../src/store/errors.ts";
import { openStore } from "../../src/store/store.ts";
import { GroupWriter } from "../../src/store/write-group.ts";
import { waitingMax } from "../../src/store/write-queue.ts";
import {
  arrival,
  batchOf,
  demo,
  end,
  erika,
  hotlineId,
  line,
  noTrouble,
  temporaryStore,
  waitingCall,
} from "./support.ts";

/** Another program that keeps the database for itself. */
function lock(path: string): { release(): void } {
  const db = new Database(path);
  db.exec("BEGIN EXCLUSIVE");
  return {
    release() {
      db.exec("COMMIT");
      db.close();
    },
  };
}

test("while the database is locked all waits in order, and is written when it is free", async (t) => {
  const { store, path, troubles } = await temporaryStore(t);
  const held = lock(path);
  const firstTrouble = troubles.next();
  const written: number[] = [];
  const promises = Array.from({ length: 1200 }, (_, index) =>
    store.write(batchOf({ story: [arrival(`c${index}`, index)] })).then(() => written.push(index)),
  );
  assert.equal(store.backlog(), 1200);
  assert.match(
    (await firstTrouble) ?? "",
    /^Cannot write to .*: database is locked\. Changes wait in memory/,
  );
  assert.deepEqual(written, []);
  assert.deepEqual(await store.calls({ limit: 1 }), [], "reading goes on");

  const nextTrouble = troubles.next();
  held.release();
  await Promise.all(promises);
  assert.equal(await nextTrouble, null);
  assert.equal(troubles.all.length, 2);
  assert.deepEqual(written, [...written.keys()]);
  assert.equal(store.backlog(), 0);
  assert.equal((await store.calls({ limit: 5000 })).length, 1200);
});

test("damage that is found while it runs is told as what it is, with what to do", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(
    batchOf({ story: Array.from({ length: 500 }, (_, index) => arrival(`c${index}`, index)) }),
  );
  await store.close();
  const db = new Database(path);
  t.after(() => db.close());
  const pages = db.prepare("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'calls'").pluck().all();
  const handle = openSync(path, "r+");
  for (const page of pages as number[])
    writeSync(handle, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(handle);
  assert.throws(
    () =>
      new GroupWriter(db).write("run", [{ number: 1, batch: batchOf({ story: [arrival("late", 1000)] }) }]),
    /^StoreError: the database is damaged \(.*malformed.*\)\. Calls go on, .* restart it when no call is in progress/,
  );
});

test("a batch that can never be written is refused whole, and the others of its group are written", async (t) => {
  const { store, troubles } = await temporaryStore(t);
  const stranger = { ...erika, memberships: [{ hotline: hotlineId("nowhere"), tier: 1, skills: [] }] };
  const [good, bad, after] = await Promise.allSettled([
    store.write(batchOf({ hotlines: { demo } })),
    store.write(batchOf({ agents: { "201": stranger }, calls: { c1: waitingCall } })),
    store.write(batchOf({ numbers: { "115": "demo" } })),
  ]);
  assert.equal(good.status, "fulfilled");
  assert.equal(after.status, "fulfilled");
  assert.ok(bad.status === "rejected" && bad.reason instanceof StoreError);
  assert.equal(bad.reason.code, "bad_batch");
  assert.match(bad.reason.message, /FOREIGN KEY/);
  assert.deepEqual(troubles.all, [bad.reason.message]);
  const { numbers, agents, calls } = await store.load();
  assert.deepEqual([numbers.length, agents, calls], [1, [], []]);
});

test("a batch that cannot even be posted is refused, and the others are written", async (t) => {
  const { path } = await temporaryStore(t);
  const bugs: StoreError[] = [];
  const store = await openStore({ path, onTrouble: noTrouble, onBadBatch: (error) => bugs.push(error) });
  t.after(() => store.close());
  const broken = { ...waitingCall, from: (() => undefined) as unknown as string };
  const promises = [
    store.write(batchOf({ hotlines: { demo } })),
    store.write(batchOf({ numbers: { "115": "demo" } })),
    store.write(batchOf({ calls: { c1: broken } })),
    store.write(batchOf({ numbers: { "116": "demo" } })),
  ];
  const settled = await Promise.allSettled(promises);
  assert.deepEqual(
    settled.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(
    bugs.map(({ code }) => code),
    ["bad_batch"],
  );
  assert.equal((await store.load()).numbers.length, 2);
});

test("what waits longer than memory allows keeps the state and every call's outcome", async (t) => {
  const { store, path, troubles } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo } }));
  const held = lock(path);
  const locked = troubles.next();
  const promises = [store.write(batchOf({ story: [arrival("c1", 0), line("c1", 0, { what: "music" })] }))];
  await locked;
  for (let misses = 1; misses <= waitingMax; misses++)
    promises.push(store.write(batchOf({ agents: { "201": { ...erika, misses } } })));
  promises.push(store.write(batchOf({ story: [end("c1", 9000)] })));
  assert.match(troubles.all.at(-1) ?? "", /details of calls are lost, their outcomes are kept/);
  assert.ok(store.backlog() < 10);
  held.release();
  await Promise.all(promises);
  assert.equal(troubles.all.at(-1), null);
  assert.equal((await store.load()).agents[0]?.misses, waitingMax);
  const call = await store.call("c1");
  assert.equal(call?.outcome, "abandoned");
});

test("closing writes what waits, tidies up, and lets nothing in after it", async (t) => {
  const { store, path } = await temporaryStore(t);
  const promises = Array.from({ length: 700 }, (_, index) =>
    store.write(batchOf({ story: [arrival(`c${index}`, index)] })),
  );
  await store.close();
  await Promise.all(promises);
  await assert.rejects(store.write(batchOf({})), { code: "closed" });
  await assert.rejects(store.calls({ limit: 1 }), { code: "closed" });
  const { store: again } = await temporaryStore(t, path);
  assert.equal((await again.calls({ limit: 1000 })).length, 700);
});
