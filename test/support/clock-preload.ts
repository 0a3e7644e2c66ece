/**
 * Loaded into a program before anything else (see clock.ts): its clock differs from the machine's by as much as the file says
 * that stands in its home, or by as much as this module's address says. Monotonic time is left alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { clockShiftFile } from "./clock.ts";

const home = process.env.HOTLINE_HOME;
const file = home === undefined ? null : clockShiftFile(home);
const inAddress = new URL(import.meta.url).searchParams.get("shiftMs");
const shiftMs = Number(file !== null && existsSync(file) ? readFileSync(file, "utf8") : (inAddress ?? 0));
if (!Number.isSafeInteger(shiftMs)) throw new Error(`no shift of a clock: ${shiftMs}`);

const machineNow = Date.now;
Date.now = () => machineNow() + shiftMs;
globalThis.Date = new Proxy(Date, {
  construct: (Target, args: [], newTarget) =>
    args.length === 0 ? new Target(Date.now()) : Reflect.construct(Target, args, newTarget),
});
