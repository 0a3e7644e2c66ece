import type { Now } from "../core/time.ts";

/** So often somebody looks, if nothing else happens. */
export const beatMs = 1_000;
/** Later than that we stood still: the process, or the machine with it. */
const lateMs = 1_500;
/** Clocks are corrected by less all the time. */
const movedMs = 1_000;

/**
 * Notices that time went on without us: between two looks too much has passed, or the clock on the wall went another way than the one
 * that counts durations. That one does not count while a machine is suspended, and does while a process is stopped; the wall may have been set,
 * too. What follows is the same.
 */
export class Standstill {
  #last: Now;

  constructor(now: Now) {
    this.#last = now;
  }

  /** To be asked at every turn, and every `beatMs`. Null: nothing special; else by how much. */
  look(now: Now): { readonly stoodMs: number; readonly movedMs: number } | null {
    const last = this.#last;
    this.#last = now;
    const passedMs = now.monotonicMs - last.monotonicMs;
    const stoodMs = Math.max(0, passedMs - beatMs);
    const movedByMs = now.wallMs - last.wallMs - passedMs;
    const isUsual = stoodMs <= lateMs && Math.abs(movedByMs) < movedMs;
    return isUsual ? null : { stoodMs, movedMs: movedByMs };
  }
}
