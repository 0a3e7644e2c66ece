/** The two services of a home, each for itself. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { System } from "./system.ts";

/** Stops one of them, as a sysadmin would, or starts it again. Resolves when it is so; then it may still be starting up. */
export async function supervise(
  system: System,
  order: "up" | "down",
  service: "asterisk" | "daemon",
): Promise<void> {
  await promisify(execFile)("sv", ["-w", "20", order, join(system.home, "service", service)]);
}
