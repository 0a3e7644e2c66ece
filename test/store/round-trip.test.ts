import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import type { Agent } from "../../src/core/agents.ts";
import type { AnnouncementRow } from "../../src/core/announcement-row.ts";
import type { MonotonicMs } from "../../src/core/time.ts";
import { openStore } from "../../src/store/store.ts";
import type { Credential } from "../../src/store/types.ts";
import {
  arrival,
  at,
  batchOf,
  connectedCall,
  demo,
  demoDesk,
  erika,
  forwardedCall,
  forwardingCall,
  noTrouble,
  query,
  temporaryStore,
  umwelt,
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
  const skilled: Agent = {
    ...erika,
    memberships: [
      { hotline: demo.id, tier: 1, skills: [] },
      { hotline: umwelt.id, tier: 3, skills: ["kurdish", "turkish"] },
    ],
  };
  const numbers = [
    { number: "115", hotline: demo.id, requires: [] },
    { number: "116", hotline: umwelt.id, requires: ["turkish"] },
  ];
  await store.write(
    batchOf({
      hotlines: { demo, umwelt },
      numbers: { "115": numbers[0]!, "116": numbers[1]! },
      desks: { demo: demoDesk },
      agents: { "201": skilled },
      calls: { c1: waitingCall, c2: connectedCall, c3: forwardingCall, c4: forwardedCall },
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
    hotlines: [demo, umwelt],
    numbers,
    desks: [demoDesk],
    agents: [skilled],
    calls: [waitingCall, connectedCall, forwardingCall, forwardedCall],
    credentials: [credential],
    announcements: [spoken, recorded],
    brokenHours: [],
    brokenCalls: [],
    lastChange: 0,
    clock: { bootId: "boot-1", ...at(42) },
  });
});

test("a new database is empty and has no clock", async (t) => {
  const { store } = await temporaryStore(t);
  assert.deepEqual(await store.load(), {
    hotlines: [],
    numbers: [],
    desks: [],
    agents: [],
    calls: [],
    credentials: [],
    announcements: [],
    brokenHours: [],
    brokenCalls: [],
    lastChange: 0,
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
      desks: { demo: demoDesk },
      agents: { "201": erika },
      extra: { credentials },
    }),
  );
  const changed = { ...umwelt, id: demo.id };
  const number = { number: "115", hotline: demo.id, requires: ["turkish"] };
  const desk = { ...demoDesk, closing: { kind: "released", since: 5_000_000 as MonotonicMs } } as const;
  const alone = { ...erika, name: "Erika", memberships: [] };
  await store.write(
    batchOf({
      hotlines: { demo: changed },
      numbers: { "115": number },
      desks: { demo: desk },
      agents: { "201": alone },
    }),
  );
  const loaded = await store.load();
  assert.deepEqual(loaded.hotlines, [changed]);
  assert.deepEqual(loaded.numbers, [number]);
  assert.deepEqual(loaded.desks, [desk]);
  assert.deepEqual(loaded.agents, [alone]);
  assert.deepEqual(loaded.credentials, credentials);
});

test("an agent who is assigned anew serves the hotlines of now, and only they", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(batchOf({ hotlines: { demo, umwelt }, agents: { "201": erika } }));
  const membershipsAfter = async (memberships: Agent["memberships"]) => {
    await store.write(batchOf({ agents: { "201": { ...erika, memberships } } }));
    const { agents } = await store.load();
    assert.deepEqual(agents[0]?.memberships, memberships);
  };
  const second = { hotline: umwelt.id, tier: 2, skills: ["kurdish"] };
  await membershipsAfter([...erika.memberships, second]);
  await membershipsAfter([{ ...second, tier: 1, skills: [] }]);
});

test("a removed hotline takes along what belongs to it, and leaves the record", async (t) => {
  const { store, path } = await temporaryStore(t);
  const memberships = [...erika.memberships, { hotline: umwelt.id, tier: 2, skills: [] }];
  const gruss = { ...spoken, hotline: umwelt.id };
  await store.write(
    batchOf({
      hotlines: { demo, umwelt },
      numbers: { "115": "demo", "116": "umwelt" },
      desks: { umwelt: { ...demoDesk, hotline: umwelt.id } },
      agents: { "201": { ...erika, memberships } },
      extra: { announcements: [spoken, gruss] },
      story: [arrival("c1", 0)],
    }),
  );
  // As if the core had said no more than that: what belongs to it cannot stay behind.
  await store.write(batchOf({ hotlines: { umwelt: null } }));
  const loaded = await store.load();
  assert.deepEqual(loaded.hotlines, [demo]);
  assert.deepEqual(loaded.numbers, [{ number: "115", hotline: demo.id, requires: [] }]);
  assert.deepEqual(loaded.desks, []);
  assert.deepEqual(loaded.agents, [erika]);
  assert.deepEqual(loaded.announcements, [spoken]);
  await store.write(batchOf({ hotlines: { demo: null }, desks: { demo: null } }));
  assert.deepEqual(query(path, "SELECT id, hotline FROM calls"), [{ id: "c1", hotline: "demo" }]);
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
