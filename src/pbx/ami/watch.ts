import { Backoff, pause } from "../backoff.ts";
import { type Log, reasonOf } from "../log.ts";
import { Outage } from "../outage.ts";
import { AmiConnection, AmiError, type AmiEvent, type AmiOptions } from "./connection.ts";
import { SecurityLog } from "./security.ts";

export type AmiWatchOptions = AmiOptions & {
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
  /** A half-open connection is noticed by an action that is not answered. */
  readonly pingEveryMs: number;
  readonly outageMs: number;
};

/** A contact as AMI lists it: where a phone has registered from. */
export type Contact = {
  readonly id: string;
  readonly endpoint: string;
  /** NonQualified: not asked for a sign of life yet. Then Reachable or Unreachable. */
  readonly status: string;
};

/** Asterisk calls an empty list an error. */
function emptyIfNone(error: unknown): AmiEvent[] {
  if (error instanceof AmiError && error.message.endsWith("No Contacts found")) return [];
  throw error;
}

/**
 * What ARI cannot tell: failed logins and other security events, the state of registrations at providers, which contacts
 * are stored. Calls do not depend on it. Connects again for ever.
 */
export class AmiWatch {
  readonly #options: AmiWatchOptions;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #security: SecurityLog;
  readonly #outage: Outage;
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;
  #connection: AmiConnection | null = null;
  #waiting: (() => void)[] = [];
  #lastComplaint = "";

  /** `onTrouble`: it is away for longer than a moment (a line for the sysadmin), or is back (null). */
  constructor(options: AmiWatchOptions, log: Log, onTrouble: (message: string | null) => void) {
    this.#options = options;
    this.#log = log;
    this.#backoff = new Backoff(options.backoffFirstMs, options.backoffLongestMs);
    this.#security = new SecurityLog(log);
    this.#outage = new Outage(options.outageMs, onTrouble, (since, why) => {
      const missing = "failed logins and registrations at providers are not seen, phones cannot be removed";
      return `Asterisk's manager interface (AMI) does not answer since ${since}: calls go on, but ${missing} (${why}).`;
    });
  }

  start(): void {
    if (this.#running) return;
    this.#outage.starting();
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#outage.stop();
    this.#connection?.cut("stopped");
    await this.#running;
  }

  get isUp(): boolean {
    return this.#connection !== null;
  }

  /** Everything that has registered. Rejects with AmiError. */
  async contacts(): Promise<Contact[]> {
    if (!this.#connection) throw new AmiError("not connected to AMI");
    const events = await this.#connection.list({ action: "PJSIPShowContacts" }).catch(emptyIfNone);
    // An endpoint that is gone from the configuration is not named; the contact's id begins with the name.
    return events
      .map((event) => ({ id: String(event.objectname ?? ""), status: String(event.status ?? "") }))
      .filter(({ id }) => id.includes(";@"))
      .map(({ id, status }) => ({ id, status, endpoint: id.slice(0, id.indexOf(";@")) }));
  }

  /**
   * The phones that are registered and were not asked yet. After its start Asterisk takes up to `qualify_frequency` to ask
   * them all, and until then calls them offline. Empty when AMI does not connect or answer in time, three times `timeoutMs` at most:
   * callers wait for this.
   */
  async unproven(timeoutMs: number): Promise<string[]> {
    const connected = await Promise.race([this.#whenUp(), pause(timeoutMs, this.#stop.signal)]);
    if (!connected) {
      this.#waiting = [];
      return [];
    }
    try {
      const late = pause(2 * timeoutMs, this.#stop.signal).then(() => {
        throw new AmiError(`no answer within ${2 * timeoutMs} ms`);
      });
      const contacts = await Promise.race([this.contacts(), late]);
      return contacts.filter(({ status }) => status === "NonQualified").map(({ endpoint }) => endpoint);
    } catch (error) {
      this.#log.warn({ why: reasonOf(error) }, "AMI does not list the phones");
      return [];
    }
  }

  /** Has Asterisk ask these phones now; what they say comes as events over ARI. */
  async qualify(endpoints: readonly string[]): Promise<void> {
    for (const endpoint of endpoints) {
      try {
        await this.#connection?.action({ action: "PJSIPQualify", endpoint });
      } catch (error) {
        this.#log.debug({ endpoint, why: reasonOf(error) }, "a phone was not asked for a sign of life");
      }
    }
  }

  #whenUp(): Promise<true> {
    if (this.#connection) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiting.push(() => resolve(true)));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const connection = await AmiConnection.open(this.#options, (event) => this.#seen(event));
        if (signal.aborted) return connection.cut("stopped");
        this.#connection = connection;
        for (const waiting of this.#waiting.splice(0)) waiting();
        this.#backoff.reset();
        this.#outage.up();
        // Who was told that it is away is told that it is back.
        this.#log[this.#lastComplaint === "" ? "debug" : "info"]({}, "connected to AMI");
        this.#lastComplaint = "";
        await this.#keepAlive(connection);
      } catch (error) {
        this.#complain(reasonOf(error));
      }
      this.#connection = null;
      if (!signal.aborted) await pause(this.#backoff.next(), signal);
    }
  }

  /** Resolves when the connection is over. */
  async #keepAlive(connection: AmiConnection): Promise<void> {
    const over = new AbortController();
    const ended = connection.ended.then((why) => {
      over.abort();
      if (!this.#stop.signal.aborted) this.#complain(why);
    });
    while (!over.signal.aborted) {
      await pause(this.#options.pingEveryMs, over.signal);
      if (over.signal.aborted) break;
      await connection.action({ action: "Ping" }).catch((error: unknown) => connection.cut(reasonOf(error)));
    }
    await ended;
  }

  #seen(event: AmiEvent): void {
    if (this.#security.take(event)) return;
    switch (event.event) {
      case "FullyBooted":
        this.#log.info({ uptime: event.uptime }, "Asterisk is fully booted");
        return;
      case "Registry": {
        const { username, domain, status } = event;
        const isFine = status === "Registered";
        this.#log[isFine ? "info" : "warn"]({ username, domain, status }, "registration at a provider");
        return;
      }
      case "Shutdown":
        this.#log.warn({ restart: event.restart }, "Asterisk shuts down");
        return;
      default:
    }
  }

  #complain(why: string): void {
    if (!this.#stop.signal.aborted) this.#outage.down(why);
    if (why === this.#lastComplaint) this.#log.debug({ why }, "still not connected to AMI");
    else this.#log.warn({ why }, "not connected to AMI, trying again");
    this.#lastComplaint = why;
  }
}
