/** Waits between attempts that go on for ever: doubling, with a longest wait. */
export class Backoff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #nextMs: number;

  constructor(firstMs: number, longestMs: number) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#nextMs = firstMs;
  }

  /** How long to wait now, in ms. */
  next(): number {
    const now = this.#nextMs;
    this.#nextMs = Math.min(now * 2, this.#longestMs);
    return now;
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
