import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import pino from "pino";
import { applyChange, type LiveEvent, type LiveSnapshot, liveEventSchema } from "../../src/api/live.ts";
import { eventSplitter } from "../../src/cli/event-stream.ts";
import { State } from "../../src/core/state.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import type { StartTimer } from "../../src/daemon/clock.ts";
import { Feed } from "../../src/daemon/feed.ts";
import { Loop } from "../../src/daemon/loop.ts";
import { serveAdmin } from "../../src/http/admin.ts";
import type { AdminService } from "../../src/http/service.ts";
import { TodaysCalls } from "../../src/report/today.ts";
import { parseEvents } from "../traces/language.ts";

const log = pino({ level: "silent" });
const noonMs = Date.UTC(2026, 10, 23, 12);

/** A real loop and feed by a clock that stands still until it is moved; timers run when they are told to. */
function house(fromMs = noonMs) {
  let passedMs = 0;
  const timers = new Map<() => void, number>();
  const startTimer: StartTimer = (run, afterMs) => {
    const timer = () => run();
    timers.set(timer, passedMs + afterMs);
    return () => void timers.delete(timer);
  };
  /** Lets so much time pass; runs what falls due, in its order. */
  const pass = (ms: number) => {
    const untilMs = passedMs + ms;
    for (;;) {
      const [next] = [...timers].filter(([, at]) => at <= untilMs).sort((a, b) => a[1] - b[1]);
      if (!next) break;
      timers.delete(next[0]);
      passedMs = Math.max(passedMs, next[1]);
      next[0]();
    }
    passedMs = untilMs;
  };
  const clock = {
    bootId: "boot",
    now: () => ({
      monotonicMs: (1_000_000 + passedMs) as MonotonicMs,
      wallMs: (fromMs + passedMs) as WallMs,
    }),
  };
  const state = new State();
  const alarms = new Alarms(log);
  const pbx = {
    status: () => ({ connected: true, amiConnected: true, requestsWaiting: 0, version: "22.10.1" }),
  };
  const parts = { state, clock, calls: new TodaysCalls(), pbx, alarms, log, startTimer };
  const feed = new Feed(parts);
  alarms.onChange = () => feed.touched();
  const loop = new Loop({
    state,
    clock,
    log,
    alarms,
    startTimer: () => () => undefined,
    write: async () => undefined,
    carryOut: () => undefined,
    reportFault: (_event, fault) => {
      throw fault;
    },
    changed: (changes, story) => feed.changed(changes, story),
  });
  /** Resolves when the loop has handled them. */
  const tell = async (...lines: string[]) => {
    for (const line of lines) {
      for (const event of parseEvents(line, state)) loop.submit(event);
      await Promise.resolve();
    }
  };
  return { state, feed, alarms, tell, pass };
}

const parsed = (json: string): LiveEvent => liveEventSchema.parse(JSON.parse(json));

/** Reads without a socket in between. */
function subscribed(feed: Feed) {
  const told: LiveEvent[] = [];
  const end = feed.subscribe((json) => told.push(parsed(json)));
  const snapshot = parsed(feed.snapshot()) as LiveSnapshot;
  const now = () =>
    told.reduce<LiveSnapshot>(
      (before, event) => (event.type === "snapshot" ? event : applyChange(before, event)),
      snapshot,
    );
  return { told, end, snapshot, now };
}

const scene = ["hotline demo 115", "pbx up", "agent 201 demo", "agent 202 demo"];

