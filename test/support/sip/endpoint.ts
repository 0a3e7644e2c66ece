/**
 * One UDP socket that speaks SIP: sends requests again until they are answered, answers repeated requests with the
 * same response, sends final answers to INVITE again until the ACK comes. What the messages mean is the business of
 * phone.ts and call.ts.
 */
import { randomBytes } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import {
  cseqOf,
  formatMessage,
  Headers,
  paramOf,
  parseMessage,
  reasonPhrase,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  summary,
} from "./message.ts";

/** RFC 3261: first repetition after T1, doubling up to T2, given up after 64 T1. */
const t1Ms = 500;
const t2Ms = 4_000;
const giveUpMs = 64 * t1Ms;
const keptMessages = 10_000;

export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface TraceEntry {
  /** `Date.now()`. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly peer: Peer;
  readonly message: SipMessage;
}

export interface ReplyOptions {
  readonly toTag?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

/** A request that came in, with the means to answer it. May be called several times with 1xx, once with a final status. */
export interface IncomingRequest {
  readonly request: SipRequest;
  readonly from: Peer;
  reply(status: number, options?: ReplyOptions): void;
}

interface ClientTransaction {
  readonly request: SipRequest;
  readonly peer: Peer;
  readonly onResponse: (response: SipResponse) => void;
  stopRepeating: () => void;
  ended: boolean;
}

interface ServerTransaction {
  readonly callId: string;
  readonly cseq: number;
  readonly method: string;
  last: SipResponse | null;
  stopRepeating: () => void;
}

export class SipEndpoint {
  readonly address: string;
  readonly port: number;
  /** The messages in both directions, oldest first; of very many only the last ones. */
  readonly trace: TraceEntry[] = [];
  onRequest: (incoming: IncomingRequest) => void = (incoming) => incoming.reply(405);
  onAck: (ack: SipRequest) => void = () => {};
  /** While set, what arrives is recorded but neither answered nor understood: a phone without a network. */
  deaf = false;

  readonly #socket: Socket;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;
  #leaving = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.address = socket.address().address;
    this.port = socket.address().port;
    socket.on("message", (datagram, from) => this.#receive(datagram, from));
    // The other side's port being closed is the other side's business; repetitions and time-outs deal with it.
    socket.on("error", () => {});
  }

  static async open(address: string, port: number): Promise<SipEndpoint> {
    const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
    socket.bind(port, address);
    await once(socket, "listening");
    return new SipEndpoint(socket);
  }

  /**
   * Sends a request (without Via, that is added here) and hands over each response. No answer in 32 s gives a 408.
   * Returns the branch, which CANCEL needs.
   */
  request(
    request: SipRequest,
    peer: Peer,
    onResponse: (response: SipResponse) => void,
    branch = newBranch(),
  ): string {
    const sent = { ...request, headers: this.#withVia(request.headers, branch) };
    const transaction: ClientTransaction = {
      request: sent,
      peer,
      onResponse,
      stopRepeating: () => {},
      ended: false,
    };
    this.#clients.set(`${branch} ${request.method}`, transaction);
    this.#send(sent, peer);
    const stopGivingUp = this.#later(giveUpMs, () => {
      transaction.stopRepeating();
      transaction.ended = true;
      this.#clients.delete(`${branch} ${request.method}`);
      onResponse(timeoutResponse(sent));
    });
    const stop = this.#repeat(() => this.#send(sent, peer), request.method === "INVITE" ? giveUpMs : t2Ms);
    transaction.stopRepeating = () => {
      stop();
      stopGivingUp();
    };
    return branch;
  }

  /** Sends an ACK for a 2xx: no answer comes, nothing is repeated here. */
  sendAck(ack: SipRequest, peer: Peer): void {
    this.#send({ ...ack, headers: this.#withVia(ack.headers, newBranch()) }, peer);
  }

  /** Waits until what was sent has left: a socket that is closed too soon drops it. */
  async flush(): Promise<void> {
    while (this.#leaving > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ends at once, without another word to anybody. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#socket.close();
  }

  #note(entry: TraceEntry): void {
    this.trace.push(entry);
    if (this.trace.length >= 2 * keptMessages) this.trace.splice(0, keptMessages);
  }

  /** The trace as text, one line per message, optionally of one call. */
  describe(callId?: string): string {
    return this.trace
      .filter(({ message }) => callId === undefined || message.headers.get("Call-ID") === callId)
      .map(({ at, direction, message }) => {
        const time = new Date(at).toISOString().slice(11, 23);
        return `  ${time} ${direction === "in" ? "<-" : "->"} ${summary(message)}`;
      })
      .join("\n");
  }

  #withVia(headers: Headers, branch: string): Headers {
    const via = `SIP/2.0/UDP ${this.address}:${this.port};branch=${branch};rport`;
    return headers.copy().prepend("Via", via);
  }

  #send(message: SipMessage, peer: Peer): void {
    if (this.#closed || this.deaf) return;
    this.#note({ at: Date.now(), direction: "out", peer, message });
    this.#leaving++;
    this.#socket.send(formatMessage(message), peer.port, peer.address, () => {
      this.#leaving--;
    });
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    // RTCP: it is sent to the port beside that of the audio, and in thousands of calls this is now and then ours.
    if ((datagram[0] ?? 0) >= 0x80) return;
    const message = parseMessage(datagram);
    if (message === null) return;
    const peer = { address: from.address, port: from.port };
    this.#note({ at: Date.now(), direction: "in", peer, message });
    if (this.deaf) return;
    if (message.kind === "response") this.#receiveResponse(message);
    else this.#receiveRequest(message, peer);
  }

  #receiveResponse(response: SipResponse): void {
    const branch = paramOf(response.headers.need("Via"), "branch") ?? "";
    const { method } = cseqOf(response);
    const transaction = this.#clients.get(`${branch} ${method}`);
    if (!transaction) return;
    transaction.stopRepeating();
    if (response.status >= 300 && method === "INVITE") {
      this.#send(ackForFailure(transaction.request, response), transaction.peer);
    }
    // A repeated 200 goes on to the call, which repeats its ACK.
    const repeated = transaction.ended && !(method === "INVITE" && response.status < 300);
    if (repeated) return;
    if (response.status >= 200 && !transaction.ended) {
      transaction.ended = true;
      this.#later(giveUpMs, () => this.#clients.delete(`${branch} ${method}`));
    }
    transaction.onResponse(response);
  }

  #receiveRequest(request: SipRequest, from: Peer): void {
    if (request.method === "ACK") {
      this.#stopFor(request);
      this.onAck(request);
      return;
    }
    const via = request.headers.need("Via");
    const key = `${paramOf(via, "branch") ?? ""} ${via.split(";")[0]} ${request.method}`;
    const known = this.#servers.get(key);
    if (known) {
      if (known.last) this.#send(known.last, from);
      return;
    }
    const transaction: ServerTransaction = {
      callId: request.headers.need("Call-ID"),
      cseq: cseqOf(request).number,
      method: request.method,
      last: null,
      stopRepeating: () => {},
    };
    this.#servers.set(key, transaction);
    const reply = (status: number, options: ReplyOptions = {}) => {
      if (transaction.last && transaction.last.status >= 200) return;
      const response = makeResponse(request, from, status, options);
      transaction.last = response;
      this.#send(response, from);
      if (status < 200) return;
      this.#later(giveUpMs, () => this.#servers.delete(key));
      if (request.method !== "INVITE") return;
      const stop = this.#repeat(() => this.#send(response, from), t2Ms);
      const stopGivingUp = this.#later(giveUpMs, stop);
      transaction.stopRepeating = () => {
        stop();
        stopGivingUp();
      };
    };
    this.onRequest({ request, from, reply });
  }

  #stopFor(ack: SipRequest): void {
    const callId = ack.headers.need("Call-ID");
    const cseq = cseqOf(ack).number;
    for (const transaction of this.#servers.values()) {
      if (transaction.method === "INVITE" && transaction.callId === callId && transaction.cseq === cseq) {
        transaction.stopRepeating();
      }
    }
  }

  /** Calls `action` again and again at doubling intervals, up to `longestMs`, until the returned function is called. */
  #repeat(action: () => void, longestMs: number): () => void {
    let stop = () => {};
    const schedule = (delayMs: number) => {
      stop = this.#later(delayMs, () => {
        action();
        schedule(Math.min(delayMs * 2, longestMs));
      });
    };
    schedule(t1Ms);
    return () => stop();
  }

  #later(delayMs: number, action: () => void): () => void {
    if (this.#closed) return () => {};
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(9).toString("hex")}`;
}

function makeResponse(request: SipRequest, from: Peer, status: number, options: ReplyOptions): SipResponse {
  const headers = new Headers();
  request.headers.all("Via").forEach((via, index) => {
    const rport = index === 0 && paramOf(via, "rport") === "";
    headers.add(
      "Via",
      rport ? via.replace(/;rport(?=;|$)/, `;rport=${from.port};received=${from.address}`) : via,
    );
  });
  const to = request.headers.need("To");
  const tagged =
    options.toTag === undefined || paramOf(to, "tag") !== null ? to : `${to};tag=${options.toTag}`;
  headers.add("From", request.headers.need("From")).add("To", tagged);
  headers.add("Call-ID", request.headers.need("Call-ID")).add("CSeq", request.headers.need("CSeq"));
  for (const route of request.headers.all("Record-Route")) headers.add("Record-Route", route);
  for (const [name, value] of options.headers ?? []) headers.add(name, value);
  return { kind: "response", status, reason: reasonPhrase(status), headers, body: options.body ?? "" };
}

/** The ACK for a refused INVITE belongs to the INVITE's transaction: same Via, same CSeq number. */
function ackForFailure(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new Headers([
    ["Via", invite.headers.need("Via")],
    ["Max-Forwards", "70"],
    ["From", invite.headers.need("From")],
    ["To", response.headers.need("To")],
    ["Call-ID", invite.headers.need("Call-ID")],
    ["CSeq", `${cseqOf(invite).number} ACK`],
  ]);
  return { kind: "request", method: "ACK", uri: invite.uri, headers, body: "" };
}

function timeoutResponse(request: SipRequest): SipResponse {
  const headers = new Headers([
    ["Via", request.headers.need("Via")],
    ["From", request.headers.need("From")],
    ["To", request.headers.need("To")],
    ["Call-ID", request.headers.need("Call-ID")],
    ["CSeq", request.headers.need("CSeq")],
  ]);
  return { kind: "response", status: 408, reason: "Request Timeout", headers, body: "" };
}
