import type { Effect } from "../../src/core/effects.ts";
import type { Event } from "../../src/core/events.ts";
import { type CallId, parseLegId } from "../../src/core/ids.ts";
import type { Batch } from "../../src/store/types.ts";
import { nameOf } from "../traces/format.ts";
import type { Committed } from "./committed.ts";
import type { Timeline } from "./timeline.ts";

/** The loop's own bound for orders that wait for the disk, and what late timers and other turns may add. */
const orderWaitMs = { least: 50, most: 200 };

/** An order that has been decided and has not gone out yet. */
type Decided = { readonly effect: Effect; readonly batch: Batch; readonly atMs: number };

/** What holds for writing: orders go out in order, when they are written or a moment later, and what is acknowledged stays. */
export class WritingRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #committed: Committed;
  readonly #timeline: Timeline;
  #waiting: Decided[] = [];
  #sentUnwritten: Decided[] = [];
  /** What was decided last, until it is handed over to be written. */
  #last: { readonly event: Event; readonly effects: readonly Effect[] } | null = null;
  readonly #batchOf = new WeakMap<Event, Batch>();
  /**
   * Calls about which orders went out before they were written (a slow disk holds nobody up), and the daemon was killed
   * before they were. Of a conversation that has begun and ended in that time nobody can tell.
   */
  readonly lostTails = new Set<CallId>();

  constructor(violated: (rule: string, detail: string) => void, committed: Committed, timeline: Timeline) {
    this.#violated = violated;
    this.#committed = committed;
    this.#timeline = timeline;
  }

  decided(event: Event, effects: readonly Effect[]): void {
    this.#last = { event, effects };
  }

  handedOver(batch: Batch): void {
    if (!this.#last) return;
    const atMs = this.#timeline.nowMs;
    for (const effect of this.#last.effects) this.#waiting.push({ effect, batch, atMs });
    this.#batchOf.set(this.#last.event, batch);
    this.#last = null;
  }

  goesOut(effect: Effect): void {
    const decided = this.#waiting.shift();
    if (decided?.effect !== effect) {
      const instead = decided?.effect.type ?? "nothing";
      this.#violated("orders go out in order", `${effect.type} instead of ${instead}`);
      return;
    }
    const waitedMs = this.#timeline.nowMs - decided.atMs;
    const isWritten = this.#committed.batches.has(decided.batch);
    if (!isWritten) this.#sentUnwritten.push(decided);
    if (waitedMs < orderWaitMs.least && !isWritten)
      this.#violated(
        "orders wait for the disk",
        `${effect.type} went out after ${waitedMs} ms, not yet written`,
      );
    if (waitedMs > orderWaitMs.most)
      this.#violated("orders do not wait long", `${effect.type} went out after ${waitedMs} ms`);
  }

  /** An administrator was told that it is done. */
  acknowledged(event: Event): void {
    const batch = this.#batchOf.get(event);
    if (batch && !(batch.durable && this.#committed.batches.has(batch)))
      this.#violated("what is acknowledged is on disk", `${nameOf(event)} was acknowledged before`);
  }

  lifeEnds(): void {
    for (const { effect, batch } of this.#sentUnwritten) {
      const call = "call" in effect ? effect.call : "leg" in effect ? parseLegId(effect.leg)?.call : null;
      if (call && !this.#committed.batches.has(batch)) this.lostTails.add(call);
    }
    this.#sentUnwritten = [];
    this.#waiting = [];
    this.#last = null;
  }
}
