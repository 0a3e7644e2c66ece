import type { MonotonicMs } from "./time.ts";
import type { Turn } from "./turn.ts";

/** How much the machine can do, over all hotlines. */
export type Capacity = {
  /** Calls at the same time, those included that hear why they are turned away. */
  readonly maxCalls: number;
  readonly maxNewPerSecond: number;
};

/** New calls as a bucket that fills by `maxNewPerSecond` each second, up to `burstSeconds` of that; each call takes one. */
export type Arrivals = { readonly left: number; readonly at: MonotonicMs };

/** Callers come in bursts: when the radio has named the number, when a trunk is back. */
const burstSeconds = 5;
/** Above the limit, so many per cent more may still hear an announcement. */
const announcedPercent = 10;

/**
 * Counts a new call. Null: there is room for it. `announce`: it is one too many, and can be told so. `busy`: not even that; a
 * busy tone costs next to nothing.
 */
export function refusalFor(turn: Turn): "announce" | "busy" | null {
  const { state, now } = turn;
  const { capacity, arrivals } = state.loose;
  if (capacity === null) return null;
  const { maxCalls, maxNewPerSecond } = capacity;
  const most = maxNewPerSecond * burstSeconds;
  const filled = arrivals ? arrivals.left + ((now.monotonicMs - arrivals.at) * maxNewPerSecond) / 1000 : most;
  const left = Math.min(most, filled);
  const hasLeft = left >= 1;
  state.loose = { ...state.loose, arrivals: { left: hasLeft ? left - 1 : left, at: now.monotonicMs } };
  if (!hasLeft) return "busy";
  if (state.calls.size < maxCalls) return null;
  return state.calls.size < maxCalls * (1 + announcedPercent / 100) ? "announce" : "busy";
}
