import { Worker } from "node:worker_threads";
import { Refusal } from "../../http/service.ts";
import type { ParsedYaml } from "./yaml-parse.ts";

/** The biggest document that is taken needs a few seconds. */
const parseTimeoutMs = 20_000;
const memoryMaxMib = 512;

/**
 * Reads a document in a thread of its own: thousands of agents take a second, in which no call must wait, and a text that is
 * made to be endless takes no more than this time and memory. Throws a Refusal then.
 */
export async function parseAside(text: string): Promise<ParsedYaml> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const worker = new Worker(new URL(`./parse-thread${extension}`, import.meta.url), {
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMib },
  });
  const parsed = Promise.withResolvers<ParsedYaml>();
  const timeout = setTimeout(() => parsed.reject(tooBig(null)), parseTimeoutMs);
  worker.once("message", parsed.resolve);
  worker.once("error", (error: NodeJS.ErrnoException) =>
    parsed.reject(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooBig(error) : error),
  );
  worker.once("exit", () =>
    parsed.reject(new Error("The thread that reads a document ended without an answer")),
  );
  try {
    return await parsed.promise;
  } finally {
    clearTimeout(timeout);
    await worker.terminate();
  }
}

const tooBig = (cause: Error | null) =>
  new Refusal(
    400,
    "bad_document",
    "The document takes too much time or memory to be read. Nothing was changed. `hotline export` shows how one looks.",
    cause ? { cause } : {},
  );
