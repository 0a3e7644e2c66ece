import { Backoff, pause } from "../backoff.ts";
import { type Log, reasonOf } from "../log.ts";
import { Outage } from "../outage.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { isAriError } from "./errors.ts";
import type { Operations } from "./operations.ts";
import { register, type Transport, unregister } from "./transport.ts";
import type { AriEvent } from "./types.ts";

/*
 * The connection to Asterisk over its many lives.
 *
 * down      no connection. -> settling (opened)
 * settling  the socket is open and events are kept, while is read what is alive. -> up (read), down (lost, or not read)
 * up        events are delivered as they come. -> down (lost)
 * stopped   for good.
 */

export type LinkOptions = ConnectionOptions & {
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
  /** After another client has taken our application over: two that fight for it would serve nobody. */
  readonly replacedPauseMs: number;
  readonly outageMs: number;
};

export type LinkHandlers = {
  /**
   * Reads what is alive. What it resolves to is called as soon as orders are carried out, to tell it. Rejects when it cannot
   * be read; the connection is then opened anew.
   */
  readonly onOpen: (operations: Operations, startedAt: string) => Promise<() => void>;
  readonly onEvent: (event: AriEvent) => void;
  /** A connection that was up is lost. */
  readonly onLost: () => void;
  /** It is away for longer than a moment (a line for the sysadmin), or is back (null). */
  readonly onTrouble: (message: string | null) => void;
};

/** So many events are kept while settling; more mean that something is badly wrong. */
const keptEventsMax = 100_000;

export class Link {
  readonly #options: LinkOptions;
  readonly #transport: Transport;
  readonly #handlers: LinkHandlers;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #outage: Outage;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #state: "down" | "settling" | "up" = "down";
  #connection: Connection | null = null;
  #replaced = false;
  #lastComplaint = "";

  constructor(options: LinkOptions, transport: Transport, handlers: LinkHandlers, log: Log) {
    this.#options = options;
    this.#transport = transport;
    this.#handlers = handlers;
    this.#log = log;
    this.#backoff = new Backoff(options.backoffFirstMs, options.backoffLongestMs);
    this.#outage = new Outage(options.outageMs, handlers.onTrouble, (since, why) => {
      const what = `Asterisk does not answer since ${since}: no new call can be taken, and nobody is rung`;
      return `${what}. Calls in it are looked after when it is back; it is tried all the time (${why}).`;
    });
  }

  start(): void {
    if (this.#running) return;
    register(this.#transport);
    this.#outage.starting();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#outage.stop();
    this.#connection?.close();
    await this.#running;
    unregister(this.#transport);
    this.#transport.close();
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  /** Of the last connection, once there was one. */
  version: string | null = null;

  get requestsWaiting(): number {
    return this.#transport.waiting;
  }

  /** Null while there is no connection. While settling, orders of the core are not yet carried out. */
  get operations(): Operations | null {
    return this.#state === "up" ? (this.#connection?.operations ?? null) : null;
  }

  /** Another client has taken our application over. */
  replaced(): void {
    this.#replaced = true;
    this.#log.error({ app: this.#options.app }, "another program has taken over our application in Asterisk");
    this.#connection?.cut("replaced by another client");
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#live();
      if (signal.aborted) return;
      const waitMs = this.#replaced ? this.#options.replacedPauseMs : this.#backoff.next();
      this.#replaced = false;
      await pause(waitMs, signal);
    }
  }

  /** One life, from opening to the end. */
  async #live(): Promise<void> {
    let kept: AriEvent[] | null = [];
    const onEvent = (event: AriEvent) => {
      if (kept === null) this.#handlers.onEvent(event);
      else if (kept.push(event) > keptEventsMax) this.#connection?.cut("too many events while settling");
    };
    try {
      const connection = await openConnection(this.#options, this.#transport, this.#log, onEvent);
      this.#connection = connection;
      this.version = connection.version;
      if (this.#stop.signal.aborted) connection.close();
      this.#state = "settling";
      const { operations, startedAt } = connection;
      const tell = await Promise.race([this.#handlers.onOpen(operations, startedAt), endedEarly(connection)]);
      this.#state = "up";
      this.#backoff.reset();
      this.#lastComplaint = "";
      this.#outage.up();
      const { version } = connection;
      this.#log.info({ version, startedAt, keptEvents: kept.length }, "connected to Asterisk");
      const missed = kept;
      kept = null;
      tell();
      for (const event of missed) this.#handlers.onEvent(event);
      const why = await connection.ended;
      if (!this.#stop.signal.aborted) {
        this.#log.warn({ why }, "the connection to Asterisk is lost");
        this.#outage.down(why);
      }
    } catch (error) {
      this.#connection?.cut("could not settle");
      this.#complain(error);
    } finally {
      const wasUp = this.#state === "up";
      this.#state = "down";
      this.#connection = null;
      // What is under way on others of its connections waits for an answer that may never come.
      this.#transport.cut();
      kept = [];
      if (wasUp && !this.#stop.signal.aborted) this.#handlers.onLost();
    }
  }

  /** Says once what is wrong, not with every attempt. */
  #complain(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const why = reasonOf(error);
    this.#outage.down(why);
    if (why === this.#lastComplaint) {
      this.#log.debug({ why }, "still not connected to Asterisk");
      return;
    }
    this.#lastComplaint = why;
    if (isAriError(error, "unauthorized")) this.#log.error({ why }, "Asterisk refuses our user or password");
    // It says so itself, and usually both were started in the same moment.
    else if (isAriError(error, "unavailable") && error.status !== null)
      this.#log.info({ why }, "Asterisk is starting");
    else this.#log.warn({ why }, "not connected to Asterisk, trying again");
  }
}

async function endedEarly(connection: Connection): Promise<never> {
  throw new Error(`the connection ended while it was set up: ${await connection.ended}`);
}
