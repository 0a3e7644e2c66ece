/** What most tests of calls begin with. */
import type { CallView } from "../../src/api/schemas.ts";
import type { Call } from "./call.ts";
import type { Phone } from "./phone.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

export interface Conversation {
  readonly id: string;
  /** The caller's end. */
  readonly caller: Call;
  /** The agent's end. */
  readonly agent: Call;
}

/** Somebody calls, this phone is the one that rings, and both talk. */
export async function talk(system: System, phone: Phone, from: string): Promise<Conversation> {
  const caller = await system.call("115", { from });
  const agent = await phone.nextCall();
  await agent.answer();
  const { id } = await runningCall(system, from);
  await system.waitFor("they talk", ({ calls }) =>
    calls.some((call) => call.id === id && call.phase === "connected"),
  );
  return { id, caller, agent };
}

export const runningCall = (system: System, from: string): Promise<CallView> =>
  system.waitForCall(`a call from ${from}`, (call) => call.from === from && call.outcome === null);

export const endedCall = (system: System, from: string): Promise<CallView> =>
  system.waitForCall(
    `the outcome of the call from ${from}`,
    (call) => call.from === from && call.outcome !== null,
  );

/** The newest so many calls, as soon as the record has that many and each has its outcome. */
export function endedCalls(system: System, count: number): Promise<CallView[]> {
  let last: CallView[] = [];
  const look = async () => {
    last = await system.api.calls(count, null);
    return last.length === count && last.every(({ outcome }) => outcome !== null) ? last : undefined;
  };
  return poll(`${count} calls have their outcome`, 10_000, look, () => JSON.stringify(last, null, 1));
}
