/**
 * How long people wait for the machine: node test/bench/latency.ts [CALLS]
 *
 * Starts a fresh system and measures on it, with simulated phones on the same machine:
 *   ring     the caller's INVITE until the INVITE at the phone of an idle agent
 *   connect  the agent's 200 OK until both are in the bridge, and until the caller's first audio is at the agent's phone
 *   next     with callers waiting, the agent's BYE until the INVITE of the next call at the same phone
 * Audio comes in packets of 20 ms, SIP's times are whole milliseconds. Nothing is asserted.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Call } from "../support/call.ts";
import type { Phone } from "../support/phone.ts";
import { System } from "../support/system.ts";

const wanted = Number(process.argv[2] ?? 200);
const agent = "301";
/** How many callers wait at a time. */
const queueLength = 20;

const system = new System();
try {
  console.log(`starting a fresh system, then ${wanted} calls one by one and ${wanted} from a queue ...`);
  await system.up();
  await system.change("hotline", "set", "demo", "--wrap-up", "0s", "--auto-pause", "0");
  const phone = await system.agent(agent);
  await oneByOne(phone, 5);
  const alone = await oneByOne(phone, wanted);
  const next = await fromQueue(phone, wanted);
  console.log(`${"".padEnd(46)}   median     95 %  longest   (ms)`);
  print("ring: INVITE to the agent's INVITE", alone.ring);
  print("connect: the agent's 200 OK to the bridge", alone.bridged);
  print("connect: the agent's 200 OK to first audio", alone.heard);
  print("next: the agent's BYE to the next INVITE", next);
} finally {
  await system.remove(false);
}

async function oneByOne(phone: Phone, count: number) {
  const ring: number[] = [];
  const heard: number[] = [];
  const answered: { id: string; at: number }[] = [];
  for (let index = 0; index < count; index++) {
    const caller = await system.caller();
    const call = await caller.call("115", { port: system.sipPort, from: `0301${index}` });
    const rung = await phone.nextCall();
    ring.push(timeOf(phone, rung, "in", "INVITE") - timeOf(caller, call, "out", "INVITE"));
    await rung.answer();
    const at = timeOf(phone, rung, "out", 200);
    while (rung.audio.packetsReceived === 0) await pause(1);
    heard.push(Date.now() - at);
    await system.waitForAgent(agent, "talking");
    const { calls } = await system.api.status();
    if (calls[0]) answered.push({ id: calls[0].id, at });
    rung.hangUp();
    await call.ended();
    caller.close();
    await system.waitForAgent(agent, "ready");
  }
  const bridged: number[] = [];
  for (const { id, at } of answered) {
    const { events = [] } = await system.api.call(id);
    const connected = events.find(({ what }) => what === "connected");
    if (connected) bridged.push(Date.parse(connected.at) - at);
  }
  return { ring, heard, bridged };
}

async function fromQueue(phone: Phone, count: number): Promise<number[]> {
  const gaps: number[] = [];
  while (gaps.length < count) {
    const callers = Array.from({ length: queueLength }, async (_, index) => {
      const caller = await system.caller({ sound: null });
      const call = await caller.call("115", { port: system.sipPort, from: `0302${index}` });
      return { caller, call };
    });
    const placed = await Promise.all(callers);
    let before: Call | null = null;
    for (let served = 0; served < placed.length; served++) {
      const rung = await phone.nextCall();
      if (before) gaps.push(timeOf(phone, rung, "in", "INVITE") - timeOf(phone, before, "out", "BYE"));
      await rung.answer();
      await system.waitForAgent(agent, "talking");
      rung.hangUp();
      before = rung;
    }
    await Promise.all(placed.map(({ call }) => call.ended()));
    for (const { caller } of placed) caller.close();
    await system.waitForAgent(agent, "ready");
  }
  return gaps;
}

/** When a request, or a final response to the INVITE, of this call was sent or came in. */
function timeOf(phone: Phone, call: Call, direction: "in" | "out", what: string | number): number {
  const entry = phone.trace.find(
    ({ direction: way, message }) =>
      way === direction &&
      message.headers.get("Call-ID") === call.id &&
      (message.kind === "request" ? message.method === what : message.status === what),
  );
  if (!entry) throw new Error(`no ${what} in this call\n${call.describe()}`);
  return entry.at;
}

function print(name: string, values: readonly number[]): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => String(sorted[Math.floor((sorted.length - 1) * share)] ?? "-").padStart(8);
  console.log(`${name.padEnd(46)} ${at(0.5)} ${at(0.95)} ${at(1)}   (${values.length} times)`);
}
