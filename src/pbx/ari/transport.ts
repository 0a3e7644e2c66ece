import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { AriError, errorFromAnswer, errorFromSocket, isAriError } from "./errors.ts";

/*
 * The HTTP below ari-client. Its own (swagger-client 2.0.26 with shred 0.8.10) never settles when a socket fails, has no
 * time limit, loses the HTTP status and uses Node's default agent, which cuts requests slower than 5 s. It has one seam,
 * SwaggerHttp.execute; requests to an origin registered here go through this transport instead. See
 * docs/decisions/0020-a-transport-below-ari-client.md.
 */

/** What swagger-client hands to its HTTP layer. */
type SwaggerRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly on: {
    readonly response: (response: { status: number; data: string; headers: object }) => void;
    /** Without a `data` property ari-client hands the error on as it is. */
    readonly error: (error: unknown) => void;
  };
};

export type TransportOptions = {
  /** For example http://127.0.0.1:8088. */
  readonly origin: string;
  readonly user: string;
  readonly password: string;
  /** From being asked until the answer, waiting for a free connection included. */
  readonly timeoutMs: number;
  /** Connections at once; Asterisk's http.conf has a `sessionlimit`, and closes the excess without an answer. */
  readonly connectionsMax: number;
  /** Requests that may wait for a connection; more are refused at once. */
  readonly waitingMax: number;
};

type Answer = { readonly status: number; readonly body: string; readonly headers: object };
type Task = () => Promise<void>;

/** Larger answers are not read; a list of 10,000 channels has 6 MB. */
const bodyBytesMax = 32 * 1024 * 1024;

export class Transport {
  readonly origin: string;
  readonly #options: TransportOptions;
  #agent: Agent;
  readonly #authorization: string;
  readonly #waiting: { readonly urgent: Task[]; readonly patient: Task[] } = { urgent: [], patient: [] };
  #running = 0;
  /** When anything was last answered, by performance.now(). */
  answeredAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.origin = new URL(options.origin).origin;
    this.#agent = this.#newAgent();
    const credentials = Buffer.from(`${options.user}:${options.password}`).toString("base64");
    this.#authorization = `Basic ${credentials}`;
  }

  /** A plain request beside ari-client. Rejects with AriError. */
  async get(path: string): Promise<unknown> {
    const { body } = await this.ask("GET", `${this.origin}${path}`, undefined);
    return parseJson(body);
  }

  /** Always settles: with an answer of status 2xx, or an AriError. */
  ask(method: string, url: string, body: string | undefined): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const cut = new AbortController();
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        finish();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const timer = setTimeout(() => {
        const error = new AriError("timed_out", `no answer within ${this.#options.timeoutMs} ms`);
        cut.abort(error);
        reject(error);
      }, this.#options.timeoutMs);
      const { waiting } = this;
      if (this.#running >= this.#options.connectionsMax && waiting >= this.#options.waitingMax) {
        fail(new AriError("overloaded", `${waiting} requests are waiting already`));
        return;
      }
      this.#whenFree(isPatient(method, url), () => {
        if (cut.signal.aborted) return Promise.resolve();
        return this.#send(method, url, body, cut.signal).then(
          (answer) => {
            this.#answered();
            settle(() => resolve(answer));
          },
          (error: unknown) => {
            if (error instanceof AriError && error.status !== null) this.#answered();
            fail(error);
          },
        );
      });
    });
  }

  /** Requests that wait for a free connection. */
  get waiting(): number {
    return this.#waiting.urgent.length + this.#waiting.patient.length;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Ends all connections at once; what waits for an answer fails as `broken`. Later requests open new ones. */
  cut(): void {
    this.#agent.destroy();
    this.#agent = this.#newAgent();
  }

  /** Asks for a sign of life ahead of all that waits. Resolves when there is any, or not in time. */
  async ping(timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    const url = `${this.origin}/ari/asterisk/ping`;
    // On a connection of its own: all others may be busy.
    const agent = new Agent();
    await sendOnce({ method: "GET", url, body: undefined, signal, agent, auth: this.#authorization }).then(
      () => this.#answered(),
      (error: unknown) => {
        if (error instanceof AriError && error.status !== null) this.#answered();
      },
    );
    agent.destroy();
  }

  #answered(): void {
    this.answeredAtMs = performance.now();
  }

  #newAgent(): Agent {
    // No timeout: Node's default agent has one of 5 s, and what it cuts would look like a broken connection.
    return new Agent({ keepAlive: true, maxSockets: this.#options.connectionsMax });
  }

  /** For swagger-client. */
  execute(request: SwaggerRequest): void {
    this.ask(request.method.toUpperCase(), request.url, request.body).then(
      ({ status, body, headers }) => {
        try {
          request.on.response({ status, data: body, headers });
        } catch (error) {
          tellError(request, new AriError("failed", "the answer cannot be read", status, error));
        }
      },
      (error: unknown) => tellError(request, error),
    );
  }

  #whenFree(patient: boolean, task: Task): void {
    if (this.#running < this.#options.connectionsMax) this.#run(task);
    else this.#waiting[patient ? "patient" : "urgent"].push(task);
  }

  #run(task: Task): void {
    this.#running += 1;
    task().finally(() => {
      this.#running -= 1;
      const next = this.#waiting.urgent.shift() ?? this.#waiting.patient.shift();
      if (next) this.#run(next);
    });
  }

  async #send(method: string, url: string, body: string | undefined, signal: AbortSignal): Promise<Answer> {
    const attempt = () =>
      sendOnce({ method, url, body, signal, agent: this.#agent, auth: this.#authorization });
    try {
      return await attempt();
    } catch (error) {
      // Asterisk closes idle connections after 15 s; a request that met the closing was not read. Ids are chosen by us,
      // so that even if it was read, the second one is recognised.
      if (error instanceof StaleConnection) return attempt();
      throw error;
    }
  }
}

/**
 * What callers hear while they wait can itself wait for the ringing of phones and the putting together of people: at a start it is
 * begun anew for all of them at once.
 */
const isPatient = (method: string, url: string): boolean =>
  method === "POST" && /\/(moh|play\/[^/?]+)(\?|$)/.test(url);

class StaleConnection extends AriError {}

type Sending = {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  readonly agent: Agent;
  readonly auth: string;
};

function sendOnce({ method, url, body, signal, agent, auth }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { Authorization: auth, Accept: "application/json" };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      headers["Content-Length"] = String(Buffer.byteLength(body));
    } else if (method !== "GET") {
      headers["Content-Length"] = "0";
    }
    const outgoing = httpRequest(url, { method, agent, headers, signal });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      if (isAriError(signal.reason)) reject(signal.reason);
      else if (outgoing.reusedSocket) reject(new StaleConnection("broken", error.message, null, error));
      else reject(errorFromSocket(error));
    });
    outgoing.on("response", (incoming) => {
      readBody(incoming).then((text) => {
        const status = incoming.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve({ status, body: text, headers: incoming.headers });
        else reject(errorFromAnswer(status, text));
      }, reject);
    });
    outgoing.end(body);
  });
}

