/** What daemon and Asterisk hold on to, before and after many calls. */
import assert from "node:assert/strict";
import { expectNothingLeft } from "./clean.ts";
import { asteriskPid, daemonPid, type Inside, insideDaemon, type Outside, outside } from "./inside.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

export interface Measured {
  readonly inside: Inside;
  readonly daemon: Outside;
  readonly asterisk: Outside;
}

/**
 * Signs of life asked of Asterisk over ARI and over AMI and given to it, texts made ahead for the next openings, the hours' own
 * watch, the dialplan's plan for the time without the daemon and its notes, the copies of the database, the guard's file, the room
 * on the disk, and the beat by which a standstill is noticed.
 */
const ownTimers = 11;

/** To be taken when all is quiet. */
export async function measure(system: System): Promise<Measured> {
  let last: Inside | null = null;
  await expectNothingLeft(system);
  const inside = await poll(
    "the daemon has only its own timers",
    // A new home makes announcements for a while.
    60_000,
    async () => {
      last = await insideDaemon(system);
      return (last.resources.Timeout ?? 0) <= ownTimers ? last : undefined;
    },
    () => JSON.stringify(last?.resources),
  );
  return { inside, daemon: outside(daemonPid(system)), asterisk: outside(asteriskPid(system)) };
}

/** Bounds that find a leak of one of each call's things, and leave garbage collector and kept connections alone. */
export function assertNoLeak(early: Measured, late: Measured, calls: number): void {
  assert.ok(late.inside.heapBytes - early.inside.heapBytes < calls * 4_000, "the daemon's heap grows");
  assert.ok(late.daemon.rssBytes < early.daemon.rssBytes * 1.5, "the daemon's memory grows");
  assert.ok(late.daemon.openFiles < early.daemon.openFiles + calls / 10, "the daemon's open files grow");
  assert.ok(late.asterisk.openFiles < early.asterisk.openFiles + calls / 10, "Asterisk's open files grow");
}

export function describeGrowth(early: Measured, late: Measured, warmUpCalls: number, calls: number): string {
  const mb = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
  const line = (name: string, of: (measured: Measured) => string | number) =>
    `  ${name}: ${of(early)} after ${warmUpCalls} calls, ${of(late)} after ${calls} more`;
  return [
    line("daemon's memory", ({ daemon }) => mb(daemon.rssBytes)),
    line("daemon's heap", ({ inside }) => mb(inside.heapBytes)),
    line("daemon's open files", ({ daemon }) => daemon.openFiles),
    line("Asterisk's memory", ({ asterisk }) => mb(asterisk.rssBytes)),
    line("Asterisk's open files", ({ asterisk }) => asterisk.openFiles),
    `  timers and sockets of the daemon: ${JSON.stringify(late.inside.resources)}`,
  ].join("\n");
}
