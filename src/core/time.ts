import type { Brand } from "./ids.ts";

/** A length of time in whole milliseconds. */
export type DurationMs = Brand<number, "DurationMs">;
/** Milliseconds since the machine started; never jumps. For durations and deadlines. */
export type MonotonicMs = Brand<number, "MonotonicMs">;
/** Milliseconds since 1970 in UTC; may jump. For opening hours and records only. */
export type WallMs = Brand<number, "WallMs">;

export type Now = { readonly monotonicMs: MonotonicMs; readonly wallMs: WallMs };

export const ms = (n: number): DurationMs => n as DurationMs;
export const seconds = (n: number): DurationMs => (n * 1000) as DurationMs;
export const minutes = (n: number): DurationMs => (n * 60_000) as DurationMs;
export const after = (at: MonotonicMs, length: DurationMs): MonotonicMs => (at + length) as MonotonicMs;

/** Never negative: a clock that was set back makes a length zero, not less. */
export const between = (from: MonotonicMs, to: MonotonicMs): DurationMs =>
  Math.max(0, to - from) as DurationMs;
