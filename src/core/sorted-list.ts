/** What a list is ordered by: two numbers, then an id to break ties. */
export type SortKey<Id extends string> = { readonly first: number; readonly second: number; readonly id: Id };

/**
 * A list kept in order by its keys. Finding a place is one binary search; adding and removing also move the memory
 * behind it, which for the lengths here costs less than any tree.
 */
export class SortedList<Id extends string> {
  readonly #firsts: number[] = [];
  readonly #seconds: number[] = [];
  readonly #ids: Id[] = [];

  get size(): number {
    return this.#ids.length;
  }

  first(): SortKey<Id> | null {
    return this.#at(0);
  }

  last(): SortKey<Id> | null {
    return this.#at(this.#ids.length - 1);
  }

  /** The first entry behind a key, which need not be in the list. */
  firstAfter(key: SortKey<Id>): SortKey<Id> | null {
    const at = this.#position(key);
    return this.#at(this.#ids[at] === key.id ? at + 1 : at);
  }

  /** How many entries stand before a key, which need not be in the list. */
  rank(key: SortKey<Id>): number {
    return this.#position(key);
  }

  /** In order. Do not change the list while walking it. */
  ids(): readonly Id[] {
    return this.#ids;
  }

  add(key: SortKey<Id>): void {
    const at = this.#position(key);
    this.#firsts.splice(at, 0, key.first);
    this.#seconds.splice(at, 0, key.second);
    this.#ids.splice(at, 0, key.id);
  }

  /** Throws when the entry is not there: then an index and its table have come apart. */
  remove(key: SortKey<Id>): void {
    const at = this.#position(key);
    if (this.#ids[at] !== key.id || this.#firsts[at] !== key.first || this.#seconds[at] !== key.second)
      throw new Error(`No entry ${key.first}/${key.second}/${key.id} in the list`);
    this.#firsts.splice(at, 1);
    this.#seconds.splice(at, 1);
    this.#ids.splice(at, 1);
  }

  #at(index: number): SortKey<Id> | null {
    const id = this.#ids[index];
    return id === undefined ? null : { first: this.#firsts[index]!, second: this.#seconds[index]!, id };
  }

  /** The first place whose entry is not before the key. */
  #position({ first, second, id }: SortKey<Id>): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const by = this.#firsts[middle]! - first || this.#seconds[middle]! - second;
      if (by < 0 || (by === 0 && this.#ids[middle]! < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
