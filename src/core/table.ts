/**
 * Rows by id. Rows are never changed, only replaced, so a turn that throws can be taken back: `begin` forgets the
 * old values, `changes` says what was replaced since, `rollBack` puts the old ones back.
 */
export class Table<Id extends string, Row> {
  readonly #rows = new Map<Id, Row>();
  readonly #before = new Map<Id, Row | null>();
  readonly #index: (before: Row | null, after: Row | null) => void;

  /** `index` is told of every replacement, so that indexes never lag behind. */
  constructor(index: (before: Row | null, after: Row | null) => void) {
    this.#index = index;
  }

  get(id: Id): Row | null {
    return this.#rows.get(id) ?? null;
  }

  get size(): number {
    return this.#rows.size;
  }

  values(): IterableIterator<Row> {
    return this.#rows.values();
  }

  put(id: Id, row: Row): void {
    this.#replace(id, row);
  }

  delete(id: Id): void {
    this.#replace(id, null);
  }

  begin(): void {
    this.#before.clear();
  }

  /** The rows replaced since `begin`, as they are now; null where one was deleted. */
  changes(): Map<Id, Row | null> {
    return new Map([...this.#before.keys()].map((id) => [id, this.get(id)]));
  }

  /** The same rows as they were at `begin`; null where there was none. */
  replaced(): Map<Id, Row | null> {
    return new Map(this.#before);
  }

  rollBack(): void {
    for (const [id, row] of [...this.#before]) this.#replace(id, row);
    this.#before.clear();
  }

  #replace(id: Id, row: Row | null): void {
    const old = this.get(id);
    if (!this.#before.has(id)) this.#before.set(id, old);
    this.#index(old, row);
    if (row === null) this.#rows.delete(id);
    else this.#rows.set(id, row);
  }
}
