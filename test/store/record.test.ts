import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call, Result } from "../../src/core/calls.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { StoryLine } from "../../src/core/story.ts";
import { type DurationMs, ms, type WallMs } from "../../src/core/time.ts";
import type { CallRecord } from "../../src/store/types.ts";
import {
  agentId,
  arrival,
  at,
  batchOf,
  callId,
  connectedCall,
  demo,
  end,
  line,
  noonMs,
  query,
  temporaryStore,
  umwelt,
  waitingCall,
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
    reason: null,
    talk: { since: at(4000), with: { kind: "agent", agent: agentId("201"), hotline: demo.id } },
  },
  waitMs: ms(4000),
});

const ending = (passedMs: number, waitMs: DurationMs, result: Partial<Result>): StoryLine =>
  line("c1", passedMs, {
    what: "ended",
    result: {
      outcome: "failed",
      endedBy: "caller",
      at: at(passedMs),
      reason: null,
      talk: null,
      ...result,
    },
    waitMs,
  });

const talkingAt = ({ id }: Hotline): Call => ({ ...connectedCall, id: callId("c1"), hotline: id });

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
    reason: null,
    waitMs: null,
    talkMs: null,
    agent: null,
    servedBy: null,
    forwardedTo: null,
    whileAway: false,
  };
  assert.deepEqual(await store.calls({ limit: 50 }), [waiting]);

  await store.write(batchOf({ calls: { c1: talkingAt(demo) }, story: answered.slice(3) }));
  const talking = { ...waiting, waitMs: ms(4000), agent: agentId("201"), servedBy: demo.id };
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
      detail: {
        outcome: "answered",
        endedBy: "agent",
        reason: null,
        waitMs: 4000,
        talkMs: 60_000,
        agent: "201",
        servedBy: "demo",
        forwardedTo: null,
      },
    },
  ]);
  assert.deepEqual(query(path, "SELECT * FROM call_numbers"), [{ call: "c1", caller_number: "+493612345" }]);
});

test("a moved call counts where it arrived, and says where it was answered", async (t) => {
  const { store } = await temporaryStore(t);
  const outcome = async () => {
    const [call] = await store.calls({ limit: 1 });
    return [call?.hotline, call?.servedBy, call?.agent, call?.waitMs, call?.outcome];
  };
  const moved: readonly StoryLine[] = [
    arrival("c1", 0, "+493612345"),
    line("c1", 0, { what: "resumed", waitedBeforeMs: ms(90_000) }),
    line("c1", 30_000, { what: "tier_joined", tiers: 2 }),
    line("c1", 50_000, { what: "overflow", because: "waited", action: "move" }),
    line("c1", 50_000, { what: "moved", hotline: umwelt.id }),
  ];
  await store.write(batchOf({ calls: { c1: { ...waitingCall, hotline: umwelt.id } }, story: moved }));
  assert.deepEqual(await outcome(), ["demo", null, null, null, null]);
  const connected = line("c1", 60_000, { what: "connected", agent: agentId("201"), waitMs: ms(60_000) });
  await store.write(batchOf({ calls: { c1: talkingAt(umwelt) }, story: [connected] }));
  assert.deepEqual(await outcome(), ["demo", "umwelt", "201", 60_000, null]);
  const talk = {
    since: at(60_000),
    with: { kind: "agent", agent: agentId("201"), hotline: umwelt.id },
  } as const;
  const ended = ending(61_500, ms(60_000), { outcome: "answered", talk });
  await store.write(batchOf({ calls: { c1: null }, story: [ended] }));
  assert.deepEqual(await outcome(), ["demo", "umwelt", "201", 60_000, "answered"]);
  const told = (await store.call("c1"))?.events.slice(1, 5).map(({ what, detail }) => [what, detail]);
  assert.deepEqual(told, [
    ["resumed", { waitedBeforeMs: 90_000 }],
    ["tier_joined", { tiers: 2 }],
    ["overflow", { because: "waited", action: "move" }],
    ["moved", { hotline: "umwelt" }],
  ]);
});

