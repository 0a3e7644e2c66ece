/**
 * A scriptable SIP phone: registers, rings, answers, calls, plays and records, all in the test's own process.
 *
 *   const phone = await Phone.register(credentials);
 *   const call = await phone.nextCall();
 *   call.ring();
 *   await call.answer();
 *   await call.ended();
 *
 *   const caller = await Phone.open({ address: '127.0.0.2' });
 *   const call = await caller.call('115', { port });
 */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Call } from "./call.ts";
import { type Destination, newTag } from "./sip/dialog.ts";
import { answerChallenge, parseChallenge } from "./sip/digest.ts";
import { type IncomingRequest, type Peer, SipEndpoint, type TraceEntry } from "./sip/endpoint.ts";
import { Headers, paramOf, type SipRequest, type SipResponse } from "./sip/message.ts";
import type { Codec } from "./sip/sdp.ts";
import { type Sound, silence } from "./tones.ts";

/** As `hotline agent add --json` prints it, at `sip`. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
}

export interface PhoneOptions {
  /** Local address; 127.0.0.2 is the lab trunk's. */
  readonly address?: string;
  /** Local port; a free one by default. */
  readonly port?: number;
  readonly codecs?: readonly Codec[];
  /** What is played in every call: silence by default, `null` sends no packet at all (cheap, for bulk). */
  readonly sound?: Sound | null;
  /** Takes what is heard in a call, packet by packet, instead of keeping it; for many calls. */
  readonly onPacket?: (call: Call, payload: Buffer) => void;
}

export interface CallOptions {
  readonly host?: string;
  readonly port: number;
  /** The number (user part) shown as caller. */
  readonly from?: string;
  readonly name?: string;
  /** Withholds the number as a network does: From anonymous, Privacy, and the true number only in P-Asserted-Identity. */
  readonly anonymous?: boolean;
  readonly headers?: readonly (readonly [string, string])[];
}

/** How a phone treats calls by itself. Without `answer` it rings until the caller stops. */
export interface Habit {
  /** How long it rings before the rest; 0 by default. */
  readonly ringMs?: number;
  /** `true` answers, a number refuses with that SIP status. */
  readonly answer?: boolean | number;
  /** Hangs up after this time of talk; waits for the other side by default. */
  readonly talkMs?: number;
}

const patienceMs = 15_000;

