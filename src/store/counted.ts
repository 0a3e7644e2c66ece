import type { Database } from "better-sqlite3";
import type { Outcome } from "../core/calls.ts";
import type { CallId, HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";

/** As much of a call as figures are made of. */
export type CountedRow = {
  readonly id: CallId;
  readonly hotline: HotlineId;
  readonly arrivedAtMs: WallMs;
  /** Who has reached somebody counts as `answered` or `forwarded` before the call is over; null: still waiting. */
  readonly fate: Outcome | null;
  readonly waitMs: number | null;
};

/** The calls of all hotlines that arrived at this moment or later, those in progress among them. */
export function listCounted(db: Database, fromMs: WallMs): CountedRow[] {
  return db
    .prepare<[WallMs], CountedRow>(
      `SELECT id, hotline, arrived_ms AS arrivedAtMs, wait_ms AS waitMs,
         CASE WHEN outcome IS NOT NULL THEN outcome
              WHEN agent IS NOT NULL THEN 'answered'
              WHEN forwarded_to IS NOT NULL THEN 'forwarded' END AS fate
       FROM calls WHERE arrived_ms >= ? AND hotline IS NOT NULL`,
    )
    .all(fromMs);
}
