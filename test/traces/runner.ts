import { deadlineKey, nextDeadline } from "../../src/core/deadlines.ts";
import type { Event } from "../../src/core/events.ts";
import { brokenInvariants } from "../../src/core/invariants.ts";
import { State } from "../../src/core/state.ts";
import { type StepResult, step } from "../../src/core/step.ts";
import type { MonotonicMs, Now, WallMs } from "../../src/core/time.ts";
import { describeResult } from "./format.ts";
import { parseEvents } from "./language.ts";

/** All traces play on this day unless they say `date`. */
const defaultDate = "2026-11-23";

/**
 * Plays a trace: every `at` line is fed to the core, and what the core does is written below it, in place of what stood
 * there. Returns the text as it should be; equal to the given one when the trace holds. Throws when an invariant breaks
 * or a deadline was passed over.
 */
export function playTrace(text: string): string {
  const state = new State();
  const output: string[] = [];
  let midnight = Date.parse(`${defaultDate}T00:00:00+01:00`);
  let now = clock(midnight, 0);

  const run = (event: Event) => {
    const result: StepResult = step(state, event, now);
    const broken = brokenInvariants(state);
    if (broken.length) throw new Error(`${broken.join("; ")} after ${JSON.stringify(event)}`);
    return describeResult(result);
  };

  for (const line of text.split("\n")) {
    if (/^(=>|\.\.|--)/.test(line)) continue;
    output.push(line);
    if (line === "" || line.startsWith("#")) continue;
    const date = /^date (\d{4}-\d\d-\d\d)$/.exec(line);
    if (date) {
      midnight = Date.parse(`${date[1]}T00:00:00+01:00`);
      now = clock(midnight, 0);
      continue;
    }
    const jump = /^clock ([+-])(\S+)$/.exec(line);
    if (jump) {
      midnight += (jump[1] === "-" ? -1 : 1) * parseTime(jump[2] ?? "");
      continue;
    }
    const timed = /^at (\S+) (.*)$/.exec(line);
    if (!timed) {
      for (const event of parseEvents(line, state)) run(event);
      continue;
    }
    const time = parseTime(timed[1] ?? "");
    const what = timed[2] ?? "";
    if (what === "deadlines") {
      output.push(...runDeadlines(state, midnight, time, run, (then) => (now = then)));
      continue;
    }
    now = clock(midnight, time);
    const due = nextDeadline(state);
    if (due && due.atMs < now.monotonicMs)
      throw new Error(`"${line}" passes over the deadline of ${deadlineKey(due.of)} at ${due.atMs / 1000}s`);
    for (const event of parseEvents(what, state)) output.push(...run(event));
  }
  return output.join("\n");
}

function runDeadlines(
  state: State,
  midnight: number,
  until: number,
  run: (event: Event) => string[],
  setNow: (now: Now) => void,
): string[] {
  const lines: string[] = [];
  for (let due = nextDeadline(state); due && due.atMs <= until; due = nextDeadline(state)) {
    setNow(clock(midnight, due.atMs));
    lines.push(`-- ${deadlineKey(due.of)} at ${formatTime(due.atMs)}`);
    lines.push(...run({ type: "deadline_passed", of: due.of }));
  }
  setNow(clock(midnight, until));
  return lines;
}

const clock = (midnight: number, timeMs: number): Now => ({
  monotonicMs: timeMs as MonotonicMs,
  wallMs: (midnight + timeMs) as WallMs,
});

/** Milliseconds since midnight of `10:00:00` or `10:00:00.250`. */
function parseTime(text: string): number {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?$/.exec(text);
  if (!match) throw new Error(`Not a time: "${text}"`);
  const [, h, m, s, ms = "0"] = match;
  return ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms);
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23).replace(".000", "");
}
