import { readFileSync } from "node:fs";
import type { MonotonicMs, Now, WallMs } from "../core/time.ts";

/** Where the loop gets its time from; tests have one of their own. */
export type Clock = {
  /** Monotonic times of different boots cannot be compared. */
  readonly bootId: string;
  now(): Now;
};

/** The machine's clocks. Monotonic time counts from the machine's start, so that it goes on over a restart of ours. */
export function systemClock(): Clock {
  return {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    now: () => ({
      monotonicMs: Number(process.hrtime.bigint() / 1_000_000n) as MonotonicMs,
      wallMs: Date.now() as WallMs,
    }),
  };
}

/** Runs something once after so many milliseconds; what it returns calls that off. */
export type StartTimer = (run: () => void, afterMs: number) => () => void;

export const systemTimer: StartTimer = (run, afterMs) => {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
};
