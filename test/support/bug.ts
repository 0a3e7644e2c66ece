/** Daemons with a bug that ends them. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Bug = {
  /** A call's id, or the name of an event: it strikes when the daemon is about to do something about that. */
  readonly on: string;
  readonly how: "throw" | "segv";
};

export const bugFile = (home: string): string => join(home, "run", "test-bug.json");

/** Daemons that are started from now on have it in them. To be called before the system is started. */
export function withBug(): void {
  const preload = new URL("./bug-preload.ts", import.meta.url).href;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${preload}`.trim();
}

export const plantBug = (home: string, bug: Bug): void => writeFileSync(bugFile(home), JSON.stringify(bug));
export const removeBug = (home: string): void => rmSync(bugFile(home));
