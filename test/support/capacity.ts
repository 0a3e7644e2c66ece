import { readFileSync, writeFileSync } from "node:fs";
import { homePaths } from "../../src/config/paths.ts";
import { daemonPid } from "./inside.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

/** The system takes so many calls from now on (`calls` in config.yaml). Starts the daemon anew; what is left out stays as it is. */
export async function setCapacity(
  system: System,
  capacity: { readonly maxAtOnce?: number; readonly maxNewPerSecond: number },
): Promise<void> {
  const { configFile } = homePaths(system.home);
  let settings = readFileSync(configFile, "utf8");
  for (const [key, value] of Object.entries(capacity))
    settings = settings.replace(new RegExp(`${key}: \\d+`), `${key}: ${value}`);
  writeFileSync(configFile, settings);
  const pid = daemonPid(system);
  process.kill(pid, "SIGTERM");
  await poll("another daemon runs", 20_000, () => daemonPid(system) !== pid || undefined);
  await system.waitFor("it is connected", ({ pbx }) => pbx.connected, 20_000);
}
