import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What the server does with a request. `hang` never answers, `reset` cuts the connection. */
export type Behaviour =
  | "hang"
  | "reset"
  | { readonly status: number; readonly body?: unknown; readonly afterMs?: number; readonly text?: string };

type Asked = { readonly method: string; readonly path: string; readonly query: URLSearchParams };

/**
 * Plays Asterisk's ARI on loopback, as badly as a test wants: each request is answered by the first rule that fits, events
 * are sent by hand, pings can be left unanswered.
 */
export class FakeAri {
  readonly asked: Asked[] = [];
  readonly sockets: Socket[] = [];
  /** Connections that requests came on. */
  readonly connections = new Set<Socket>();
  answersPings = true;
  startedAt = "2026-11-23T09:00:00.123+0000";
  acceptsSockets = true;
  readonly #server: Server;
  readonly #rules: { method: string; path: RegExp; behaviour: Behaviour; times: number }[] = [];
  #onSocket: (() => void)[] = [];
  #onAsked: { match: (asked: Asked) => boolean; resolve: () => void }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket: Socket) => {
      this.connections.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.connections.delete(socket));
    });
    this.#server.on("upgrade", (request, socket) => this.#upgrade(request, socket as Socket));
  }

  static async start(port = 0): Promise<FakeAri> {
    const fake = new FakeAri();
    fake.#server.listen(port, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Later rules win. Without one, lists are empty and everything else is done (204). */
  on(method: string, path: RegExp, behaviour: Behaviour, times = Number.POSITIVE_INFINITY): this {
    this.#rules.unshift({ method, path, behaviour, times });
    return this;
  }

  /** From now on it does as usual. */
  forgetRules(): void {
    this.#rules.length = 0;
  }

  /** Resolves with the next event socket that is opened. */
  async nextSocket(): Promise<Socket> {
    await new Promise<void>((resolve) => this.#onSocket.push(resolve));
    return this.sockets.at(-1)!;
  }

  /** Resolves when such a request comes. */
  nextRequest(method: string, path: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const match = (asked: Asked) => asked.method === method && path.test(asked.path);
      this.#onAsked.push({ match, resolve });
    });
  }

  send(event: unknown): void {
    this.sendText(JSON.stringify(event));
  }

  sendText(text: string): void {
    this.sockets.at(-1)?.write(frame(0x1, Buffer.from(text)));
  }

  async stop(): Promise<void> {
    for (const socket of [...this.sockets, ...this.connections]) socket.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
    const asked = { method: request.method ?? "", path: pathname, query: searchParams };
    this.asked.push(asked);
    const rule = this.#rules.find(
      ({ method, path, times }) => times > 0 && method === asked.method && path.test(pathname),
    );
    if (rule) rule.times -= 1;
    this.#perform(rule?.behaviour ?? this.#usual(asked), request, response);
    for (const waiting of this.#onAsked.splice(0)) {
      if (waiting.match(asked)) waiting.resolve();
      else this.#onAsked.push(waiting);
    }
  }

  #perform(behaviour: Behaviour, request: IncomingMessage, response: ServerResponse): void {
    if (behaviour === "hang") return;
    if (behaviour === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    const finish = () => {
      response.writeHead(behaviour.status, { "Content-Type": "application/json" });
      response.end(
        behaviour.text ?? (behaviour.body === undefined ? undefined : JSON.stringify(behaviour.body)),
      );
    };
    if (behaviour.afterMs) setTimeout(finish, behaviour.afterMs);
    else finish();
  }

  #usual({ method, path }: Asked): Behaviour {
    if (path.startsWith("/ari/api-docs/")) return { status: 200, body: apiDocs(this.origin, path) };
    if (path === "/ari/asterisk/info") {
      const body = { system: { version: "22.10.1" }, status: { startup_time: this.startedAt } };
      return { status: 200, body };
    }
    if (method === "GET" && /^\/ari\/(channels|bridges|endpoints\/PJSIP)$/.test(path))
      return { status: 200, body: [] };
    return method === "GET" ? { status: 404, body: { message: "not found" } } : { status: 204 };
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    socket.on("error", () => {});
    if (!this.acceptsSockets) {
      socket.destroy();
      return;
    }
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (data: Buffer) => {
      const kind = (data[0] ?? 0) & 0x0f;
      // Pings of the client carry nothing: header, mask, no data.
      if (kind === 0x9 && this.answersPings) socket.write(frame(0xa, Buffer.alloc(0)));
      if (kind === 0x8) socket.end(frame(0x8, Buffer.from([0x03, 0xe8])));
    });
    this.sockets.push(socket);
    for (const waiting of this.#onSocket.splice(0)) waiting();
  }
}

