import pino from "pino";
import { State } from "../../src/core/state.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { systemClock } from "../../src/daemon/clock.ts";
import { Loop } from "../../src/daemon/loop.ts";
import { openStore } from "../../src/store/store.ts";
import { parseEvents } from "../traces/language.ts";

/*
 * A loop with a database, for a disk that takes long to sync: an administrator changes something, and a call comes in while
 * that waits for the disk. Says what happens, a word a line.
 */

const [path] = process.argv.slice(2);
if (!path) throw new Error("usage: on-a-slow-disk.ts DATABASE");
const say = (word: string) => process.stdout.write(`${word}\n`);
const log = pino({ level: "silent" });
const state = new State();
const alarms = new Alarms(log);
alarms.onChange = () => say(`alarms ${alarms.list().map(({ code }) => code)}`);
const store = await openStore({ path, onTrouble: (message) => say(`trouble ${message}`) });
const loop = new Loop({
  state,
  log,
  alarms,
  clock: systemClock(),
  write: (batch) => store.write(batch),
  carryOut: ({ type }) => say(`order ${type}`),
  reportFault: (_event, fault) => {
    throw fault;
  },
});
for (const line of ["hotline demo 115", "pbx up", "agent 201 demo"])
  for (const event of parseEvents(line, state)) {
    loop.submit(event);
    await Promise.resolve();
  }
await store.prove({ bootId: "boot", ...systemClock().now() });
const asked = loop
  .ask({ type: "hotline_changed", hotline: "demo" as never, settings: { name: "Anders" } })
  .then(() => say("acknowledged"));
for (const event of parseEvents("call_arrived c1 115", state)) loop.submit(event);
await asked;
await loop.stop();
await store.close();
say("closed");