export class Phone {
  /** Every call of this phone, oldest first, the ended ones too. */
  readonly calls: Call[] = [];
  readonly #endpoint: SipEndpoint;
  readonly #options: PhoneOptions;
  readonly #credentials: Credentials | null;
  readonly #open = new Map<string, Call>();
  readonly #unclaimed: Call[] = [];
  readonly #waiting: ((call: Call) => void)[] = [];
  readonly #registration = {
    callId: randomBytes(8).toString("hex"),
    tag: newTag(),
    cseq: 1,
  };
  readonly #timers = new Set<NodeJS.Timeout>();
  #habit: ((call: Call) => Habit) | null = null;

  private constructor(endpoint: SipEndpoint, options: PhoneOptions, credentials: Credentials | null) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#credentials = credentials;
    endpoint.onRequest = (incoming) => this.#onRequest(incoming);
    endpoint.onAck = (ack) => this.#open.get(ack.headers.need("Call-ID"))?.acknowledge();
  }

  /** A phone without an account. */
  static async open(options: PhoneOptions = {}): Promise<Phone> {
    const endpoint = await SipEndpoint.open(options.address ?? "127.0.0.1", options.port ?? 0);
    return new Phone(endpoint, options, null);
  }

  /** A phone that is registered when this returns. Fails when the registration is refused. */
  static async register(credentials: Credentials, options: PhoneOptions = {}): Promise<Phone> {
    const endpoint = await SipEndpoint.open(options.address ?? "127.0.0.1", options.port ?? 0);
    const phone = new Phone(endpoint, options, credentials);
    try {
      await phone.register();
    } catch (error) {
      phone.close();
      throw error;
    }
    return phone;
  }

  get address(): string {
    return this.#endpoint.address;
  }

  get port(): number {
    return this.#endpoint.port;
  }

  /** Every message in both directions. */
  get trace(): readonly TraceEntry[] {
    return this.#endpoint.trace;
  }

  /** The trace as text. */
  describe(): string {
    return this.#endpoint.describe();
  }

  /** Registers (again); with 0 takes the registration back. */
  async register(expiresS = 3_600): Promise<void> {
    const first = await this.#sendRegister(expiresS, null);
    const final =
      first.status === 401 || first.status === 407 ? await this.#sendRegister(expiresS, first) : first;
    if (final.status !== 200) {
      throw new Error(`REGISTER got ${final.status} ${final.reason}\n${this.#endpoint.describe()}`);
    }
  }

  async unregister(): Promise<void> {
    await this.register(0);
  }

  /** Places a call and returns at once; `call.ringing()`, `call.answered()` and so on tell how it went. */
  async call(number: string, options: CallOptions): Promise<Call> {
    const host = options.host ?? "127.0.0.1";
    const call = new Call(this.#callSetup(), { destination: this.#destination(number, host, options) });
    this.calls.push(call);
    this.#open.set(call.id, call);
    await call.start();
    return call;
  }

  /** The next call that comes in, or one that came in already and nobody asked for. Nothing was answered to it yet but 100. */
  nextCall(withinMs = patienceMs): Promise<Call> {
    const waiting = this.#unclaimed.shift();
    if (waiting) return Promise.resolve(waiting);
    return new Promise((resolve, reject) => {
      const claim = (call: Call) => {
        clearTimeout(timer);
        resolve(call);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(claim), 1);
        reject(new Error(`not within ${withinMs} ms: a call to this phone\n${this.#endpoint.describe()}`));
      }, withinMs);
      this.#waiting.push(claim);
    });
  }

  /** From now on treats every call this way, or as decided for each, by itself; `null`: calls are for nextCall() again. */
  behave(habit: Habit | ((call: Call) => Habit) | null): void {
    this.#habit = typeof habit === "function" || habit === null ? habit : () => habit;
  }

  get deaf(): boolean {
    return this.#endpoint.deaf;
  }

  /** Cuts the network (true): nothing is sent or understood any more, and the other side is not told. */
  set deaf(deaf: boolean) {
    this.#endpoint.deaf = deaf;
  }

  /** Ends everything at once; calls that are left get no BYE. The registration stays with the server. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const call of this.#open.values()) call.vanish();
    this.#endpoint.close();
  }

  /** Ends the calls that are left, takes the registration back and closes. */
  async leave(): Promise<void> {
    const calls = [...this.#open.values()];
    for (const call of calls) call.hangUp();
    await Promise.allSettled(calls.map((call) => call.ended(2_000)));
    if (this.#credentials && !this.deaf)
      await Promise.race([this.unregister().catch(() => {}), pause(2_000, undefined, { ref: false })]);
    await this.#endpoint.flush();
    this.close();
  }

  #callSetup() {
    return {
      endpoint: this.#endpoint,
      codecs: this.#options.codecs ?? (["alaw", "ulaw", "g722"] as const),
      sound: this.#options.sound === undefined ? silence : this.#options.sound,
      username: this.#credentials?.username ?? null,
      password: this.#credentials?.password ?? null,
      onPacket: this.#options.onPacket ?? null,
      onEnd: (call: Call) => void this.#open.delete(call.id),
    };
  }

  #destination(number: string, host: string, options: CallOptions): Destination {
    const user = options.from ?? this.#credentials?.username ?? "+4930123456";
    const identity = `<sip:${user}@${this.#credentials?.host ?? this.address}>`;
    const name = options.name === undefined ? "" : `"${options.name}" `;
    const privacy = [
      ["Privacy", "id"],
      ["P-Asserted-Identity", identity],
    ] as const;
    return {
      uri: `sip:${number}@${host}:${options.port}`,
      peer: { address: host, port: options.port },
      from: options.anonymous ? '"Anonymous" <sip:anonymous@anonymous.invalid>' : `${name}${identity}`,
      headers: [...(options.anonymous ? privacy : []), ...(options.headers ?? [])],
    };
  }

  #onRequest(incoming: IncomingRequest): void {
    const { request, reply } = incoming;
    const call = this.#open.get(request.headers.need("Call-ID"));
    if (call) {
      call.receive(incoming);
      return;
    }
    if (request.method === "INVITE" && paramOf(request.headers.need("To"), "tag") === null) {
      this.#onInvite(incoming);
      return;
    }
    const outside = ["OPTIONS", "NOTIFY", "MESSAGE"].includes(request.method);
    reply(outside ? 200 : 481, { toTag: newTag() });
  }

  #onInvite(incoming: IncomingRequest): void {
    incoming.reply(100);
    const call = new Call(this.#callSetup(), { incoming });
    this.calls.push(call);
    this.#open.set(call.id, call);
    if (this.#habit) {
      this.#follow(this.#habit(call), call);
      return;
    }
    const claim = this.#waiting.shift();
    if (claim) claim(call);
    else this.#unclaimed.push(call);
  }

  #follow({ ringMs = 0, answer, talkMs }: Habit, call: Call): void {
    if (ringMs > 0 || answer === undefined || answer === false) call.ring();
    if (answer === undefined || answer === false) return;
    this.#later(ringMs, () => {
      if (call.state !== "ringing") return;
      if (typeof answer === "number") return call.reject(answer);
      void call.answer().then(() => {
        if (talkMs !== undefined) this.#later(talkMs, () => call.hangUp());
      });
    });
  }

  #later(delayMs: number, action: () => void): void {
    if (delayMs === 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
  }

  #sendRegister(expiresS: number, challenged: SipResponse | null): Promise<SipResponse> {
    if (!this.#credentials) throw new Error("this phone has no account");
    const { username, password, host, port } = this.#credentials;
    const uri = `sip:${host}:${port}`;
    const headers = new Headers([
      ["Max-Forwards", "70"],
      ["From", `<sip:${username}@${host}>;tag=${this.#registration.tag}`],
      ["To", `<sip:${username}@${host}>`],
      ["Call-ID", this.#registration.callId],
      ["CSeq", `${this.#registration.cseq++} REGISTER`],
      ["Contact", `<sip:${username}@${this.address}:${this.port}>;expires=${expiresS}`],
      ["Expires", String(expiresS)],
    ]);
    if (challenged) {
      const proxy = challenged.status === 407;
      const challenge = parseChallenge(
        challenged.headers.need(proxy ? "Proxy-Authenticate" : "WWW-Authenticate"),
      );
      const answer = answerChallenge(challenge, { username, password, method: "REGISTER", uri });
      headers.add(proxy ? "Proxy-Authorization" : "Authorization", answer);
    }
    const request: SipRequest = { kind: "request", method: "REGISTER", uri, headers, body: "" };
    const peer: Peer = { address: host, port };
    return new Promise((resolve) => {
      this.#endpoint.request(request, peer, (response) => {
        if (response.status >= 200) resolve(response);
      });
    });
  }
}
