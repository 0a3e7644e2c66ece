/**
 * Chance that hangs on a seed and a name only, not on what was drawn before. So a move can be left out of a scenario and
 * everything else happens as it did.
 */
export class Chance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** From 0 up to, but not including, 1. */
  of(name: string): number {
    let hash = (this.#seed ^ 0x9e3779b9) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  }

  happens(name: string, probability: number): boolean {
    return probability > 0 && this.of(name) < probability;
  }

  /** A whole number, both ends included. */
  between(name: string, low: number, high: number): number {
    return low + Math.floor(this.of(name) * (high - low + 1));
  }

  pick<Item>(name: string, items: readonly Item[]): Item {
    return items[Math.floor(this.of(name) * items.length)]!;
  }
}
