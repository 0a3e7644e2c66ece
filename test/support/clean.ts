/** What must be true of a system when its tests are over, whatever they did. */
import assert from "node:assert/strict";
import { pbxUser, readSecrets } from "../../src/config/secrets.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

/** What a test file did on purpose, and what the logs therefore may say. */
export interface Expected {
  readonly daemon?: readonly RegExp[];
  readonly asterisk?: readonly RegExp[];
}

/**
 * Nobody is left in a call, nothing is left in Asterisk, and neither log holds a complaint that was not to be expected.
 */
export async function expectClean(system: System, expected: Expected = {}): Promise<void> {
  await system.waitFor("no call is in progress", (status) => status.calls.length === 0);
  await expectNothingLeft(system);
  for (const { id, state } of await system.api.agents()) {
    assert.ok(!["offered", "talking", "busy"].includes(state), `agent ${id} is stuck: ${state}`);
  }
  assert.deepEqual(complaints(system, expected), []);
}

/** No channel and no bridge is left in Asterisk. A channel's end takes it a moment after the last message. */
export async function expectNothingLeft(system: System): Promise<void> {
  const look = async () => {
    const left = await Promise.all([ari(system, "channels"), ari(system, "bridges")]);
    last = JSON.stringify(left);
    return left.flat().length === 0 ? true : undefined;
  };
  let last = "";
  await poll("nothing is left in Asterisk", 10_000, look, () => last);
}

/** Other programs on a small machine may hold up the disk or the processor for a moment; that is no fault of the hotline. */
const busyMachine = /"alarm":"store_slow"/;

/** Said while it is being stopped, to whoever asks for something in that moment. */
const beingStopped = /process_message: Unable to process manager action '\w+'\. Asterisk is shutting down\./;

/** The lines of both logs that complain of something, but for those that were to be expected. */
export function complaints(system: System, { daemon = [], asterisk = [] }: Expected = {}): string[] {
  const unexpected = (allowed: readonly RegExp[]) => (line: string) =>
    !allowed.some((each) => each.test(line));
  return [
    ...system
      .log("daemon")
      .split("\n")
      .filter(daemonComplains)
      .filter(unexpected([busyMachine, ...daemon])),
    ...system
      .log("asterisk")
      .split("\n")
      .filter(asteriskComplains)
      .filter(unexpected([beingStopped, ...asterisk])),
  ];
}

/** Everything from `warn` on, and what is no line of the log at all, such as a stack trace. */
function daemonComplains(line: string): boolean {
  if (line === "") return false;
  try {
    return (JSON.parse(line) as { level: number }).level >= 40;
  } catch {
    return true;
  }
}

function asteriskComplains(line: string): boolean {
  return /\b(WARNING|ERROR)\[/.test(line) || /SecurityEvent="/.test(line);
}

/** Asks Asterisk itself, as the daemon does: `channels`, `bridges` … */
export async function ari<T = { readonly id: string }[]>(system: System, path: string): Promise<T> {
  const { ariPassword } = readSecrets(system.home);
  const authorization = `Basic ${Buffer.from(`${pbxUser}:${ariPassword}`).toString("base64")}`;
  const response = await fetch(`http://127.0.0.1:${system.ports.ari}/ari/${path}`, {
    headers: { authorization },
  });
  if (!response.ok) throw new Error(`ARI ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
