/** The services of a home, each for itself. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { daemonPid } from "./inside.ts";
import type { System } from "./system.ts";

/** Stops one of them, as a sysadmin would, or starts it again. Resolves when it is so; then it may still be starting up. */
export async function supervise(
  system: System,
  order: "up" | "down",
  service: "asterisk" | "daemon" | "guard",
): Promise<void> {
  await promisify(execFile)("sv", ["-w", "20", order, join(system.home, "service", service)]);
}

/** Kills the daemon, and it is not started again before `supervise(system, "up", "daemon")`. */
export async function killForGood(system: System): Promise<void> {
  const service = join(system.home, "service/daemon");
  const pid = daemonPid(system);
  await promisify(execFile)("sv", ["once", service]);
  process.kill(pid, "SIGKILL");
  await promisify(execFile)("sv", ["-w", "20", "down", service]);
}
