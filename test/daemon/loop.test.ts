import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import type { Effect } from "../../src/core/effects.ts";
import type { Event } from "../../src/core/events.ts";
import type { CallId } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { StepFault, step } from "../../src/core/step.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import type { StartTimer } from "../../src/daemon/clock.ts";
import { catchUpMs, Loop } from "../../src/daemon/loop.ts";
import { beatMs, Standstill } from "../../src/daemon/standstill.ts";
import type { Batch } from "../../src/store/types.ts";
import { parseEvents } from "../traces/language.ts";

const log = pino({ level: "silent" });

/** A loop over the real core; what it writes and orders is kept in lists. */
function system(
  options: {
    step?: typeof step;
    write?: (batch: Batch) => Promise<void>;
    now?: () => number;
    startTimer?: StartTimer;
    standstill?: Standstill;
  } = {},
) {
  const state = new State();
  const orders: Effect[] = [];
  const batches: Batch[] = [];
  const faults: Event[] = [];
  const alarms = new Alarms(log);
  const loop = new Loop({
    state,
    log,
    alarms,
    clock: {
      bootId: "boot",
      now: () => ({
        monotonicMs: (options.now ?? performance.now.bind(performance))() as MonotonicMs,
        wallMs: Date.now() as WallMs,
      }),
    },
    write: (batch) => {
      batches.push(batch);
      return options.write?.(batch) ?? Promise.resolve();
    },
    carryOut: (effect) => orders.push(effect),
    reportFault: (event) => faults.push(event),
    ...(options.step ? { step: options.step } : {}),
    ...(options.startTimer ? { startTimer: options.startTimer } : {}),
    ...(options.standstill ? { standstill: options.standstill } : {}),
  });
  const tell = (line: string) => {
    for (const event of parseEvents(line, state)) loop.submit(event);
  };
  return { state, loop, tell, orders, batches, faults, alarms };
}

const call = (id: string) => id as CallId;

test("a step that throws sets its call aside, and everybody else's call goes on", async () => {
  const planted: typeof step = (state, event, now) => {
    if (event.type === "playback_finished" && event.call === "bad")
      throw new StepFault({ kind: "call", id: event.call }, new Error("planted"));
    return step(state, event, now);
  };
  const { tell, loop, state, orders, batches, faults } = system({ step: planted });
  for (const line of [
    "hotline demo 115",
    "pbx up",
    "agent 201 demo",
    "call_arrived bad 115",
    "call_arrived good 115",
  ])
    tell(line);
  await Promise.resolve();
  assert.equal(state.calls.get(call("bad"))?.phase.kind, "offering");
  tell("playback_finished bad");
  tell("playback_finished good");
  await loop.stop();

  assert.deepEqual(
    faults.map((event) => event.type),
    ["playback_finished"],
    "kept for the bug report",
  );
  assert.equal(state.calls.get(call("bad")), null);
  assert.ok(orders.some((order) => order.type === "to_fallback" && order.call === "bad"));
  assert.ok(orders.some((order) => order.type === "release_leg" && order.leg.startsWith("bad~")));
  const told = batches.flatMap((batch) => batch.story).map((line) => ("call" in line ? line : null));
  const end = told.find((line) => line?.call === "bad" && line.told.what === "ended");
  assert.equal(end?.told.what === "ended" && end.told.result.outcome, "failed");
  assert.equal(state.calls.get(call("good"))?.phase.kind, "waiting");
  assert.equal(state.calls.get(call("good"))?.hears.kind, "music");
});

test("what the core itself finds broken is set aside too", async () => {
  const broken: typeof step = (state, event, now) => {
    if (event.type === "leg_answered") {
      // What the core finds when an agent names a call that is not there.
      const agent = state.agentByLeg(event.leg);
      if (agent?.work.kind === "offered") state.calls.delete(agent.work.call);
    }
    return step(state, event, now);
  };
  const { tell, loop, state, orders } = system({ step: broken });
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived c1 115"]) tell(line);
  await Promise.resolve();
  tell("leg_ringing 201");
  tell("leg_answered c1~1~201");
  await loop.stop();
  assert.ok(orders.some((order) => order.type === "to_fallback" && order.call === "c1"));
  assert.equal(state.agents.get("201" as never)?.work.kind, "releasing");
});

