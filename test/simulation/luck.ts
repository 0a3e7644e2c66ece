import type { Chance } from "./chance.ts";
import type { Trouble } from "./moves.ts";

/** How likely each trouble is at present. */
export type Troubles = ReadonlyMap<Trouble, number>;

/** What goes wrong on the way to Asterisk and back, and how long it takes: the same each time for the same things. */
export class Luck {
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #counts = new Map<string, number>();

  constructor(chance: Chance, troubles: Troubles) {
    this.#chance = chance;
    this.#troubles = troubles;
  }

  /** Whether it happens this time. */
  has(trouble: Trouble, what: string, about: string): boolean {
    const probability = this.#troubles.get(trouble);
    if (!probability) return false;
    const name = `${what} ${about}`;
    return this.#chance.happens(`${trouble} ${name} ${this.count(name)}`, probability);
  }

  requestMs(what: string, about: string): number {
    const name = `${what} ${about}`;
    if (this.has("slow_requests", what, about)) return this.#chance.between(`slow ${name}`, 300, 6_000);
    return this.#chance.between(`takes ${name}`, 1, 8);
  }

  /** How often it was counted, this time included. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }
}
