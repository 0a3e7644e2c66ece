/**
 * Runs a reload one at a time: who asks while one runs shares the next one, which begins after it. Between two beginnings
 * lies a shortest time; reloads of PJSIP in quick succession have brought Asterisk down (asterisk#1868, #2081).
 */
export class Reloads {
  readonly #reload: () => Promise<void>;
  readonly #shortestGapMs: number;
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #current: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(reload: () => Promise<void>, shortestGapMs: number) {
    this.#reload = reload;
    this.#shortestGapMs = shortestGapMs;
  }

  /** Resolves when a reload that began after this call is through; rejects as the reload does. */
  ask(): Promise<void> {
    if (this.#next) return this.#next;
    const before = this.#current;
    const run = this.#runAfter(before);
    this.#next = run;
    return run;
  }

  async #runAfter(before: Promise<void> | null): Promise<void> {
    await before?.catch(() => {});
    const waitMs = this.#lastStartMs + this.#shortestGapMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    // From here on, who asks gets another one: their change may come too late for this.
    this.#current = this.#next;
    this.#next = null;
    this.#lastStartMs = performance.now();
    await this.#reload();
  }
}