test("a snapshot that fails on one call is taken again without it", async () => {
  const planted: typeof step = (state, event, now) => {
    if (event.type === "pbx_snapshot" && state.calls.get(call("bad")))
      throw new StepFault({ kind: "call", id: call("bad") }, new Error("planted"));
    return step(state, event, now);
  };
  const { tell, loop, state, orders } = system({ step: planted });
  for (const line of ["hotline demo 115", "pbx up", "call_arrived bad 115", "call_arrived good 115"])
    tell(line);
  await Promise.resolve();
  for (const line of ["pbx lost", "snapshot bad good"]) tell(line);
  await loop.stop();
  assert.equal(state.loose.pbx, "up");
  assert.deepEqual(
    [...state.calls.values()].map(({ id }) => id),
    ["good"],
  );
  assert.ok(orders.some((order) => order.type === "to_fallback" && order.call === "bad"));
});

test("a snapshot that fails on the same call again, or on nobody, ends the process: without one nobody is served", async () => {
  for (const blamed of [{ kind: "call", id: call("c1") } as const, null]) {
    const planted: typeof step = (state, event, now) => {
      if (event.type === "pbx_snapshot") throw new StepFault(blamed, new Error("planted"));
      return step(state, event, now);
    };
    const { tell, loop } = system({ step: planted });
    tell("pbx lost");
    await Promise.resolve();
    const thrown = Promise.withResolvers<unknown>();
    process.once("uncaughtException", thrown.resolve);
    // The test runner has a listener of its own, which would call that a failure.
    const others = process.listeners("uncaughtException").filter((each) => each !== thrown.resolve);
    for (const each of others) process.off("uncaughtException", each);
    tell("snapshot");
    assert.match(String(await thrown.promise), /cannot be taken over/);
    for (const each of others) process.on("uncaughtException", each);
    await loop.stop().catch(() => undefined);
  }
});

test("orders go out only when their turn is written, in order", async () => {
  const written: (() => void)[] = [];
  const { tell, loop, orders } = system({
    write: () => new Promise((resolve) => written.push(resolve)),
    // The time after which they go out all the same never comes.
    startTimer: () => () => undefined,
  });
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived c1 115"]) tell(line);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(orders.length, 0);
  for (const resolve of written.reverse()) resolve();
  await loop.stop();
  assert.deepEqual(
    orders.map((order) => order.type),
    ["answer", "play", "ring_agent"],
  );
});

test("a disk that does not answer holds up no order for long, and raises an alarm", async () => {
  const { tell, loop, orders, alarms } = system({ write: () => new Promise(() => undefined) });
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived c1 115"]) tell(line);
  await new Promise((resolve) => setImmediate(resolve));
  await loop.stop();
  assert.deepEqual(
    orders.map((order) => order.type),
    ["answer", "play", "ring_agent"],
  );
  assert.deepEqual(
    alarms.list().map(({ code }) => code),
    ["store_slow"],
  );
});

