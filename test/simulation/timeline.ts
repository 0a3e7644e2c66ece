type Entry = { readonly atMs: number; readonly order: number; run: (() => void) | null };

/** Simulated time: what is to happen, soonest first; what is due at the same millisecond in the order it was planned. */
export class Timeline {
  /** Since the beginning of the scenario. */
  nowMs = 0;
  readonly #heap: Entry[] = [];
  #planned = 0;

  /** Returns what calls it off. */
  after(waitMs: number, run: () => void): () => void {
    const entry: Entry = { atMs: this.nowMs + Math.max(0, waitMs), order: this.#planned++, run };
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** Takes the next thing out and moves time there; null when nothing is planned. */
  next(): (() => void) | null {
    for (let entry = this.#pop(); entry; entry = this.#pop()) {
      const { run } = entry;
      if (!run) continue;
      this.nowMs = entry.atMs;
      return run;
    }
    return null;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => (a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs);
