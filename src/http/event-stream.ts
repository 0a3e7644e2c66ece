import type { ServerResponse } from "node:http";
import type { LiveFeed } from "./service.ts";

/** Server-Sent Events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has them. */

export type StreamLimits = {
  /** So that both sides find out about a dead connection. */
  readonly heartbeatMs: number;
  /** A reader that has more than this still to read is told no more until it has caught up. */
  readonly unreadMaxBytes: number;
  /** Who has not caught up by then is gone. */
  readonly catchUpMs: number;
};

export const streamLimits: StreamLimits = {
  heartbeatMs: 15_000,
  unreadMaxBytes: 256 * 1024,
  catchUpMs: 60_000,
};

/** Browsers connect again after this, of themselves. */
const retryMs = 1_000;

/**
 * Sends a snapshot and every change after it until the reader is gone. A reader that is too slow costs nothing but its
 * unread bytes: it misses changes, and has a new snapshot when it has read what was sent. Returns what ends the stream.
 */
export function sendEvents(
  response: ServerResponse,
  feed: LiveFeed,
  limits: StreamLimits = streamLimits,
): () => void {
  let sent = 0;
  let behind: NodeJS.Timeout | null = null;
  const write = (type: "snapshot" | "changed", json: string) => {
    sent += 1;
    response.write(`event: ${type}\nid: ${sent}\ndata: ${json}\n\n`);
  };
  const caughtUp = () => {
    if (!behind) return;
    const json = feed.snapshot();
    clearTimeout(behind);
    behind = null;
    write("snapshot", json);
  };
  const changed = (json: string) => {
    if (behind) return;
    if (response.writableLength <= limits.unreadMaxBytes) write("changed", json);
    else behind = setTimeout(() => response.destroy(), limits.catchUpMs);
  };
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    connection: "close",
    "x-accel-buffering": "no",
  });
  response.write(`retry: ${retryMs}\n\n`);
  response.on("drain", caughtUp);
  // Its end is told by `close`.
  response.on("error", () => undefined);
  const unsubscribe = feed.subscribe(changed);
  write("snapshot", feed.snapshot());
  const heartbeat = setInterval(() => {
    if (!behind) response.write(":\n\n");
  }, limits.heartbeatMs);
  response.once("close", () => {
    unsubscribe();
    clearInterval(heartbeat);
    if (behind) clearTimeout(behind);
  });
  return () => {
    // Whoever has not read everything is not waited for.
    if (response.writableLength > 0) response.destroy();
    else response.end();
  };
}
