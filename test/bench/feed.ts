/**
 * What the event stream costs the loop: node test/bench/feed.ts
 * 20 hotlines, 500 agents, a rush of calls that come and go; once with nobody reading and once with ten readers.
 */
import pino from "pino";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { Feed } from "../../src/daemon/feed.ts";
import { TodaysCalls } from "../../src/report/today.ts";
import { parseEvents } from "../traces/language.ts";

const log = pino({ level: "silent" });
const turns = 20_000;
/** A thousand turns a second. */
const turnMs = 1;

function run(readers: number): void {
  const state = new State();
  let nowMs = 1_000_000;
  const clock = {
    bootId: "boot",
    now: () => ({
      monotonicMs: nowMs as MonotonicMs,
      wallMs: (Date.UTC(2026, 10, 23, 12) + nowMs) as WallMs,
    }),
  };
  const pbx = {
    status: () => ({ connected: true, amiConnected: true, requestsWaiting: 0, version: "22.10.1" }),
  };
  let due: { run: () => void; atMs: number }[] = [];
  const feed = new Feed({
    state,
    clock,
    calls: new TodaysCalls(),
    pbx,
    alarms: new Alarms(log),
    log,
    startTimer: (work, afterMs) => {
      const timer = { run: work, atMs: nowMs + afterMs };
      due.push(timer);
      return () => {
        due = due.filter((each) => each !== timer);
      };
    },
  });
  const tell = (line: string) => {
    for (const event of parseEvents(line, state)) {
      const { changes, story } = step(state, event, clock.now());
      const from = process.hrtime.bigint();
      feed.changed(changes, story);
      notedNs += process.hrtime.bigint() - from;
    }
  };
  let notedNs = 0n;
  for (let i = 0; i < 20; i++) tell(`hotline h${i} 1${i}`);
  tell("pbx up");
  for (let i = 0; i < 500; i++) tell(`agent a${i} h${i % 20} h${(i + 1) % 20}`);
  let bytes = 0;
  for (let i = 0; i < readers; i++)
    feed.subscribe((json) => {
      bytes += json.length;
    });
  if (readers > 0) feed.snapshot();
  notedNs = 0n;
  const published: number[] = [];
  for (let i = 0; i < turns; i++) {
    nowMs += turnMs;
    if (i % 2 === 0) tell(`call_arrived c${i} 1${i % 20} +49361${i}`);
    else if (i > 1_000) tell(`caller_left c${i - 1_001}`);
    for (const timer of due.filter(({ atMs }) => atMs <= nowMs)) {
      due = due.filter((each) => each !== timer);
      const from = performance.now();
      timer.run();
      published.push(performance.now() - from);
    }
  }
  published.sort((a, b) => a - b);
  const at = (share: number) => (published[Math.floor(share * published.length)] ?? 0).toFixed(2);
  console.log(
    `${readers} readers: ${(Number(notedNs) / turns / 1000).toFixed(1)} µs a turn; ${published.length} events in ` +
      `${(turns * turnMs) / 1000} s, each ${at(0.5)} ms (p50), ${at(0.99)} ms (p99), ` +
      `${Math.round(bytes / Math.max(1, readers * published.length))} bytes for each reader`,
  );
}

run(0);
run(10);
