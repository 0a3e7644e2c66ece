import type { Client } from "ari-client";
import { type Log, reasonOf } from "../log.ts";
import { ariClient } from "./ari-client.ts";
import { AriError } from "./errors.ts";
import { type Operations, operationsOf } from "./operations.ts";
import type { Transport } from "./transport.ts";
import type { AriEvent } from "./types.ts";

/*
 * One life of the connection to Asterisk. It ends once and is not repaired: a new one is opened (link.ts).
 */

/** The part of ws that is used below ari-client. */
export type EventSocket = {
  listeners(event: string): ((...args: unknown[]) => void)[];
  removeAllListeners(event: string): void;
  on(event: string, listener: (...args: never[]) => void): void;
  prependListener(event: string, listener: (...args: never[]) => void): void;
  close(): void;
  terminate(): void;
};

export type ConnectionOptions = {
  readonly user: string;
  readonly password: string;
  readonly app: string;
  readonly requestTimeoutMs: number;
  /** Loading the API and opening the socket, each. */
  readonly connectTimeoutMs: number;
  /** A ping so often; a pong that has not come by the next one ends the connection. */
  readonly pingEveryMs: number;
  /** Nothing was answered to any request for so long, a sign of life asked for included: ends it too. */
  readonly silenceMs: number;
};

export type Connection = {
  readonly operations: Operations;
  readonly version: string;
  /** When this Asterisk was started, by its own words: another connection that says the same is to the same Asterisk. */
  readonly startedAt: string;
  /** Resolves with the reason when it is over. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it at once. */
  cut(why: string): void;
  /** Ends it politely: Asterisk warns in its log of sockets that just vanish. */
  close(): void;
};

/** How long to wait for Asterisk's part of a polite goodbye. */
const politenessMs = 500;

/**
 * Opens a connection: asks whether Asterisk is there, lets ari-client load the API, opens the event socket. `onEvent` must
 * only enqueue; it may be called before this resolves. Rejects with AriError, `unavailable` while Asterisk boots.
 */
export async function openConnection(
  options: ConnectionOptions,
  transport: Transport,
  log: Log,
  onEvent: (event: AriEvent) => void,
): Promise<Connection> {
  const { version, startedAt } = await probe(transport);
  const { connectTimeoutMs } = options;
  const connecting = ariClient.connect(transport.origin, options.user, options.password);
  const client = await inTime(Promise.resolve(connecting), connectTimeoutMs, "loading Asterisk's API");
  const socket = await openSocket(client, options, transport, log, onEvent);
  let isOver = false;
  socket.ended.then(() => {
    isOver = true;
  });
  const operations = operationsOf(client, options.app, options.requestTimeoutMs, log, () => isOver);
  return { operations, version, startedAt, ended: socket.ended, cut: socket.cut, close: socket.close };
}

/** Asterisk answers 404 while ARI is not loaded yet and 503 while it boots. */
async function probe(transport: Transport): Promise<Pick<Connection, "version" | "startedAt">> {
  try {
    const info = (await transport.get("/ari/asterisk/info")) as {
      system?: { version?: string };
      status?: { startup_time?: string };
    };
    const version = info.system?.version ?? "unknown";
    return { version, startedAt: info.status?.startup_time ?? "unknown" };
  } catch (error) {
    if (error instanceof AriError && error.status === 404)
      throw new AriError("unavailable", "ARI is not loaded yet", 404, error);
    throw error;
  }
}

