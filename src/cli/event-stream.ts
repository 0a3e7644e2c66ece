import type { IncomingMessage } from "node:http";
import { type LiveEvent, liveEventSchema } from "../api/live.ts";
import { errorSchema } from "../api/schemas.ts";
import { homePaths } from "../config/paths.ts";
import { type CliError, failure } from "./errors.ts";
import { explain } from "./transport.ts";

const { request } = process.getBuiltinModule("node:http");

/** The daemon says something every 15 seconds; after this it is gone, whatever the connection looks like. */
const silenceMaxMs = 40_000;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

export type Listener = {
  event(event: LiveEvent): void;
  /** The connection is lost; it is tried again until it stands. Called once for each loss. */
  away(): void;
};

/**
 * Reads the events of this home's daemon until `signal` is aborted, and connects again when it is away; each connection
 * begins with a snapshot. Rejects with a CliError when the first connection cannot be made, when the daemon refuses, and
 * when what it says is not to be understood; and with what the listener throws.
 */
export async function followEvents(home: string, listener: Listener, signal: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  let everConnected = false;
  while (!signal.aborted) {
    let connected = false;
    const trouble = await readEvents(home, signal, (event) => {
      if (signal.aborted) return;
      connected = true;
      everConnected = true;
      listener.event(event);
    });
    if (signal.aborted) return;
    if (trouble && (!everConnected || trouble.fatal)) throw trouble.error;
    if (connected) {
      pauseMs = firstPauseMs;
      listener.away();
    }
    await pause(pauseMs, signal);
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
  }
}

type Trouble = { readonly error: CliError; readonly fatal: boolean };

/** One connection. Resolves when it has ended, with what has ended it; null: the daemon has ended it. */
function readEvents(
  home: string,
  signal: AbortSignal,
  tell: (event: LiveEvent) => void,
): Promise<Trouble | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Trouble | null>();
  const outgoing = request({
    socketPath: homePaths(home).adminSocket,
    path: "/events",
    headers: { accept: "text/event-stream" },
    agent: false,
    signal,
  });
  const fail = (error: NodeJS.ErrnoException) => {
    const mayNot = error.code === "EACCES" || error.code === "EPERM";
    resolve({ error: explain(error, home, { timeLimitMs: silenceMaxMs }), fatal: mayNot });
  };
  const misunderstood = (why: string) => {
    const error = failure(
      `the daemon's events do not fit this program (${why}); was the program updated without a restart of the daemon?`,
    );
    resolve({ error, fatal: true });
    outgoing.destroy();
  };
  outgoing.setTimeout(silenceMaxMs, () => outgoing.destroy(timeout()));
  outgoing.once("error", fail);
  outgoing.once("response", (incoming: IncomingMessage) => {
    incoming.setEncoding("utf8");
    incoming.once("error", fail);
    if (incoming.statusCode !== 200) {
      let body = "";
      incoming.on("data", (text: string) => {
        body += text;
      });
      incoming.once("end", () => {
        const refused = errorSchema.safeParse(jsonOf(body));
        if (refused.success) resolve({ error: failure(refused.data.error.message), fatal: true });
        else misunderstood(`status ${incoming.statusCode}`);
      });
      return;
    }
    const split = eventSplitter();
    incoming.on("data", (text: string) => {
      for (const data of split(text)) {
        const parsed = liveEventSchema.safeParse(jsonOf(data));
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          misunderstood(`${issue?.path.join(".")}: ${issue?.message}`);
          return;
        }
        try {
          tell(parsed.data);
        } catch (error) {
          reject(error);
          outgoing.destroy();
          return;
        }
      }
    });
    incoming.once("close", () => resolve(null));
  });
  outgoing.end();
  return promise;
}

const timeout = () => Object.assign(new Error("nothing was heard of the daemon"), { code: "ETIMEDOUT" });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Takes the stream in pieces as they come and returns the data of each event that is complete. */
export function eventSplitter(): (piece: string) => string[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks
      .map((block) =>
        block
          .split("\n")
          .filter((line) => line.startsWith("data:"))
          .map((line) => line.slice("data:".length).trimStart())
          .join("\n"),
      )
      .filter((data) => data !== "");
  };
}

/** Ends early with the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
}
