/**
 * A list kept in order by a key of two parts: a number, then an id to break ties.
 * Adding and removing cost one binary search and one move of memory.
 */
export class SortedList<Id extends string> {
  readonly #keys: number[] = [];
  readonly #ids: Id[] = [];

  get size(): number {
    return this.#ids.length;
  }

  first(): { key: number; id: Id } | null {
    const id = this.#ids[0];
    return id === undefined ? null : { key: this.#keys[0]!, id };
  }

  /** In order. Do not change the list while walking it. */
  ids(): readonly Id[] {
    return this.#ids;
  }

  add(key: number, id: Id): void {
    const at = this.#position(key, id);
    this.#keys.splice(at, 0, key);
    this.#ids.splice(at, 0, id);
  }

  /** Throws when the entry is not there: then an index and its table have come apart. */
  remove(key: number, id: Id): void {
    const at = this.#position(key, id);
    if (this.#ids[at] !== id || this.#keys[at] !== key) throw new Error(`No entry ${key}/${id} in the list`);
    this.#keys.splice(at, 1);
    this.#ids.splice(at, 1);
  }

  /** The first place whose entry is not before (key, id). */
  #position(key: number, id: Id): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#keys[middle]!;
      if (other < key || (other === key && this.#ids[middle]! < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
