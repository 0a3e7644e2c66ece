/** Child processes that never outlive the test that started them. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Starts a program that the kernel kills when this process dies, however it dies. A test that ends well stops its programs
 * itself.
 */
export function spawnTied(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], options);
  // A program that does not exist shows as exit code 127 of setpriv; this is for setpriv itself.
  child.on("error", () => {});
  return child;
}

/** The exit code, or 128 + n after signal n as a shell has it; `null` when it still runs after the time. */
export async function exitOf(child: ChildProcess, withinMs: number): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const patience = AbortSignal.timeout(withinMs);
    try {
      await once(child, "exit", { signal: patience });
    } catch (error) {
      if (patience.aborted) return null;
      throw error;
    }
  }
  return child.exitCode ?? 128;
}

/** Asks it to end, and makes it end after two seconds. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill(signal);
  if ((await exitOf(child, 2_000)) !== null) return;
  child.kill("SIGKILL");
  await exitOf(child, 2_000);
}

/** Looks again and again, at short intervals, at something that gives no notice of its change. Bounded. */
export async function poll<T>(
  what: string,
  withinMs: number,
  look: () => Promise<T | undefined> | T | undefined,
  describe: () => string = () => "",
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}\n${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
