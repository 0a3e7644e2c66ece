/**
 * Loaded into a program before anything else (see clock.ts): its time of day differs from the machine's by as much as the file
 * says that stands in its home, or by as much as this module's address says. Monotonic time is left alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { clockShiftFile } from "./clock.ts";

const home = process.env.HOTLINE_HOME;
const file = home === undefined ? null : clockShiftFile(home);
const inAddress = new URL(import.meta.url).searchParams.get("shiftMs");
const shiftMs = Number(file !== null && existsSync(file) ? readFileSync(file, "utf8") : (inAddress ?? 0));
if (!Number.isSafeInteger(shiftMs)) throw new Error(`no shift of a clock: ${shiftMs}`);

if (process.argv.includes("serve")) shiftDaemon();
else shiftProgram();

/** Only what the daemon decides by: what it tells Asterisk, or compares with files, has to be true. */
function shiftDaemon(): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!/\/src\/daemon\/clock\.ts$/.test(url)) return loaded;
      const source = String(loaded.source);
      const shifted = source.replace("Date.now()", `(Date.now() + ${shiftMs})`);
      if (shifted === source) throw new Error(`${url} does not ask for the time as it was thought to`);
      return { ...loaded, source: shifted };
    },
  });
}

function shiftProgram(): void {
  const machineNow = Date.now;
  Date.now = () => machineNow() + shiftMs;
  globalThis.Date = new Proxy(Date, {
    construct: (Target, args: [], newTarget) =>
      args.length === 0 ? new Target(Date.now()) : Reflect.construct(Target, args, newTarget),
  });
}
