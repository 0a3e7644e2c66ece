import type { Call } from "./calls.ts";
import type { CallId } from "./ids.ts";
import { SortedList, type SortKey } from "./sorted-list.ts";

/** Callers of one hotline who wait for the same: agents with certain skills, of so many tiers. Longest waiting first. */
export type Line = {
  readonly requires: readonly string[];
  readonly tiersJoined: number;
  readonly callers: SortedList<CallId>;
};

/** The callers of one hotline who have reached nobody yet. Everywhere the longest waiting comes first. */
export class Queue {
  readonly #lines = new Map<string, Line>();
  /** Those for whom somebody rings. */
  readonly offering = new SortedList<CallId>();
  /** Those who must hear the greeting to its end. */
  readonly listening = new SortedList<CallId>();

  /** Those for whom nobody rings and somebody may. Only lines with somebody in them. */
  lines(): IterableIterator<Line> {
    return this.#lines.values();
  }

  get length(): number {
    let length = this.offering.size + this.listening.size;
    for (const { callers } of this.#lines.values()) length += callers.size;
    return length;
  }

  /** How many have waited longer than this caller. */
  ahead(call: Call): number {
    const key = keyOf(call);
    let ahead = 0;
    for (const list of this.#lists()) ahead += list.rank(key);
    return ahead;
  }

  /** Since when the longest waiting has waited; null when nobody does. */
  oldest(): number | null {
    let oldest: number | null = null;
    for (const list of this.#lists()) {
      const first = list.first();
      if (first && (oldest === null || first.first < oldest)) oldest = first.first;
    }
    return oldest;
  }

  /** All of them, in no particular order. */
  ids(): CallId[] {
    return [...this.#lists()].flatMap((list) => list.ids());
  }

  add(call: Call): void {
    this.#listOf(call)?.add(keyOf(call));
  }

  remove(call: Call): void {
    this.#listOf(call)?.remove(keyOf(call));
    if (call.phase.kind !== "waiting") return;
    const name = lineName(call);
    if (this.#lines.get(name)?.callers.size === 0) this.#lines.delete(name);
  }

  *#lists(): IterableIterator<SortedList<CallId>> {
    yield this.offering;
    yield this.listening;
    for (const { callers } of this.#lines.values()) yield callers;
  }

  #listOf(call: Call): SortedList<CallId> | null {
    switch (call.phase.kind) {
      case "waiting":
        return this.#line(call).callers;
      case "offering":
        return this.offering;
      case "listening":
        return this.listening;
      default:
        return null;
    }
  }

  #line(call: Call): Line {
    const name = lineName(call);
    let line = this.#lines.get(name);
    if (!line) {
      line = { requires: call.requires, tiersJoined: call.tiersJoined, callers: new SortedList<CallId>() };
      this.#lines.set(name, line);
    }
    return line;
  }
}

const lineName = (call: Call) => `${call.tiersJoined} ${call.requires.join()}`;

const keyOf = (call: Call): SortKey<CallId> => ({ first: call.waitingSince, second: 0, id: call.id });
