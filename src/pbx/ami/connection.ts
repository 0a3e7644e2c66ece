import createManager, { type Manager } from "asterisk-manager";
import { reasonOf } from "../log.ts";

/*
 * One life of a connection to AMI over asterisk-manager 0.2.0. It is never repaired: a parser that was cut off in the middle
 * of a line stays stuck, and actions sent during an outage are kept and never called back. A new one is opened instead.
 */

/** Values are strings, several of the same name are a list. Keys are in lower case. */
export type AmiEvent = Readonly<Record<string, string | readonly string[]>>;

export type AmiOptions = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Each action, logging in included. */
  readonly actionTimeoutMs: number;
  /** Classes of events, for example `system,security`. */
  readonly eventMask: string;
};

export class AmiError extends Error {
  override readonly name = "AmiError";
}

/** Lists longer than this are not what we asked for. */
const listMax = 20_000;

export class AmiConnection {
  readonly #manager: Manager;
  readonly #options: AmiOptions;
  readonly #lists = new Map<string, (event: AmiEvent) => void>();
  /** Resolves with the reason when it is over. Never rejects. */
  readonly ended: Promise<string>;
  readonly #pending = new Set<(why: string) => void>();
  #end!: (why: string) => void;
  #actions = 0;

  private constructor(options: AmiOptions, onEvent: (event: AmiEvent) => void) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = (why) => {
        resolve(why);
        for (const giveUp of [...this.#pending]) giveUp(why);
      };
    });
    const { host, user, password } = options;
    this.#manager = createManager(null, host, checked(user), checked(password), false);
    this.#manager.on("error", (error: unknown) => this.#end(reasonOf(error)));
    this.#manager.on("close", () => this.#end("AMI closed the connection"));
    this.#manager.on("managerevent", (event: AmiEvent) => {
      try {
        const list = this.#lists.get(String(event.actionid));
        if (list) list(event);
        else onEvent(event);
      } catch {
        // A listener that throws would leave the socket deaf. Both only enqueue.
      }
    });
  }

  /** Connects, logs in and asks for events. Rejects with AmiError. */
  static async open(options: AmiOptions, onEvent: (event: AmiEvent) => void): Promise<AmiConnection> {
    const connection = new AmiConnection(options, onEvent);
    try {
      await connection.#logIn();
      // Logging in does not set the event mask with this library.
      await connection.action({ action: "Events", eventmask: options.eventMask });
      return connection;
    } catch (error) {
      connection.cut("could not log in");
      throw error;
    }
  }

  /** Resolves with the response. Rejects with AmiError when it says Error, comes too late, or the connection is lost. */
  action(fields: Readonly<Record<string, string>>): Promise<AmiEvent> {
    const { action } = fields;
    return this.#inTime(`AMI action ${action}`, (resolve, reject) => {
      for (const value of Object.values(fields)) checked(value);
      if (!this.#manager.isConnected()) throw new AmiError("not connected to AMI");
      this.#manager.action({ ...fields, actionid: fields.actionid ?? this.#nextId() }, (error, response) => {
        if (error) reject(new AmiError(`${action}: ${messageOf(error)}`));
        else resolve(response as AmiEvent);
      });
    });
  }

  /** For actions that answer with a list of events: collects them until the one that says Complete. */
  async list(fields: Readonly<Record<string, string>>): Promise<AmiEvent[]> {
    const actionid = this.#nextId();
    const items: AmiEvent[] = [];
    try {
      const complete = this.#inTime<void>(`AMI list ${fields.action}`, (resolve, reject) => {
        this.#lists.set(actionid, (event) => {
          if (event.eventlist === "Complete") resolve();
          else if (items.push(event) > listMax) reject(new AmiError("the list is too long"));
        });
      });
      await Promise.all([complete, this.action({ ...fields, actionid })]);
      return items;
    } finally {
      this.#lists.delete(actionid);
    }
  }

  cut(why: string): void {
    this.#end(why);
    this.#manager.disconnect();
  }

  #logIn(): Promise<void> {
    return this.#inTime("logging in to AMI", (resolve, reject) => {
      this.#manager.connect(this.#options.port, this.#options.host, () => {
        this.#manager.login((error) => {
          if (error) reject(new AmiError(`AMI refuses to let us in: ${messageOf(error)}`));
          else resolve();
        });
      });
    });
  }

  #nextId(): string {
    this.#actions += 1;
    return `hotline-${this.#actions}`;
  }

  #inTime<T>(
    what: string,
    begin: (resolve: (value: T) => void, reject: (error: AmiError) => void) => void,
  ): Promise<T> {
    const { actionTimeoutMs } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const settled = () => {
        clearTimeout(timer);
        this.#pending.delete(giveUp);
      };
      const fail = (error: unknown) => {
        settled();
        reject(error);
      };
      const giveUp = (why: string) => fail(new AmiError(`${what}: ${why}`));
      const timer = setTimeout(() => giveUp(`no answer within ${actionTimeoutMs} ms`), actionTimeoutMs);
      this.#pending.add(giveUp);
      const succeed = (value: T) => {
        settled();
        resolve(value);
      };
      try {
        begin(succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }
}

/** A line break in a value would begin a header, or an action, of its own. */
function checked(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new AmiError("a value for AMI must not contain line breaks");
  return value;
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
