import { leastBytesFree, type Room } from "../config/disk.ts";
import type { Alarms } from "./alarms.ts";
import type { StartTimer } from "./clock.ts";

export type RoomWatchParts = {
  readonly home: string;
  /** What is free there now; throws when that cannot be seen. */
  readonly look: () => Room;
  readonly alarms: Alarms;
  readonly startTimer: StartTimer;
};

/** A runaway log fills a disk within minutes, and looking costs next to nothing. */
const lookEveryMs = 10_000;

const mega = 1024 * 1024;

/**
 * Raises an alarm while the disk of the home is nearly full. Calls go on on a full one, but what they leave
 * waits in memory, and nothing can be changed: so somebody must know before.
 */
export class RoomWatch {
  readonly #parts: RoomWatchParts;
  #cancel: () => void = () => undefined;

  constructor(parts: RoomWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#look();
    this.#cancel = this.#parts.startTimer(() => this.start(), lookEveryMs);
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { home, look, alarms } = this.#parts;
    try {
      const { bytesFree } = look();
      if (bytesFree >= leastBytesFree) alarms.clear("disk");
      // Not the exact figure: each change would be an alarm of its own.
      else
        alarms.raise(
          "disk",
          `Less than ${leastBytesFree / mega} MB are free on the disk of ${home}. Make room (du -xh ${home} | sort -h | tail): ` +
            "when it is full, calls go on, but nothing can be recorded or changed.",
        );
    } catch (error) {
      alarms.raise(
        "disk",
        `What is free on the disk of ${home} cannot be seen: ${(error as Error).message}.`,
      );
    }
  }
}
