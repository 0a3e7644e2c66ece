import type { Chance } from "./chance.ts";
import type { Troubles } from "./luck.ts";
import type { Timeline } from "./timeline.ts";

/** The timers of one life of the daemon: some are late, and all end with it. */
export class LifeTimers {
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #touched: () => void;
  readonly #running = new Set<() => void>();
  readonly #nextNumber: () => number;
  #isOver = false;

  /** `nextNumber` counts the timers of all lives. `touched` is told that the daemon was handed something. */
  constructor(
    timeline: Timeline,
    chance: Chance,
    troubles: Troubles,
    nextNumber: () => number,
    touched: () => void,
  ) {
    this.#nextNumber = nextNumber;
    this.#timeline = timeline;
    this.#chance = chance;
    this.#troubles = troubles;
    this.#touched = touched;
  }

  /** Returns what calls it off. */
  start(run: () => void, afterMs: number): () => void {
    if (this.#isOver) return () => undefined;
    const name = `timer ${this.#nextNumber()}`;
    const late = this.#chance.happens(name, this.#troubles.get("late_timers") ?? 0);
    const lateMs = late ? this.#chance.between(`late ${name}`, 1, 40) : 0;
    const stop = this.#timeline.after(Math.ceil(afterMs) + lateMs, () => {
      this.#running.delete(stop);
      this.#touched();
      run();
    });
    this.#running.add(stop);
    return () => {
      this.#running.delete(stop);
      stop();
    };
  }

  /** The daemon is dead. */
  end(): void {
    this.#isOver = true;
    for (const stop of this.#running) stop();
  }
}