test("an administrator's change is acknowledged only when it is written, and marked durable", async () => {
  let written: () => void = () => undefined;
  const { loop, batches } = system({ write: () => new Promise((resolve) => (written = resolve)) });
  let acknowledged = false;
  const asked = loop
    .ask(parseEvents("hotline demo 115", new State())[0] as never)
    .then(() => (acknowledged = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(acknowledged, false);
  assert.equal(batches[0]?.durable, true);
  written();
  await asked;
});

test("what is refused is told and not written", async () => {
  const { loop, batches } = system();
  const verdict = await loop.ask({ type: "login_asked", agent: "299" as never });
  assert.equal(verdict.kind, "refused");
  assert.equal(batches.length, 0);
});

test("what is due for one call at the same moment happens at that moment", async () => {
  let nowMs = 0;
  const timers: { run: () => void; atMs: number }[] = [];
  const { loop, tell, state } = system({
    now: () => nowMs,
    startTimer: (run, afterMs) => {
      const timer = { run, atMs: nowMs + afterMs };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  for (const line of [
    "hotline demo 115",
    "overflow demo waited 5: announce overflow",
    "overflow demo waited 5: hang_up overflow",
    "pbx up",
    "agent 201 demo",
    "pause 201",
    "call_arrived c1 115",
  ]) {
    tell(line);
    await Promise.resolve();
  }
  while (state.calls.get(call("c1"))?.phase.kind === "waiting") {
    const next = timers.sort((a, b) => a.atMs - b.atMs).shift();
    assert.ok(next, "nothing is planned");
    nowMs = next.atMs;
    next.run();
  }
  assert.equal(nowMs, 5_000);
  await loop.stop();
});

/** A loop on a clock of its own, whose deadlines come when `wake` is called. */
function onOwnClock() {
  const own: { nowMs: number; wake: () => void } = { nowMs: 1_000, wake: () => undefined };
  const startTimer: StartTimer = (run, afterMs) => {
    // Neither the disk's nor the beat.
    if (afterMs !== 50 && afterMs !== beatMs) own.wake = run;
    return () => undefined;
  };
  const now = () => own.nowMs;
  const standstill = new Standstill({ monotonicMs: 1_000 as MonotonicMs, wallMs: Date.now() as WallMs });
  return { own, ...system({ now, startTimer, standstill }) };
}

test("after it stood still, what has happened meanwhile goes before what is overdue", async () => {
  const { own, tell, loop, state, orders } = onOwnClock();
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived c1 115"]) tell(line);
  await Promise.resolve();
  loop.start();
  own.nowMs += 16_000;
  tell("hotline other 116");
  await Promise.resolve();
  own.nowMs += catchUpMs - 1;
  own.wake();
  assert.equal(state.agents.get("201" as never)?.work.kind, "offered", "silent for four seconds, but when?");
  tell("leg_ringing 201");
  tell("leg_answered 201");
  await loop.ordersOut();
  assert.ok(orders.some(({ type }) => type === "connect"));
  await loop.stop();
});

test("nothing has happened meanwhile: then what is overdue is done, and nobody is charged", async () => {
  const { own, tell, loop, state, batches } = onOwnClock();
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived c1 115"]) tell(line);
  await Promise.resolve();
  loop.start();
  own.nowMs += 16_000;
  tell("hotline other 116");
  await Promise.resolve();
  own.nowMs += catchUpMs;
  own.wake();
  await loop.stop();
  assert.equal(state.agents.get("201" as never)?.work.kind, "releasing");
  const told = batches.flatMap(({ story }) => story).map((line) => line.told);
  const end = told.find(({ what }) => what === "offer_ended");
  assert.equal(end?.what === "offer_ended" && end.result, "cancelled");
});

test("events that come faster than they are looked at: the queue's length is seen, and an alarm that stands for a minute", async () => {
  let nowMs = 0;
  const timers: { run: () => void; afterMs: number }[] = [];
  const slow: typeof step = (state, event, now) => {
    nowMs += 1;
    return step(state, event, now);
  };
  const { tell, loop, alarms, state } = system({
    step: slow,
    now: () => nowMs,
    startTimer: (run, afterMs) => {
      timers.push({ run, afterMs });
      return () => undefined;
    },
  });
  const seen: number[] = [];
  for (const line of ["hotline demo 115", "pbx up"]) tell(line);
  for (let caller = 1; caller <= 1_100; caller++) tell(`call_arrived c${caller} 115`);
  while (loop.backlog > 0) {
    // What monitoring asks comes in between.
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(loop.backlog);
  }
  assert.ok(seen.length > 10 && seen[0]! > 1_000, `seen: ${seen}`);
  assert.deepEqual(
    alarms.list().map(({ code }) => code),
    ["event_queue"],
    "it stands when all is done",
  );
  assert.deepEqual([...state.calls.values()].map(({ id }) => id).slice(0, 3), ["c1", "c2", "c3"]);
  timers.findLast(({ afterMs }) => afterMs === 60_000)?.run();
  assert.deepEqual(alarms.list(), []);
  await loop.stop();
});

test("a deadline lets the facts that are there go first, and facts that wait for long are an alarm", async () => {
  let nowMs = 0;
  let tookMs = 0;
  const timers: { run: () => void; afterMs: number }[] = [];
  const order: string[] = [];
  const slow: typeof step = (state, event, now) => {
    order.push(event.type);
    nowMs += tookMs;
    return step(state, event, now);
  };
  const { tell, loop, alarms } = system({
    step: slow,
    now: () => nowMs,
    startTimer: (run, afterMs) => {
      timers.push({ run, afterMs });
      return () => undefined;
    },
  });
  const callers = (...names: string[]) => {
    for (const name of names) for (let n = 1; n <= 30; n++) tell(`call_arrived ${name}${n} 115`);
  };
  for (const line of ["hotline demo 115", "pbx up", "agent 201 demo", "call_arrived a 115"]) tell(line);
  await new Promise((resolve) => setImmediate(resolve));
  const deadline = timers.at(-1)!;
  nowMs += deadline.afterMs;
  order.length = 0;
  tookMs = 1;
  callers("b");
  await Promise.resolve();
  assert.equal(loop.backlog, 10);
  deadline.run();
  assert.ok(!order.includes("deadline_passed"), "the facts that are there go first");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(loop.backlog, 0);
  timers.at(-1)!.run();
  assert.equal(order.at(-1), "deadline_passed");
  assert.deepEqual(alarms.list(), []);

  tookMs = 100;
  callers("c");
  await Promise.resolve();
  assert.equal(alarms.list()[0]?.code, "event_queue", "somebody waits for two seconds");
  await loop.stop();
});