suite("what is told", () => {
  test("a call from its arrival to its end, with the figures of the day", async () => {
    const { feed, tell, pass } = house();
    await tell(...scene);
    const reader = subscribed(feed);
    assert.deepEqual(reader.snapshot.calls, []);
    assert.deepEqual(
      reader.snapshot.agents.map(({ id, state }) => [id, state]),
      [
        ["201", "ready"],
        ["202", "ready"],
      ],
    );
    await tell("call_arrived c1 115 +4936112345");
    pass(50);
    const [ringing] = reader.now().calls;
    assert.equal(ringing?.phase, "offering");
    assert.equal(ringing?.from, "…345");
    assert.deepEqual(ringing?.agents, ["201"]);
    assert.equal(ringing?.waitingSince, "2026-11-23T12:00:00.000Z");
    assert.equal(reader.now().hotlines[0]?.waiting, 1);
    assert.equal(reader.now().hotlines[0]?.waitingSince, "2026-11-23T12:00:00.000Z");
    assert.equal(reader.now().hotlines[0]?.today.offered, 0);
    pass(7_000);
    await tell("leg_ringing 201", "leg_answered 201", "connected c1");
    pass(50);
    assert.equal(reader.now().calls[0]?.talkingSince, "2026-11-23T12:00:07.050Z");
    const talking = reader.now().agents.find(({ id }) => id === "201");
    assert.deepEqual([talking?.state, talking?.since], ["talking", "2026-11-23T12:00:07.050Z"]);
    assert.equal(reader.now().hotlines[0]?.waitingSince, null);
    assert.equal(reader.now().hotlines[0]?.today.asaMs, 7_050);
    await tell("caller_left c1");
    pass(50);
    assert.deepEqual(reader.now().calls, []);
    const wrapUp = reader.now().agents.find(({ id }) => id === "201");
    assert.equal(wrapUp?.state, "wrap_up");
    assert.ok(wrapUp?.until && wrapUp.until > "2026-11-23T12:00:07");
    // Nobody's number goes out whole.
    assert.ok(!JSON.stringify(reader.told).includes("12345"));
  });

  test("only what has changed, and nothing when nothing has", async () => {
    const { feed, tell, pass } = house();
    await tell(...scene);
    const reader = subscribed(feed);
    pass(120_000);
    assert.equal(reader.told.length, 0);
    await tell("pause 202 lunch");
    pass(50);
    const [change, ...more] = reader.told;
    assert.deepEqual(more, []);
    assert.ok(change?.type === "changed");
    assert.deepEqual(
      change.agents?.map(({ id, state, reason }) => [id, state, reason]),
      [["202", "paused", "lunch"]],
    );
    assert.equal(change.calls, undefined);
  });

  test("a rush comes in a few pieces, and ends as it is", async () => {
    const { feed, tell, pass, state } = house();
    await tell(...scene);
    const reader = subscribed(feed);
    for (let i = 0; i < 500; i++) {
      await tell(`call_arrived c${i} 115`);
      pass(2);
    }
    pass(50);
    assert.ok(reader.told.length <= 21, `${reader.told.length}`);
    assert.ok(reader.told.length >= 15, `${reader.told.length}`);
    const fresh = subscribed(feed).snapshot;
    const byId = (snapshot: LiveSnapshot) => ({
      ...snapshot,
      at: "",
      calls: [...snapshot.calls].sort((a, b) => a.id.localeCompare(b.id)),
    });
    assert.deepEqual(byId(reader.now()), byId(fresh));
    assert.equal(fresh.calls.length, [...state.calls.values()].length);
  });

  test("who comes in between misses nothing and hears nothing twice", async () => {
    const { feed, tell, pass } = house();
    await tell(...scene);
    const first = subscribed(feed);
    await tell("pause 202 lunch");
    const second = subscribed(feed);
    assert.equal(second.snapshot.agents.find(({ id }) => id === "202")?.state, "paused");
    await tell("resume 202");
    pass(100);
    assert.equal(first.now().agents.find(({ id }) => id === "202")?.state, "ready");
    assert.equal(second.now().agents.find(({ id }) => id === "202")?.state, "ready");
    assert.equal(second.told.length, 1);
  });

  test("closing time and midnight come by themselves", async () => {
    const { feed, tell, pass } = house(Date.UTC(2026, 10, 23, 16, 59, 30));
    await tell(...scene, "hours demo mon-sun 08:00-18:00");
    await tell("call_arrived c1 115", "caller_left c1");
    const reader = subscribed(feed);
    assert.equal(reader.snapshot.hotlines[0]?.open, true);
    assert.equal(reader.snapshot.hotlines[0]?.today.offered, 1);
    pass(29_999);
    assert.deepEqual(reader.told, []);
    pass(1);
    assert.equal(reader.now().hotlines[0]?.open, false);
    pass(6 * 3_600_000 - 1);
    assert.equal(reader.now().hotlines[0]?.today.offered, 1);
    pass(1);
    assert.equal(reader.now().hotlines[0]?.today.offered, 0);
  });

  test("alarms, and what was removed", async () => {
    const { feed, tell, pass, alarms } = house();
    await tell(...scene);
    const reader = subscribed(feed);
    alarms.raise("disk", "The disk is full.");
    await tell("remove 202");
    pass(50);
    assert.equal(reader.now().alarms[0]?.message, "The disk is full.");
    assert.deepEqual(
      reader.now().agents.map(({ id }) => id),
      ["201"],
    );
    alarms.clear("disk");
    pass(50);
    assert.deepEqual(reader.now().alarms, []);
  });

  test("a bug in telling is no bug in deciding", async () => {
    const { feed, tell, pass, state } = house();
    await tell(...scene);
    feed.subscribe(() => {
      throw new Error("planted");
    });
    feed.snapshot();
    await tell("pause 202 lunch");
    pass(50);
    await tell("resume 202");
    assert.equal([...state.agents.values()][1]?.duty.kind, "on");
  });
});

