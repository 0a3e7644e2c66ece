import type { Logger } from "pino";
import type { Batch } from "../store/types.ts";
import type { Alarms } from "./alarms.ts";
import type { StartTimer } from "./clock.ts";

/** Settings are in a copy so soon after they were changed. */
const lookEveryMs = 10_000;
const copyEveryMs = 3_600_000;
/** A copy of a big database takes its time and its disk: at most this share of both. */
const shareOfTime = 1 / 20;

export type CopyKeeperParts = {
  readonly store: {
    copy(): Promise<{ readonly file: string; readonly madeAtMs: number }>;
    copies(): readonly { readonly madeAtMs: number }[];
    setAside(): readonly string[];
  };
  readonly alarms: Alarms;
  readonly log: Logger;
  readonly startTimer: StartTimer;
  readonly nowMs: () => number;
};

/**
 * Has copies made of the database: every hour when something was written, and soon after settings were changed. Keeps up the
 * alarm that a damaged one was set aside for as long as its note lies there.
 */
export class CopyKeeper {
  readonly #parts: CopyKeeperParts;
  #changed = true;
  /** At the start nobody knows what was set before it, and not copied: the disk may have been full, and the daemon killed. */
  #settingsChanged = true;
  #lastMs: number;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: CopyKeeperParts) {
    this.#parts = parts;
    this.#lastMs = parts.store.copies()[0]?.madeAtMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The first copy is made a little later: callers who waited for the daemon come first. */
  start(): void {
    this.#keepAlarm();
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** This is being written. */
  written({ extra }: Batch): void {
    this.#changed = true;
    // Who is on duty is known again soon; what was set is not.
    if (extra?.audit?.some(({ undoable }) => undoable)) this.#settingsChanged = true;
  }

  #keepAlarm(): void {
    const { store, alarms } = this.#parts;
    const [note] = store.setAside();
    if (note === undefined) alarms.clear("store_replaced");
    else alarms.raise("store_replaced", note);
  }

  #lookLater(): void {
    this.#cancelTimer = this.#parts.startTimer(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    this.#keepAlarm();
    const now = this.#parts.nowMs();
    // The clock may have been set back.
    const isDue = now - this.#lastMs >= copyEveryMs || this.#lastMs > now;
    if ((this.#settingsChanged || (this.#changed && isDue)) && now >= this.#notBeforeMs) await this.#copy();
    if (!this.#stopped) this.#lookLater();
  }

  async #copy(): Promise<void> {
    const { store, alarms, log, nowMs } = this.#parts;
    const before = { changed: this.#changed, settingsChanged: this.#settingsChanged };
    this.#changed = false;
    this.#settingsChanged = false;
    const startedMs = nowMs();
    try {
      const { file, madeAtMs } = await store.copy();
      this.#lastMs = madeAtMs;
      const tookMs = nowMs() - startedMs;
      this.#notBeforeMs = nowMs() + tookMs / shareOfTime;
      log.debug({ file, tookMs }, "the database was copied");
      alarms.clear("store_copy");
    } catch (error) {
      this.#changed ||= before.changed;
      this.#settingsChanged ||= before.settingsChanged;
      // What keeps it from being copied is told, and it is tried again all the time.
      if (!this.#stopped) alarms.raise("store_copy", (error as Error).message);
    }
  }
}