test("a forwarded call has a wait, a conversation and a number outside, and no agent", async (t) => {
  const { store } = await temporaryStore(t);
  const number = "03614900";
  const sentOn: readonly StoryLine[] = [
    arrival("c1", 0, "+493612345"),
    line("c1", 5000, { what: "forwarding", number: "03610000" }),
    line("c1", 50_000, { what: "forward_failed", why: "no answer" }),
    line("c1", 50_000, { what: "forwarding", number }),
    line("c1", 58_000, { what: "forwarded", number, waitMs: ms(58_000) }),
  ];
  const record = async () => {
    const [call] = await store.calls({ limit: 1 });
    const { outcome, waitMs, talkMs, agent, servedBy, forwardedTo } = call!;
    return { outcome, waitMs, talkMs, agent, servedBy, forwardedTo };
  };
  const nobody = {
    outcome: null,
    waitMs: null,
    talkMs: null,
    agent: null,
    servedBy: null,
    forwardedTo: null,
  };
  await store.write(batchOf({ story: sentOn.slice(0, 4) }));
  assert.deepEqual(await record(), nobody, "nobody has picked up yet");
  await store.write(batchOf({ story: sentOn.slice(4) }));
  const talking = { ...nobody, waitMs: 58_000, forwardedTo: number };
  assert.deepEqual(await record(), talking);
  const talk = { since: at(58_000), with: { kind: "outside", number } } as const;
  await store.write(batchOf({ story: [ending(98_000, ms(58_000), { outcome: "forwarded", talk })] }));
  assert.deepEqual(await record(), { ...talking, outcome: "forwarded", talkMs: 40_000 });
  const events = (await store.call("c1"))?.events ?? [];
  assert.deepEqual(events[1]?.detail, { number: "03610000" });
  assert.deepEqual(events[2]?.detail, { why: "no answer" });
  assert.deepEqual(events[4]?.detail, { number, waitMs: 58_000 });
  assert.ok(!JSON.stringify(events).includes("+493612345"));
});

test("who was admitted and let go has a reason", async (t) => {
  const { store } = await temporaryStore(t);
  const farewell = ending(60_000, ms(60_000), {
    outcome: "timed_out",
    reason: "closing",
    endedBy: "hotline",
  });
  await store.write(batchOf({ story: [arrival("c1", 0), farewell] }));
  const [call] = await store.calls({ limit: 1 });
  assert.deepEqual([call?.outcome, call?.reason], ["timed_out", "closing"]);
});

test("calls whose arrival could not be noted have a row all the same", async (t) => {
  const { store } = await temporaryStore(t);
  const number = "03614900";
  await store.write(
    batchOf({ story: [line("c1", 58_000, { what: "forwarded", number, waitMs: ms(58_000) })] }),
  );
  const [call] = await store.calls({ limit: 1 });
  assert.deepEqual([call?.arrivedAtMs, call?.hotline, call?.forwardedTo], [noonMs, null, number]);
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
  const talk = { since: at(3), with: { kind: "outside", number: "03614900" } } as const;
  const ended = ending(5, ms(3), { reason: "overflow", talk });
  const fault = line("c1", 5, { what: "fault", why: "a bug" });
  await store.write(batchOf({ story: [arrival("c1", 0), fault, ended] }));
  await store.write(batchOf({ story: [arrival("c1", 100)] }));
  const [running, ...others] = await store.calls({ limit: 50 });
  assert.deepEqual([running?.outcome, running?.arrivedAtMs, others], [null, noonMs, []]);
  assert.deepEqual([running?.reason, running?.forwardedTo], [null, null]);
});

test("what is known from Asterisk's notes is marked, and asked for by id", async (t) => {
  const { store } = await temporaryStore(t);
  await store.write(
    batchOf({
      story: [
        arrival("c1", 0),
        arrival("c2", 0),
        end("c2", 64_000),
        line("c2", 64_000, { what: "while_away", reached: "people" }),
      ],
    }),
  );
  const rows = await store.calls({ limit: 50 });
  assert.deepEqual(rows.map(({ id, whileAway }) => [id, whileAway]).toSorted(), [
    ["c1", false],
    ["c2", true],
  ]);
  assert.deepEqual(await store.endedCalls([callId("c1"), callId("c2"), callId("c3")]), ["c2"]);
});
