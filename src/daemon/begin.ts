import { homePaths } from "../config/paths.ts";
import { endThreads, startThreads } from "../store/threads.ts";

/**
 * Runs the daemon of a home, see serve.ts. People may be waiting for it: what the store's threads load is loaded while this
 * thread loads the daemon, most of the program.
 */
export async function begin(home: string): Promise<number> {
  const threads = startThreads(homePaths(home).database);
  try {
    const { serve } = await import("./serve.ts");
    return await serve(home, threads);
  } finally {
    await endThreads(threads);
  }
}
