/** What must be true when everybody has hung up: nothing is left over, and nobody complained. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

const run = promisify(execFile);

/** The last tests of a file. Not in an `after`: those run in their order, and the first of them stops the system. */
export function testAftermath(system: System, expectedComplaints: readonly RegExp[] = []): void {
  test("afterwards nothing is left over", () => assertAtRest(system));
  test("nobody has complained in the logs", () => assertNoComplaints(system, expectedComplaints));
}

/** Asterisk's own command line, for what only Asterisk knows. */
export async function askAsterisk(system: System, command: string): Promise<string> {
  const { home } = system;
  const args = ["-C", join(home, "asterisk/asterisk.conf"), "-rx", command];
  return (await run(join(home, "tools/bin/asterisk"), args)).stdout;
}

/** Channels and bridges in Asterisk. */
export async function leftInAsterisk(system: System): Promise<{ channels: number; bridges: number }> {
  const channels = /^(\d+) active channel/m.exec(await askAsterisk(system, "core show channels count"));
  if (!channels) throw new Error("Asterisk does not count its channels");
  const bridges = (await askAsterisk(system, "bridge show all")).trim().split("\n").length - 1;
  return { channels: Number(channels[1]), bridges };
}

/** Fails unless the system comes to rest: no call, no agent busy with one, no channel, no bridge, every call's outcome known. */
export async function assertAtRest(system: System): Promise<void> {
  const { hotlines } = await system.waitFor("nothing goes on", ({ calls, hotlines: all }) => {
    const busy = all.some(({ agents: { offered, talking } }) => offered + talking > 0);
    return calls.length === 0 && !busy;
  });
  for (const { id, waiting, longestWaitMs } of hotlines)
    assert.deepEqual({ id, waiting, longestWaitMs }, { id, waiting: 0, longestWaitMs: null });
  let left = await leftInAsterisk(system);
  await poll(
    "Asterisk holds nothing any more",
    5_000,
    async () => {
      left = await leftInAsterisk(system);
      return left.channels + left.bridges === 0 || undefined;
    },
    () => JSON.stringify(left),
  );
  const unfinished = (await system.api.calls(1_000, null)).filter(({ outcome }) => outcome === null);
  assert.deepEqual(unfinished, []);
}

/** Fails when a line of a log is a warning or worse and is not expected, or when an alarm stands. */
export async function assertNoComplaints(system: System, expected: readonly RegExp[] = []): Promise<void> {
  const daemon = system
    .log("daemon")
    .split("\n")
    .filter((line) => /"level":[456]0/.test(line) || !/^(\{.*\})?$/.test(line));
  const asterisk = system
    .log("asterisk")
    .split("\n")
    .filter((line) => /\b(WARNING|ERROR)\[/.test(line));
  const unexpected = [...daemon, ...asterisk].filter((line) => !expected.some((known) => known.test(line)));
  assert.deepEqual(unexpected, []);
  assert.deepEqual((await system.api.status()).alarms, []);
}
