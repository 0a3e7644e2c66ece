/** What a list is ordered by: two numbers, then an id to break ties. */
export type SortKey<Id extends string> = { readonly first: number; readonly second: number; readonly id: Id };

/** Longer chunks are divided. Short enough that moving their memory costs nothing, long enough that there are few. */
const longestChunk = 128;

/**
 * A list kept in order by its keys, in chunks: finding a place is two binary searches, adding and removing move no more
 * than one chunk.
 */
export class SortedList<Id extends string> {
  /** Never holds an empty chunk. */
  readonly #chunks: SortKey<Id>[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  first(): SortKey<Id> | null {
    return this.#chunks[0]?.[0] ?? null;
  }

  last(): SortKey<Id> | null {
    return this.#chunks.at(-1)?.at(-1) ?? null;
  }

  /** The first entry behind a key, which need not be in the list. */
  firstAfter(key: SortKey<Id>): SortKey<Id> | null {
    const chunk = this.#chunkOf(key);
    const place = placeIn(this.#chunks[chunk] ?? [], key);
    const found = this.#chunks[chunk]?.[place];
    if (!found || isBefore(key, found)) return found ?? null;
    return this.#chunks[chunk]?.[place + 1] ?? this.#chunks[chunk + 1]?.[0] ?? null;
  }

  /** How many entries stand before a key, which need not be in the list. */
  rank(key: SortKey<Id>): number {
    const chunk = this.#chunkOf(key);
    let before = 0;
    for (let i = 0; i < chunk; i++) before += this.#chunks[i]!.length;
    return before + placeIn(this.#chunks[chunk] ?? [], key);
  }

  /** In order. Do not change the list while walking it. */
  *keys(): IterableIterator<SortKey<Id>> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** In order; a copy. */
  ids(): Id[] {
    return this.#chunks.flatMap((chunk) => chunk.map(({ id }) => id));
  }

  add(key: SortKey<Id>): void {
    this.#size++;
    // What comes behind everything goes to the end of the last chunk.
    const at = Math.min(this.#chunkOf(key), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([key]);
      return;
    }
    chunk.splice(placeIn(chunk, key), 0, key);
    if (chunk.length > longestChunk) this.#chunks.splice(at + 1, 0, chunk.splice(longestChunk / 2));
  }

  /** Throws when the entry is not there: then an index and its table have come apart. */
  remove(key: SortKey<Id>): void {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] ?? [];
    const place = placeIn(chunk, key);
    const found = chunk[place];
    if (found?.id !== key.id || found.first !== key.first || found.second !== key.second)
      throw new Error(`No entry ${key.first}/${key.second}/${key.id} in the list`);
    this.#size--;
    if (chunk.length === 1) this.#chunks.splice(at, 1);
    else chunk.splice(place, 1);
  }

  /** The first chunk whose last entry is not before the key; the number of chunks when there is none. */
  #chunkOf(key: SortKey<Id>): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#chunks[middle]!.at(-1)!, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The first place in a chunk whose entry is not before the key. */
function placeIn<Id extends string>(chunk: readonly SortKey<Id>[], key: SortKey<Id>): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(chunk[middle]!, key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether one entry stands before another. */
export function isBefore<Id extends string>(a: SortKey<Id>, b: SortKey<Id>): boolean {
  if (a.first !== b.first) return a.first < b.first;
  if (a.second !== b.second) return a.second < b.second;
  return a.id < b.id;
}
