/** Things to happen, soonest first; at the same moment lower `rank` first, then in the order they were put in. A binary heap. */
export class Calendar<Entry> {
  readonly #heap: Planned<Entry>[] = [];
  #count = 0;

  add(atMs: number, rank: number, entry: Entry): void {
    const heap = this.#heap;
    const planned = { atMs, rank, order: this.#count++, entry };
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  first(): { readonly atMs: number; readonly entry: Entry } | null {
    return this.#heap[0] ?? null;
  }

  removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

type Planned<Entry> = {
  readonly atMs: number;
  readonly rank: number;
  readonly order: number;
  readonly entry: Entry;
};

function isBefore(a: Planned<unknown>, b: Planned<unknown>): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs;
  return a.rank === b.rank ? a.order < b.order : a.rank < b.rank;
}
