import type { Capacity } from "../core/capacity.ts";
import type { StoryLine } from "../core/story.ts";
import type { Alarms } from "./alarms.ts";
import { type StartTimer, systemTimer } from "./clock.ts";

/** The alarm stands until nobody was turned away for so long. */
const quietMs = 60_000;

/** Raises an alarm while callers are turned away because the machine is full. */
export class CapacityWatch {
  readonly #capacity: Capacity;
  readonly #alarms: Alarms;
  readonly #startTimer: StartTimer;
  #cancel: () => void = () => undefined;

  constructor(capacity: Capacity, alarms: Alarms, startTimer: StartTimer = systemTimer) {
    this.#capacity = capacity;
    this.#alarms = alarms;
    this.#startTimer = startTimer;
  }

  /** Takes what a turn of the loop has to tell. */
  told(story: readonly StoryLine[]): void {
    const refused = story.some(
      (line) => "call" in line && line.told.what === "ended" && line.told.result.reason === "capacity",
    );
    if (!refused) return;
    const { maxCalls, maxNewPerSecond } = this.#capacity;
    this.#alarms.raise(
      "capacity",
      `Callers are turned away: more than ${maxCalls} calls at once or ${maxNewPerSecond} new ones per second. ` +
        "The limits are calls.maxAtOnce and calls.maxNewPerSecond in hotline.yaml.",
    );
    this.#cancel();
    this.#cancel = this.#startTimer(() => this.#alarms.clear("capacity"), quietMs);
  }

  stop(): void {
    this.#cancel();
  }
}
