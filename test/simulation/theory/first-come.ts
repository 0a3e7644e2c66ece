import type { Fate } from "./run.ts";
import type { Caller } from "./traffic.ts";

/**
 * Who is served when if equal agents take callers strictly by arrival, worked out without a hotline: each caller gets the
 * agent who is free first, unless patience ends before that (the recursion of Kiefer and Wolfowitz 1955).
 */
export function firstCome(callers: readonly Caller[], agents: number, wrapUpMs = 0): Fate[] {
  const freeAtMs = new Float64Array(agents);
  return callers.map(({ atMs, talkMs, patienceMs }) => {
    let first = 0;
    for (let i = 1; i < agents; i++) if (freeAtMs[i]! < freeAtMs[first]!) first = i;
    const startMs = Math.max(atMs, freeAtMs[first]!);
    if (patienceMs < startMs - atMs) return { waitMs: patienceMs, answered: false };
    freeAtMs[first] = startMs + talkMs + wrapUpMs;
    return { waitMs: startMs - atMs, answered: true };
  });
}
