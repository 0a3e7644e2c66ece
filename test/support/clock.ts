/** Daemons and commands whose clock is not the machine's, so that a test has its day and its hour. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Holds the shift in milliseconds; read when a program starts, and goes before that of shiftClock(). */
export const clockShiftFile = (home: string): string => join(home, "run", "test-clock-shift-ms");

/**
 * Every program of Node's that is started from now on believes it to be so much later. To be called before the system is
 * started. Asterisk keeps the machine's time.
 */
export function shiftClock(shiftMs: number): void {
  const preload = new URL("./clock-preload.ts", import.meta.url);
  preload.searchParams.set("shiftMs", String(shiftMs));
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${preload.href}`.trim();
}

/** Of programs of this home that are started from now on, provided that shiftClock() was called before. */
export function setClockShift(home: string, shiftMs: number): void {
  writeFileSync(clockShiftFile(home), String(shiftMs));
}
