/** Calls `finish` when it is through. */
export type Task = (finish: () => void) => void;

/** Tasks with the same key run one after the other, all others side by side. */
export class Chains {
  readonly #waiting = new Map<string, Task[]>();
  #ended = false;

  run(key: string, task: Task): void {
    const waiting = this.#waiting.get(key);
    if (waiting) {
      waiting.push(task);
      return;
    }
    this.#waiting.set(key, []);
    this.#begin(key, task);
  }

  /** What has begun goes on; nothing else begins. */
  end(): void {
    this.#ended = true;
  }

  #begin(key: string, task: Task): void {
    task(() => {
      const next = this.#ended ? undefined : this.#waiting.get(key)?.shift();
      if (next) this.#begin(key, next);
      else this.#waiting.delete(key);
    });
  }
}
