import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseFile } from "./disk.ts";
import type { Move } from "./moves.ts";
import type { Counts, Outcome, Violation } from "./outcome.ts";
import { play } from "./run.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";

/** A scenario is played at most so often to make it shorter. */
const shrinkTriesMax = 600;

export type Failure = {
  readonly seed: number;
  readonly violation: Violation;
  readonly moves: number;
  /** The shortened scenario, played: what happened, and what the core did about it. */
  readonly trace: readonly string[];
};

export type Played = { readonly seeds: number; readonly counts: Counts; readonly failure: Failure | null };

/** Plays seeds on a database of its own, in memory where the machine has such a folder. Close it. */
export class Player {
  readonly #folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "hotline-simulation-"));
  readonly #file: DatabaseFile;

  /** `threaded`: the store writes in a thread of its own, as it does in the daemon. */
  constructor(threaded = false) {
    this.#file = new DatabaseFile(join(this.#folder, "hotline.db"), threaded);
  }

  /** All of them, or up to the first that fails. */
  async playSeeds(from: number, count: number): Promise<Played> {
    const counts: Counts = { steps: 0, orders: 0, calls: 0, kills: 0, restarts: 0 };
    for (let seed = from; seed < from + count; seed++) {
      const outcome = await this.play(seed, scenarioOf(seed), false);
      add(counts, outcome.counts);
      if (outcome.violation)
        return { seeds: seed - from + 1, counts, failure: await this.#shortened(seed, outcome.violation) };
    }
    return { seeds: count, counts, failure: null };
  }

  play(seed: number, moves: readonly Move[], traced: boolean): Promise<Outcome> {
    return play(seed, moves, this.#file, traced);
  }

  async close(): Promise<void> {
    await this.#file.close();
    rmSync(this.#folder, { recursive: true });
  }

  /** The same rule must break; that it breaks in another way is fine. */
  async #shortened(seed: number, violation: Violation): Promise<Failure> {
    const fails = async (moves: readonly Move[]) =>
      (await this.play(seed, moves, false)).violation?.rule === violation.rule;
    const moves = await shrink(scenarioOf(seed), fails, shrinkTriesMax);
    const outcome = await this.play(seed, moves, true);
    return { seed, violation: outcome.violation ?? violation, moves: moves.length, trace: outcome.trace };
  }
}

export function add(to: Counts, more: Counts): void {
  for (const name of Object.keys(to) as (keyof Counts)[]) to[name] += more[name];
}
