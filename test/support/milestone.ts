/** Something that happens once and can be awaited before and after it happened, with a bound that explains itself. */
export class Milestone<T> {
  readonly #name: string;
  readonly #describe: () => string;
  readonly #waiters = new Set<{ reach(value: T): void; giveUp(): void }>();
  #reached: { readonly value: T } | null = null;
  #isHopeless = false;

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
    for (const waiter of this.#waiters) waiter.reach(value);
    this.#waiters.clear();
  }

  /** Something has come in between: nobody need wait any longer. */
  giveUp(): void {
    this.#isHopeless = true;
    for (const waiter of this.#waiters) waiter.giveUp();
    this.#waiters.clear();
  }

  async wait(withinMs: number): Promise<T> {
    if (this.#reached !== null) return this.#reached.value;
    if (this.#isHopeless) throw this.#error("will never happen");
    return new Promise((resolve, reject) => {
      const waiter = {
        reach: (value: T) => {
          clearTimeout(timer);
          resolve(value);
        },
        giveUp: () => {
          clearTimeout(timer);
          reject(this.#error("will never happen"));
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(this.#error(`not within ${withinMs} ms`));
      }, withinMs);
      this.#waiters.add(waiter);
    });
  }

  #error(what: string): Error {
    return new Error(`${what}: ${this.#name}\n${this.#describe()}`);
  }
}
