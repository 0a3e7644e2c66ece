import type { AgentId, HotlineId } from "./ids.ts";
import type { DurationMs, MonotonicMs, WallMs } from "./time.ts";

/** What changes by itself at a hotline. */
export type Desk = {
  readonly hotline: HotlineId;
  /** Where `round-robin` goes on. */
  readonly lastOffered: AgentId | null;
  /** Talk and wrap-up of the latest conversations, the newest last; for the expected wait. */
  readonly handlingMs: readonly DurationMs[];
  /** While callers wait: since when nobody is there. Begins anew each time those who wait were told. */
  readonly unstaffedSince: MonotonicMs | null;
  /** While callers wait: since when all who are there are on a break. Begins anew likewise. */
  readonly allPausedSince: MonotonicMs | null;
  readonly closing: Closing;
};

/** While callers wait: what the opening hours say. */
export type Closing =
  /** Nobody waits: nobody looks. */
  | { readonly kind: "unwatched" }
  /** Open until then, on the wall; `lookAtMs` is when that will be if nobody sets the clock. */
  | { readonly kind: "open"; readonly untilMs: WallMs; readonly lookAtMs: MonotonicMs }
  /** Closed; who waits is served until then. */
  | { readonly kind: "grace"; readonly since: MonotonicMs; readonly releaseAtMs: MonotonicMs | null }
  /** Closed for longer than that: who waits is let go. A grace that is made longer then begins at `since`, too. */
  | { readonly kind: "released"; readonly since: MonotonicMs };

export const newDesk = (hotline: HotlineId): Desk => ({
  hotline,
  lastOffered: null,
  handlingMs: [],
  unstaffedSince: null,
  allPausedSince: null,
  closing: { kind: "unwatched" },
});
