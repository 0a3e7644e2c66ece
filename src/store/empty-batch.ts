import type { Batch, Clock } from "./types.ts";

/** Nothing but the moment, for good. */
export const emptyBatch = (clock: Clock): Batch => ({
  changes: {
    hotlines: new Map(),
    numbers: new Map(),
    desks: new Map(),
    agents: new Map(),
    calls: new Map(),
  },
  story: [],
  clock,
  durable: true,
});