async function openSocket(
  client: Client,
  options: ConnectionOptions,
  transport: Transport,
  log: Log,
  onEvent: (event: AriEvent) => void,
): Promise<Pick<Connection, "ended" | "cut" | "close">> {
  const deliver = (event: unknown) => {
    try {
      if (typeof event === "object" && event !== null && "type" in event) onEvent(event as AriEvent);
    } catch (error) {
      log.error({ why: reasonOf(error) }, "an event from Asterisk could not be taken in");
    }
  };
  client.on("*", deliver);
  const opened = Promise.resolve(client.start(options.app));
  opened.catch(() => {});
  const socket = client._ws;
  let cutBecause: string | null = null;
  const ended = new Promise<string>((resolve) => {
    // Set before ari-client's own listeners run, which would reconnect: ten times, and unseen by us.
    const end = (why: string) => {
      client._wsClosed = true;
      resolve(cutBecause ?? why);
    };
    socket.prependListener("error", (error: Error) => end(reasonOf(error)));
    socket.prependListener("close", (code: number) => end(`the event socket was closed (${code})`));
  });
  guardMessages(socket, deliver, log);
  const cut = (why: string) => {
    cutBecause ??= why;
    socket.terminate();
  };
  const early = ended.then((why) => {
    throw new AriError("unavailable", why);
  });
  early.catch(() => {});
  try {
    await inTime(Promise.race([opened, early]), options.connectTimeoutMs, "opening the event socket");
  } catch (error) {
    cut("it could not be opened");
    throw error;
  }
  const heartbeat = watch(client, transport, options, cut);
  ended.then(() => {
    clearInterval(heartbeat);
    client.removeAllListeners();
  });
  return {
    ended,
    cut,
    close: () => {
      const timer = setTimeout(() => cut("closed"), politenessMs);
      ended.then(() => clearTimeout(timer));
      socket.close();
    },
  };
}

/** An event that ari-client does not know throws inside the socket, which is deaf from then on. */
function guardMessages(socket: EventSocket, deliver: (event: unknown) => void, log: Log): void {
  const listeners = socket.listeners("message");
  socket.removeAllListeners("message");
  const warned = new Set<string>();
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    try {
      for (const listener of listeners) listener.call(socket, data, isBinary);
    } catch (error) {
      const event = parsed(data);
      const type = String(event?.type ?? "not JSON").slice(0, 60);
      if (!warned.has(type) && warned.size < 100) {
        warned.add(type);
        log.warn({ type, why: reasonOf(error) }, "ari-client cannot handle this event");
      }
      if (event) deliver(event);
    }
  });
}

function parsed(data: Buffer): Record<string, unknown> | null {
  try {
    const event: unknown = JSON.parse(data.toString("utf8"));
    return typeof event === "object" && event !== null ? (event as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * A half-open connection and a frozen Asterisk are noticed by nothing else. The event socket may live while nothing is answered
 * to requests: Asterisk serves each connection by a thread of its own.
 */
function watch(
  client: Client,
  transport: Transport,
  { pingEveryMs, silenceMs }: ConnectionOptions,
  cut: (why: string) => void,
): NodeJS.Timeout {
  let answered = true;
  let lookedAtMs = performance.now();
  let asking = false;
  client.on("pong", () => {
    answered = true;
  });
  const ask = async () => {
    asking = true;
    const askedAtMs = performance.now();
    await transport.ping(silenceMs);
    asking = false;
    const nowMs = performance.now();
    // Answered to nobody since. Were it we who stood still meanwhile, the next one will tell.
    const onTime = nowMs - askedAtMs < silenceMs + pingEveryMs;
    if (transport.answeredAtMs < askedAtMs && onTime && nowMs - askedAtMs >= silenceMs)
      cut(`nothing was answered to any request for ${silenceMs / 1000} s`);
  };
  return setInterval(() => {
    const nowMs = performance.now();
    // We stood still ourselves: an answer may lie there and not be read yet.
    const onTime = nowMs - lookedAtMs < 2 * pingEveryMs;
    lookedAtMs = nowMs;
    if (!answered && onTime) return cut(`no sign of life for ${pingEveryMs / 1000} s`);
    answered = false;
    client.ping();
    if (!asking) void ask();
  }, pingEveryMs);
}

function inTime<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new AriError("timed_out", `${what} took more than ${timeoutMs} ms`)),
      timeoutMs,
    );
    promise
      .then(resolve, (error: unknown) => {
        reject(
          error instanceof AriError ? error : new AriError("unavailable", `${what}: ${reasonOf(error)}`),
        );
      })
      .finally(() => clearTimeout(timer));
  });
}
