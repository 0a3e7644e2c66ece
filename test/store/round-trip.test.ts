import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { WallMs } from "../../src/core/time.ts";
import { openStore } from "../../src/store/store.ts";
import type { AnnouncementRow, Credential } from "../../src/store/types.ts";
import {
  at,
  batchOf,
  connectedCall,
  demo,
  erika,
  hotlineId,
  noonMs,
  noTrouble,
  query,
  temporaryStore,
  waitingCall,
} from "./support.ts";

const credential: Credential = { agent: erika.id, username: "201", password: "s3cret" };
const spoken: AnnouncementRow = {
  hotline: demo.id,
  name: "closed",
  source: "text",
  text: "Wir haben zu.",
  sound: "text-1",
  lengthMs: 1500,
};
const recorded: AnnouncementRow = {
  hotline: demo.id,
  name: "greeting",
  source: "file",
  text: "gruss.wav",
  sound: "file-2",
  lengthMs: 4200,
};

test("all that was written is loaded again after the store was closed", async (t) => {
  const { store, path } = await temporaryStore(t);
  assert.equal(store.created, true);
  const closed: Hotline = {
    ...demo,
    id: hotlineId("umwelt"),
    schedule: {
      timeZone: "Europe/Berlin",
      weekly: [[{ fromMinute: 480, toMinute: 1080 }], [], [], [], [], [], []],
      adHoc: { kind: "closed", reason: "Sturm", untilMs: (noonMs + 1) as WallMs },
    },
  };
  await store.write(
    batchOf({
      hotlines: { demo, umwelt: closed },
      numbers: { "115": "demo", "116": "umwelt" },
      agents: { "201": erika },
      calls: { c1: waitingCall, c2: connectedCall },
      extra: { credentials: [credential], announcements: [spoken, recorded] },
      durable: true,
      now: at(42),
    }),
  );
  await store.close();

  const again = await openStore({ path, onTrouble: noTrouble });
  t.after(() => again.close());
  assert.equal(again.created, false);
  assert.deepEqual(await again.load(), {
    hotlines: [demo, closed],
    numbers: [
      { number: "115", hotline: "demo" },
      { number: "116", hotline: "umwelt" },
    ],
    agents: [erika],
    calls: [waitingCall, connectedCall],
    credentials: [credential],
    announcements: [spoken, recorded],
    clock: { bootId: "boot-1", ...at(42) },
  });
});

test("a new database is empty and has no clock", async (t) => {
  const { store } = await temporaryStore(t);
  assert.deepEqual(await store.load(), {
    hotlines: [],
    numbers: [],
    agents: [],
    calls: [],
    credentials: [],
    announcements: [],
    clock: null,
  });
});

test("a row that is written again is changed, and what belongs to it stays", async (t) => {
  const { store } = await temporaryStore(t);
  const credentials = [credential];
  await store.write(
    batchOf({
      hotlines: { demo },
      numbers: { "115": "demo" },
      agents: { "201": erika },
      extra: { credentials },
    }),
  );
  const renamed = { ...demo, name: "Bürgertelefon" };
  const alone = { ...erika, name: "Erika", memberships: [] };
  await store.write(batchOf({ hotlines: { demo: renamed }, agents: { "201": alone } }));
  const loaded = await store.load();
  assert.deepEqual(loaded.hotlines, [renamed]);
  assert.deepEqual(loaded.agents, [alone]);
  assert.deepEqual(loaded.credentials, credentials);
});

test("an agent goes with the credentials, a hotline with its announcements and memberships", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(
    batchOf({
      hotlines: { demo },
      numbers: { "115": "demo" },
      agents: { "201": erika },
      calls: { c1: waitingCall },
      extra: { credentials: [credential], announcements: [spoken] },
    }),
  );
  await store.write(batchOf({ agents: { "201": null }, calls: { c1: null } }));
  assert.deepEqual(query(path, "SELECT * FROM credentials"), []);
  assert.deepEqual(query(path, "SELECT * FROM agent_live"), []);
  assert.deepEqual(query(path, "SELECT * FROM live_calls"), []);
  await store.write(batchOf({ hotlines: { demo: null }, numbers: { "115": null } }));
  const { hotlines, numbers, announcements } = await store.load();
  assert.deepEqual([hotlines, numbers, announcements], [[], [], []]);
});

test("only the owner may write the files, only the group may read them", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo } }));
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(file).mode & 0o777, 0o640, file);
});
