/** Waits between attempts that go on for ever: doubling, with a longest wait, and never quite the same. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #chance: () => number;
  #nextMs: number;

  /** `chance`: from 0 to below 1. */
  constructor(firstMs: number, longestMs: number, chance: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#chance = chance;
    this.#nextMs = firstMs;
  }

  /** How long to wait now, in ms: between half of it and all. */
  next(): number {
    const now = this.#nextMs;
    this.#nextMs = Math.min(now * 2, this.#longestMs);
    return (now * (1 + this.#chance())) / 2;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}

/** Resolves after that time, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}
