import type { MonotonicMs, Now, WallMs } from "../../src/core/time.ts";
import type { Clock } from "../../src/daemon/clock.ts";
import type { Timeline } from "./timeline.ts";

/** Until somebody sets the clock. */
export const firstWallMs = Date.parse("2026-11-23T09:00:00Z");
/** How long the machine has been up when a scenario or a new boot begins. */
const upMs = { first: 3_600_000, later: 5_000 };

/** The two clocks of the machine: one is set by people, the other begins anew when the machine is restarted. */
export class MachineClock implements Clock {
  readonly #timeline: Timeline;
  #boots = 1;
  #bootedAtMs = -upMs.first;
  wallOffsetMs = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get bootId(): string {
    return `boot ${this.#boots}`;
  }

  now(): Now {
    const { nowMs } = this.#timeline;
    return {
      monotonicMs: (nowMs - this.#bootedAtMs) as MonotonicMs,
      wallMs: (firstWallMs + nowMs + this.wallOffsetMs) as WallMs,
    };
  }

  reboot(): void {
    this.#boots += 1;
    this.#bootedAtMs = this.#timeline.nowMs - upMs.later;
  }
}