function frame(kind: number, data: Buffer): Buffer {
  const head =
    data.length < 126
      ? Buffer.from([0x80 | kind, data.length])
      : Buffer.from([0x80 | kind, 126, data.length >> 8, data.length & 0xff]);
  return Buffer.concat([head, data]);
}

type Operation = [method: string, path: string, nickname: string, parameters: [string, string][]];

const operations: Record<string, Operation[]> = {
  channels: [
    ["GET", "/channels", "list", []],
    ["GET", "/channels/{channelId}", "get", [["channelId", "path"]]],
    [
      "POST",
      "/channels/{channelId}",
      "originateWithId",
      [
        ["channelId", "path"],
        ["endpoint", "query"],
        ["app", "query"],
        ["context", "query"],
        ["extension", "query"],
        ["priority", "query"],
        ["originator", "query"],
        ["callerId", "query"],
        ["timeout", "query"],
      ],
    ],
    [
      "DELETE",
      "/channels/{channelId}",
      "hangup",
      [
        ["channelId", "path"],
        ["reason_code", "query"],
      ],
    ],
    ["POST", "/channels/{channelId}/answer", "answer", [["channelId", "path"]]],
    ["POST", "/channels/{channelId}/moh", "startMoh", [["channelId", "path"]]],
  ],
  bridges: [["GET", "/bridges", "list", []]],
  playbacks: [["DELETE", "/playbacks/{playbackId}", "stop", [["playbackId", "path"]]]],
  applications: [
    [
      "POST",
      "/applications/{applicationName}/subscription",
      "subscribe",
      [
        ["applicationName", "path"],
        ["eventSource", "query"],
      ],
    ],
    [
      "PUT",
      "/applications/{applicationName}/eventFilter",
      "filter",
      [
        ["applicationName", "path"],
        ["filter", "body"],
      ],
    ],
  ],
  endpoints: [["GET", "/endpoints/{tech}", "listByTech", [["tech", "path"]]]],
  asterisk: [
    ["PUT", "/asterisk/modules/{moduleName}", "reloadModule", [["moduleName", "path"]]],
    [
      "POST",
      "/asterisk/variable",
      "setGlobalVar",
      [
        ["variable", "query"],
        ["value", "query"],
      ],
    ],
    ["GET", "/asterisk/modules", "listModules", []],
  ],
  events: [],
};

/** Just enough of Asterisk's description of its API for ari-client. */
function apiDocs(origin: string, path: string): unknown {
  const basePath = `${origin}/ari`;
  const head = { apiVersion: "1.0.0", swaggerVersion: "1.1", basePath };
  const name = path.replace(/^\/ari\/api-docs\//, "").replace(/\.json$/, "");
  if (name === "resources") {
    const apis = Object.keys(operations).map((one) => ({
      path: `/api-docs/${one}.{format}`,
      description: one,
    }));
    return { ...head, apis };
  }
  const apis = (operations[name] ?? []).map(([httpMethod, where, nickname, parameters]) => ({
    path: where,
    operations: [
      {
        httpMethod,
        nickname,
        responseClass: httpMethod === "GET" ? "object" : "void",
        parameters: parameters.map(([parameter, paramType]) => ({
          name: parameter,
          paramType,
          dataType: paramType === "body" ? "object" : "string",
        })),
      },
    ],
  }));
  const models =
    name === "events"
      ? Object.fromEntries(["StasisStart", "ChannelDestroyed"].map((id) => [id, { id, properties: {} }]))
      : {};
  return { ...head, resourcePath: `/api-docs/${name}.{format}`, apis, models };
}