function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) incoming.destroy(new Error(`more than ${bodyBytesMax} bytes`));
      else chunks.push(chunk);
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    incoming.on("error", (error) => reject(errorFromSocket(error)));
    incoming.on("close", () => reject(new AriError("broken", "the answer was cut short")));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AriError("failed", "the answer is not JSON", null, error);
  }
}

/** swagger-client throws a string from its error handler while it loads the API; nobody could catch it above us. */
function tellError(request: SwaggerRequest, error: unknown): void {
  try {
    request.on.error(error);
  } catch {
    // What it throws it has told its `failure` callback before.
  }
}

const transports = new Map<string, Transport>();

/** From now on, what ari-client sends to the transport's origin goes through it. */
export function register(transport: Transport): void {
  transports.set(transport.origin, transport);
}

export function unregister(transport: Transport): void {
  if (transports.get(transport.origin) === transport) transports.delete(transport.origin);
}

type SwaggerHttp = { prototype: { execute(request: SwaggerRequest): unknown } };

function divertSwaggerClient(): void {
  const ariClient = createRequire(import.meta.url).resolve("ari-client");
  // The very copy that ari-client uses.
  const swagger = createRequire(ariClient)("swagger-client") as { SwaggerHttp: SwaggerHttp };
  // It has put a function `log` among the globals, which writes to stdout and keeps everything for ever.
  (globalThis as { log?: unknown }).log = () => {};
  const { prototype } = swagger.SwaggerHttp;
  const original = prototype.execute;
  prototype.execute = function execute(request: SwaggerRequest) {
    const transport = transports.get(new URL(request.url).origin);
    if (transport) transport.execute(request);
    else original.call(this, request);
  };
}

divertSwaggerClient();