suite("over the socket", () => {
  async function served(t: TestContext, feed: Feed) {
    const folder = mkdtempSync(join(tmpdir(), "hl-feed-"));
    const socketPath = join(folder, "admin.sock");
    const paths = { adminSocket: socketPath, who: join(folder, "who") };
    const app = await serveAdmin(paths, { live: feed } as unknown as AdminService, log);
    t.after(async () => {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const open = async () => {
      const outgoing = request({ socketPath, path: "/events", agent: false }).end();
      outgoing.on("error", () => undefined);
      t.after(() => outgoing.destroy());
      const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
      incoming.on("error", () => undefined);
      return incoming.setEncoding("utf8");
    };
    return { app, open };
  }

  test("a stream that a browser can read, and that ends with the daemon", async (t) => {
    const { feed, tell } = house();
    await tell(...scene);
    const { app, open } = await served(t, feed);
    const stream = await open();
    assert.match(stream.headers["content-type"] ?? "", /^text\/event-stream/);
    const [text] = (await once(stream, "data")) as [string];
    assert.match(text, /^retry: 1000\n\nevent: snapshot\nid: 1\ndata: \{.*\}\n\n$/);
    const closed = once(stream, "close");
    await app.close();
    await closed;
  });

  test("a slow reader costs a bounded amount and then has a fresh snapshot", async (t) => {
    const { feed, tell, pass } = house();
    await tell(...scene);
    const { open } = await served(t, feed);
    const stream = await open();
    stream.pause();
    const quick = subscribed(feed);
    let turns = 0;
    let bytes = 0;
    // More than sockets and buffers hold by far.
    while (bytes < 3 * 1024 * 1024) {
      const before = quick.told.length;
      await tell(`call_arrived c${turns} 115`);
      pass(50);
      turns += 1;
      for (const event of quick.told.slice(before)) bytes += JSON.stringify(event).length;
      if (turns % 100 === 0) for (let i = turns - 100; i < turns; i++) await tell(`caller_left c${i}`);
    }
    const split = eventSplitter();
    const events: LiveEvent[] = [];
    let read = 0;
    const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
    stream.on("data", (text: string) => {
      read += text.length;
      for (const data of split(text)) events.push(parsed(data));
      if (events.filter(({ type }) => type === "snapshot").length === 2) resolve();
    });
    stream.resume();
    await caughtUp;
    const last = events.at(-1);
    assert.ok(last?.type === "snapshot");
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    assert.deepEqual([...last.calls].sort(byId), [...quick.now().calls].sort(byId));
    assert.ok(read < 1.5 * 1024 * 1024, `${read} of ${bytes} bytes were kept for the slow reader`);
  });
});
