import { join } from "node:path";
import Database from "better-sqlite3";

/**
 * One daemon per home. The lock is one of SQLite's on a file of its own: the kernel drops it when its holder dies, however
 * that happens. Throws with one line when another daemon holds it.
 */
export function lockHome(runFolder: string, holder: () => string | null): { release(): void } {
  const file = join(runFolder, "daemon.lock");
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY") !== true) throw error;
    const pid = holder();
    const who = pid ? `pid ${pid}` : "another process";
    throw new Error(
      `A daemon runs for this home already (${who} holds ${file}). Stop it first: scripts/down`,
    );
  }
  return { release: () => database.close() };
}
