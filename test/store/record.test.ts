import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoryLine } from "../../src/core/story.ts";
import { ms, type WallMs } from "../../src/core/time.ts";
import type { CallRecord } from "../../src/store/types.ts";
import {
  agentId,
  arrival,
  at,
  batchOf,
  callId,
  demo,
  end,
  line,
  noonMs,
  query,
  temporaryStore,
} from "./support.ts";

const ids = (calls: readonly CallRecord[]) => calls.map(({ id }) => id as string);

const answered: readonly StoryLine[] = [
  arrival("c1", 0, "+493612345"),
  line("c1", 0, { what: "admitted", waitingAhead: 0 }),
  line("c1", 10, { what: "offered", agent: agentId("201") }),
  line("c1", 4000, { what: "connected", agent: agentId("201"), waitMs: ms(4000) }),
];
const farewell = line("c1", 64_000, {
  what: "ended",
  result: {
    outcome: "answered",
    endedBy: "agent",
    at: at(64_000),
    talk: { agent: agentId("201"), since: at(4000) },
  },
  waitMs: ms(4000),
});

test("a call's row grows with its story", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(batchOf({ story: answered.slice(0, 3) }));
  const waiting: CallRecord = {
    id: callId("c1"),
    hotline: demo.id,
    from: "+493612345",
    arrivedAtMs: noonMs as WallMs,
    outcome: null,
    endedBy: null,
    waitMs: null,
    talkMs: null,
    agent: null,
  };
  assert.deepEqual(await store.calls({ limit: 50 }), [waiting]);

  await store.write(batchOf({ story: answered.slice(3) }));
  const talking = { ...waiting, waitMs: ms(4000), agent: agentId("201") };
  assert.deepEqual(await store.calls({ limit: 50 }), [talking]);

  await store.write(batchOf({ story: [farewell, line("c1", 64_100, { what: "gone" })] }));
  const over = { ...talking, outcome: "answered", endedBy: "agent", talkMs: ms(60_000) };
  assert.deepEqual(await store.calls({ limit: 50 }), [over]);
});

test("a call's story is told line by line, without the caller's number in it", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(batchOf({ story: [...answered, farewell] }));
  const call = await store.call("c1");
  assert.equal(call?.outcome, "answered");
  assert.deepEqual(call?.events, [
    { atMs: noonMs, what: "arrived", detail: { number: "115", hotline: "demo" } },
    { atMs: noonMs, what: "admitted", detail: { waitingAhead: 0 } },
    { atMs: noonMs + 10, what: "offered", detail: { agent: "201" } },
    { atMs: noonMs + 4000, what: "connected", detail: { agent: "201", waitMs: 4000 } },
    {
      atMs: noonMs + 64_000,
      what: "ended",
      detail: { outcome: "answered", endedBy: "agent", waitMs: 4000, talkMs: 60_000, agent: "201" },
    },
  ]);
  assert.deepEqual(query(path, "SELECT * FROM call_numbers"), [{ call: "c1", caller_number: "+493612345" }]);
});

test("an anonymous caller leaves no number, a number that leads nowhere no hotline", async (t) => {
  const { store, path } = await temporaryStore(t);
  await store.write(
    batchOf({ story: [line("c1", 0, { what: "arrived", number: "999", from: null, hotline: null })] }),
  );
  assert.deepEqual(query(path, "SELECT * FROM call_numbers"), []);
  const [call] = await store.calls({ limit: 1 });
  assert.deepEqual([call?.from, call?.hotline], [null, null]);
  assert.deepEqual(query(path, "SELECT number FROM calls"), [{ number: "999" }]);
});

test("calls are listed newest first, as many as asked for, since a moment", async (t) => {
  const { store } = await temporaryStore(t);
  const story = [arrival("c1", 0), arrival("c2", 1000), arrival("c3", 2000), end("c2", 2000)];
  await store.write(batchOf({ story }));
  assert.deepEqual(ids(await store.calls({ limit: 50 })), ["c3", "c2", "c1"]);
  assert.deepEqual(ids(await store.calls({ limit: 2 })), ["c3", "c2"]);
  assert.deepEqual(ids(await store.calls({ limit: 50, since: at(1000).wallMs })), ["c3", "c2"]);
  assert.deepEqual(ids(await store.calls({ limit: -1 })), []);
});

test("the beginning or the end of an id finds the call, unless it fits several", async (t) => {
  const { store } = await temporaryStore(t);
  const story = [arrival("20261123-ab1", 0), arrival("20261123-cd1", 1), arrival("20261123-ab", 2)];
  await store.write(batchOf({ story }));
  assert.equal((await store.call("20261123-c"))?.id, "20261123-cd1");
  assert.equal((await store.call("cd1"))?.id, "20261123-cd1");
  assert.equal(
    (await store.call("20261123-ab"))?.id,
    "20261123-ab",
    "the whole id, though another begins with it",
  );
  assert.equal(await store.call("%"), null);
  assert.equal(await store.call(""), null);
  await assert.rejects(store.call("2026"), {
    code: "ambiguous_call",
    message: '"2026" fits more than one call: 20261123-ab, 20261123-cd1, 20261123-ab1. Give more of the id.',
  });
});

test("a fault in the step of the arrival still makes a call that failed", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(batchOf({ story: [line("c1", 5, { what: "fault", why: "a bug" })] }));
  const [call] = await store.calls({ limit: 1 });
  assert.deepEqual([call?.outcome, call?.endedBy], ["failed", "hotline"]);
});

test("a call that was set aside and is found alive again has one row, with the last outcome", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(
    batchOf({ story: [arrival("c1", 0), line("c1", 5, { what: "fault", why: "a bug" }), end("c1", 5)] }),
  );
  await store.write(batchOf({ story: [arrival("c1", 100)] }));
  const [running, ...others] = await store.calls({ limit: 50 });
  assert.deepEqual([running?.outcome, running?.arrivedAtMs, others], [null, noonMs, []]);
});
