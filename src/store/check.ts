import type { Database } from "better-sqlite3";

/** What SQLite finds when it looks at its own file. */
export type Examination = {
  /** In SQLite's words; empty: nothing was found. */
  readonly damage: readonly string[];
  readonly tablesChecked: number;
  readonly tables: number;
};

/** More tells nothing new. */
const damageMax = 5;

/** Looks at one table after the other, and begins no more once the time is up. The biggest ones come last. */
export function examine(db: Database, atMostMs: number): Examination {
  const tables = db
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
       ORDER BY name LIKE 'call%', name`,
    )
    .pluck()
    .all();
  const endsMs = performance.now() + atMostMs;
  const damage: string[] = [];
  let tablesChecked = 0;
  for (const table of tables) {
    if (performance.now() >= endsMs || damage.length >= damageMax) break;
    try {
      const rows = db.pragma(`quick_check("${table}")`) as { quick_check: string }[];
      damage.push(...rows.map((row) => row.quick_check).filter((line) => line !== "ok"));
    } catch (error) {
      // A file that is damaged badly cannot even be looked through.
      damage.push(`${table}: ${(error as Error).message}`);
    }
    tablesChecked += 1;
  }
  return { damage: damage.slice(0, damageMax), tablesChecked, tables: tables.length };
}
