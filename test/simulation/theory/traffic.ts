import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";
import type { Demand } from "../../../src/report/erlang.ts";

/** One caller: when the call comes, how long it will last and how long the caller will wait. Whole milliseconds. */
export type Caller = { readonly atMs: number; readonly talkMs: number; readonly patienceMs: number };

/** Poisson arrivals with exponential talk times and patience (Infinity: waits for ever). Moves `random` on. */
export function drawCallers(demand: Demand, count: number, random: JumpableRandomGenerator): Caller[] {
  const exponential = (meanMs: number) => -Math.log1p(-uniformFloat64(random)) * meanMs;
  const gapMs = 3_600_000 / demand.callsPerHour;
  let atMs = 0;
  return Array.from({ length: count }, () => {
    atMs += exponential(gapMs);
    const talkMs = Math.round(exponential(demand.handlingMs));
    const patienceMs = demand.patienceMs === null ? Infinity : Math.round(exponential(demand.patienceMs));
    return { atMs: Math.round(atMs), talkMs, patienceMs };
  });
}
