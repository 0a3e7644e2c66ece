/** Tasks with the same key run one after the other, all others side by side. A task must not reject. */
export class Chains {
  readonly #tails = new Map<string, Promise<void>>();

  run(key: string, task: () => Promise<void>): void {
    const before = this.#tails.get(key);
    const tail = before ? before.then(task) : task();
    this.#tails.set(key, tail);
    tail.finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
  }

  /** Chains with something to do. */
  get size(): number {
    return this.#tails.size;
  }

  /** Resolves when nothing is left to do, what was added meanwhile included. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
