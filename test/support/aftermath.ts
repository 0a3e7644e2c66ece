/** The end of each file of tests: everybody has hung up, nothing is left over, and nobody has complained. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { CallView } from "../../src/api/schemas.ts";
import { type Expected, expectClean } from "./clean.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

const run = promisify(execFile);

/** What Asterisk answers or puts into a bridge has hung up a moment before: there is nobody there to be told. */
export const hungUpInTheMeantime =
  /chan_pjsip\.c:\d+ (answer|update_connected_line_information): Session already DISCONNECTED/;

/** The last test of a file. Not in an `after`: those run in their order, and the first of them stops the system. */
export function testAftermath(system: System, expected: Expected = {}): void {
  test("afterwards nothing is left over, every call has its outcome, nobody has complained", async () => {
    const calls = await recorded(system);
    await expectClean(system, { ...expected, asterisk: [...(expected.asterisk ?? []), ...cutShort(calls)] });
    const { hotlines, alarms } = await system.api.status();
    for (const { id, waiting, longestWaitMs } of hotlines)
      assert.deepEqual({ id, waiting, longestWaitMs }, { id, waiting: 0, longestWaitMs: null });
    assert.deepEqual(alarms, []);
  });
}

/** All calls, as soon as each has its outcome on disk. */
function recorded(system: System): Promise<CallView[]> {
  let calls: CallView[] = [];
  const look = async () => {
    calls = await system.api.calls(10_000, null);
    return calls.every(({ outcome }) => outcome !== null) ? calls : undefined;
  };
  return poll("every call has its outcome", 10_000, look, () => JSON.stringify(calls, null, 1));
}

/** Asterisk warns of an announcement that could not be played to its end, when it was the caller who hung up meanwhile. */
function cutShort(calls: readonly CallView[]): RegExp[] {
  return calls
    .filter(({ endedBy }) => endedBy === "caller")
    .map(({ id }) => new RegExp(` ${id.replaceAll(".", "\\.")}: Playback failed for sound:`));
}

/** Asterisk's own command line, for what only Asterisk knows. */
export async function askAsterisk(system: System, command: string): Promise<string> {
  const { home } = system;
  const args = ["-C", join(home, "asterisk/asterisk.conf"), "-rx", command];
  return (await run(join(home, "tools/bin/asterisk"), args)).stdout;
}
