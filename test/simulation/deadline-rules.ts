import type { State } from "../../src/core/state.ts";
import type { Now } from "../../src/core/time.ts";
import { firstDeadline } from "./oracle.ts";
import type { Timeline } from "./timeline.ts";

/** A deadline may be served so much too late. */
const deadlineLateMs = 100;

/** What is due is done soon, however late it became known. */
export class DeadlineRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #timeline: Timeline;
  /** The deadline that is overdue, and since when it is known. */
  #due: { readonly id: string; readonly atMs: number; readonly sinceMs: number } | null = null;

  constructor(violated: (rule: string, detail: string) => void, timeline: Timeline) {
    this.#violated = violated;
    this.#timeline = timeline;
  }

  /** `state` null: no daemon lives. */
  check(state: State | null, now: Now): void {
    const first = state && firstDeadline(state);
    if (!first || first.atMs > now.monotonicMs) {
      this.#due = null;
      return;
    }
    if (this.#due?.id !== first.id || this.#due.atMs !== first.atMs)
      this.#due = { ...first, sinceMs: this.#timeline.nowMs };
    else if (this.#timeline.nowMs - this.#due.sinceMs > deadlineLateMs)
      this.#violated("deadlines", `${first.id} is overdue and nothing happens`);
  }
}
