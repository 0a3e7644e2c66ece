/** Something that happens once and can be awaited before and after it happened, with a bound that explains itself. */
export class Milestone<T> {
  readonly #name: string;
  readonly #describe: () => string;
  readonly #waiters = new Set<(value: T) => void>();
  #reached: { readonly value: T } | null = null;

  /** `describe` tells, when waiting was in vain, what happened instead. */
  constructor(name: string, describe: () => string) {
    this.#name = name;
    this.#describe = describe;
  }

  get value(): T | null {
    return this.#reached?.value ?? null;
  }

  get isReached(): boolean {
    return this.#reached !== null;
  }

  /** The first value counts, later ones are ignored. */
  reach(value: T): void {
    if (this.#reached !== null) return;
    this.#reached = { value };
    for (const waiter of this.#waiters) waiter(value);
    this.#waiters.clear();
  }

  async wait(withinMs: number): Promise<T> {
    if (this.#reached !== null) return this.#reached.value;
    return new Promise((resolve, reject) => {
      const waiter = (value: T) => {
        clearTimeout(timer);
        resolve(value);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`not within ${withinMs} ms: ${this.#name}\n${this.#describe()}`));
      }, withinMs);
      this.#waiters.add(waiter);
    });
  }
}
