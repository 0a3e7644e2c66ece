import type { Database } from "better-sqlite3";
import type { WallMs } from "../core/time.ts";

/** So many at once: calls wait no longer for it than for each other. */
export const erasedAtOnce = 500;

/**
 * Erases numbers of callers whose calls arrived before this moment and are over, `erasedAtOnce` at most; the calls stay in the
 * record without them. Returns how many. What is erased is overwritten in the file (secure_delete).
 */
export function eraseNumbers(db: Database, beforeMs: WallMs): number {
  const old = db
    .prepare<[WallMs], string>(
      `SELECT call FROM call_numbers JOIN calls ON id = call
       WHERE arrived_ms < ? AND outcome IS NOT NULL LIMIT ${erasedAtOnce}`,
    )
    .pluck()
    .all(beforeMs);
  // Mostly there are none, and then nobody has to wait for the right to write.
  if (old.length === 0) return 0;
  const erase = db.prepare("DELETE FROM call_numbers WHERE call = ?");
  db.transaction(() => {
    for (const call of old) erase.run(call);
  }).immediate();
  return old.length;
}
