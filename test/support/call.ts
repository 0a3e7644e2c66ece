/**
 * One call of a scriptable phone, in either direction.
 *
 *   calling -> ringing -> answered -> ended      placed: start(), then what the other side does; hangUp() at any time
 *   ringing -> answered -> ended                 received: ring(), answer(), reject(), hangUp()
 *
 * Every wait is bounded and fails with the call's messages.
 */
import { randomBytes } from "node:crypto";
import { Milestone } from "./milestone.ts";
import { AudioStream } from "./rtp.ts";
import { answerChallenge, parseChallenge } from "./sip/digest.ts";
import type { IncomingRequest, Peer, SipEndpoint } from "./sip/endpoint.ts";
import {
  cseqOf,
  displayNameOf,
  Headers,
  type SipRequest,
  type SipResponse,
  uriOf,
  userOf,
} from "./sip/message.ts";
import { answerDirection, type Codec, type Direction, formatSdp, parseSdp, type Sdp } from "./sip/sdp.ts";
import type { Sound } from "./tones.ts";

export interface Ending {
  /** Who ended it; `timeout` when the other side stopped answering. */
  readonly by: "us" | "them" | "timeout";
  /** The final status of a call that was never answered (486, 487 …), else 200. */
  readonly status: number;
  /** The Reason header of BYE or CANCEL, such as `SIP;cause=200;text="Call completed elsewhere"`. */
  readonly reason: string | null;
  /** `Date.now()`. */
  readonly at: number;
}

export interface CallSetup {
  readonly endpoint: SipEndpoint;
  readonly codecs: readonly Codec[];
  readonly sound: Sound | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Tells the phone that the call is over and its messages need no one any more. */
  readonly onEnd: (call: Call) => void;
}

export interface Destination {
  readonly uri: string;
  readonly peer: Peer;
  /** The whole From value without tag. */
  readonly from: string;
  readonly headers: readonly (readonly [string, string])[];
}

const patienceMs = 15_000;

export class Call {
  readonly id: string;
  readonly direction: "placed" | "received";
  /** The INVITE that came in. */
  readonly invite: SipRequest | null;
  /** Every response to the placed INVITE, with its time. */
  readonly responses: { readonly at: number; readonly status: number }[] = [];
  readonly #setup: CallSetup;
  readonly #incoming: IncomingRequest | null;
  readonly #destination: Destination | null;
  readonly #localTag = randomBytes(6).toString("hex");
  readonly #ringing: Milestone<number>;
  readonly #answered: Milestone<number>;
  readonly #ended: Milestone<Ending>;
  #audio: AudioStream | null = null;
  #local: string;
  #remote: string;
  #target: string;
  #peer: Peer;
  #routes: string[] = [];
  #cseq = 1;
  #sdpVersion = 1;
  #remoteSdp: Sdp | null = null;
  #heldByUs = false;
  #inviteBranch: string | null = null;
  #cancelled = false;
  #triedPassword = false;
  #ack: SipRequest | null = null;
  #vanished = false;

  constructor(setup: CallSetup, origin: { incoming: IncomingRequest } | { destination: Destination }) {
    this.#setup = setup;
    if ("incoming" in origin) {
      const { request, from } = origin.incoming;
      this.#incoming = origin.incoming;
      this.#destination = null;
      this.direction = "received";
      this.invite = request;
      this.id = request.headers.need("Call-ID");
      this.#local = `${request.headers.need("To")};tag=${this.#localTag}`;
      this.#remote = request.headers.need("From");
      this.#target = uriOf(request.headers.need("Contact"));
      this.#routes = request.headers.all("Record-Route");
      this.#peer = from;
      this.#remoteSdp = parseSdp(request.body);
    } else {
      this.#incoming = null;
      this.#destination = origin.destination;
      this.direction = "placed";
      this.invite = null;
      this.id = `${randomBytes(8).toString("hex")}@${setup.endpoint.address}`;
      this.#local = `${origin.destination.from};tag=${this.#localTag}`;
      this.#remote = `<${origin.destination.uri}>`;
      this.#target = origin.destination.uri;
      this.#peer = origin.destination.peer;
    }
    const describe = () => this.describe();
    this.#ringing = new Milestone("the call rings", describe);
    this.#answered = new Milestone("the call is answered", describe);
    this.#ended = new Milestone("the call ends", describe);
  }

  /** The name that a received call shows, and the number. */
  get callerName(): string | null {
    return this.direction === "received" ? displayNameOf(this.#remote) : null;
  }

  get callerNumber(): string {
    return userOf(this.#remote);
  }

  get state(): "calling" | "ringing" | "answered" | "ended" {
    if (this.#ended.isReached) return "ended";
    if (this.#answered.isReached) return "answered";
    return this.#ringing.isReached || this.direction === "received" ? "ringing" : "calling";
  }

  /** The call's messages, for a failed test. */
  describe(): string {
    return `  call ${this.id} (${this.direction}) is ${this.state}\n${this.#setup.endpoint.describe(this.id)}`;
  }

  /** Each of these gives the time (`Date.now()`) when it happened, and fails when it has not within the bound. */
  ringing(withinMs = patienceMs): Promise<number> {
    return this.#ringing.wait(withinMs);
  }

  answered(withinMs = patienceMs): Promise<number> {
    return this.#answered.wait(withinMs);
  }

  ended(withinMs = patienceMs): Promise<Ending> {
    return this.#ended.wait(withinMs);
  }

  get audio(): AudioStream {
    if (!this.#audio) throw new Error(`the call has no audio yet\n${this.describe()}`);
    return this.#audio;
  }

  /** What was heard so far: 16 bit samples at 8 kHz. */
  recording(): Int16Array {
    return this.audio.recording();
  }

  play(sound: Sound | null): void {
    this.audio.play(sound);
  }

  /** Places the call. Used by the phone. */
  async start(): Promise<void> {
    this.#audio = await AudioStream.open(this.#setup.endpoint.address, this.#setup.sound);
    this.#sendInvite(this.#offer("sendrecv"), [], (response) => this.#onInviteResponse(response));
  }

  /** Tells the caller that the phone rings (180), or another provisional status. */
  ring(status = 180): void {
    this.#reply(status);
    if (status > 100) this.#ringing.reach(Date.now());
  }

  /** Takes a received call with the first codec of the offer that the phone has. */
  async answer(): Promise<void> {
    const offered = this.#remoteSdp;
    const codecs = offered
      ? offered.codecs.filter((each) => this.#setup.codecs.includes(each))
      : this.#setup.codecs;
    if (codecs.length === 0) return this.reject(488);
    this.#audio = await AudioStream.open(this.#setup.endpoint.address, this.#setup.sound);
    if (this.state === "ended") return this.#audio.close();
    const body = formatSdp(
      {
        ...this.#where(),
        codecs: codecs.slice(0, 1),
        direction: answerDirection(offered?.direction ?? "sendrecv"),
      },
      this.#sdpVersion++,
    );
    this.#reply(200, body);
    this.#startAudio();
    this.#answered.reach(Date.now());
  }

  /** Refuses a received call: 486 busy, 603 declined, 480 do not disturb … */
  reject(status: number): void {
    this.#reply(status);
    this.#end("us", status, null);
  }

  /** Ends the call whatever its state: CANCEL, refusal or BYE. */
  hangUp(): void {
    if (this.state === "ended") return;
    if (this.state === "answered") {
      this.#bye();
      return;
    }
    if (this.direction === "received") {
      this.reject(603);
      return;
    }
    this.#cancelled = true;
    this.#cancelWhenAllowed();
  }

  /** The phone loses its network in mid call: no BYE, no answer, no audio. The other side must find out by itself. */
  vanish(): void {
    this.#vanished = true;
    this.#audio?.close();
    this.#end("us", 0, "vanished");
  }

  /** Puts the other side on hold, by a re-INVITE. Fails when that is refused. */
  async hold(): Promise<void> {
    this.#heldByUs = true;
    this.audio.pause();
    await this.#reinvite("sendonly");
  }

  async resume(): Promise<void> {
    this.#heldByUs = false;
    await this.#reinvite("sendrecv");
    this.#startAudio();
  }

  /** A request within the call. Used by the phone. */
  receive(incoming: IncomingRequest): void {
    if (this.#vanished) return;
    const { request, reply } = incoming;
    const options = { toTag: this.#localTag };
    if (request.method === "BYE") {
      reply(200, options);
      this.#end("them", 200, request.headers.get("Reason"));
      return;
    }
    if (request.method === "CANCEL") {
      reply(200, options);
      if (this.state !== "ringing") return;
      this.#reply(487);
      this.#end("them", 487, request.headers.get("Reason"));
      return;
    }
    if (this.state === "ended") {
      reply(481, options);
      return;
    }
    if (request.method === "INVITE" || request.method === "UPDATE") {
      this.#renegotiate(incoming);
      return;
    }
    reply(request.method === "REFER" ? 603 : 200, options);
  }

  #renegotiate({ request, reply }: IncomingRequest): void {
    const contact = request.headers.get("Contact");
    if (contact) this.#target = uriOf(contact);
    const offer = parseSdp(request.body);
    const headers = [["Contact", this.#contact()]] as const;
    if (!offer && request.method === "UPDATE") {
      reply(200, { toTag: this.#localTag, headers });
      return;
    }
    if (offer) this.#remoteSdp = offer;
    const known = offer?.codecs.filter((each) => this.#setup.codecs.includes(each)) ?? this.#setup.codecs;
    if (known.length === 0) {
      reply(488, { toTag: this.#localTag });
      return;
    }
    const direction = this.#heldByUs ? "sendonly" : answerDirection(offer?.direction ?? "sendrecv");
    const body = formatSdp(
      { ...this.#where(), codecs: offer ? known.slice(0, 1) : known, direction },
      this.#sdpVersion++,
    );
    reply(200, { toTag: this.#localTag, headers: [...headers, ["Content-Type", "application/sdp"]], body });
    this.#startAudio();
  }

  #onInviteResponse(response: SipResponse): void {
    if (this.#vanished) return;
    this.responses.push({ at: Date.now(), status: response.status });
    if (response.status < 200) {
      this.#onProvisional(response);
      return;
    }
    if (response.status < 300) {
      this.#onAnswer(response);
      return;
    }
    if (response.status === 401 || response.status === 407) {
      const again = this.#authorize(response);
      if (again) {
        this.#sendInvite(this.#offer("sendrecv"), [again], (next) => this.#onInviteResponse(next));
        return;
      }
    }
    const by = this.#cancelled ? "us" : response.status === 408 ? "timeout" : "them";
    this.#end(by, response.status, response.headers.get("Reason"));
  }

  #onProvisional(response: SipResponse): void {
    if (this.#cancelled) {
      this.#cancelWhenAllowed();
      return;
    }
    const early = parseSdp(response.body);
    if (early) {
      this.#remoteSdp = early;
      this.#startAudio();
    }
    if (response.status > 100) this.#ringing.reach(Date.now());
  }

  #onAnswer(response: SipResponse): void {
    if (this.#ack !== null && this.#answered.isReached) {
      this.#setup.endpoint.sendAck(this.#ack, this.#peer);
      return;
    }
    this.#remote = response.headers.need("To");
    const contact = response.headers.get("Contact");
    if (contact) this.#target = uriOf(contact);
    this.#routes = response.headers.all("Record-Route").reverse();
    this.#sendAckFor(response);
    if (this.state === "ended") return;
    this.#remoteSdp = parseSdp(response.body);
    this.#answered.reach(Date.now());
    // Answer and CANCEL crossed: the call stands, and must be ended the other way.
    if (this.#cancelled) {
      this.#bye();
      return;
    }
    this.#startAudio();
  }

  #sendAckFor(response: SipResponse): void {
    this.#ack = this.#inDialog("ACK", cseqOf(response).number);
    this.#setup.endpoint.sendAck(this.#ack, this.#peer);
  }

  #authorize(response: SipResponse): readonly [string, string] | null {
    const proxy = response.status === 407;
    const challenge = response.headers.get(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
    const { username, password } = this.#setup;
    if (this.#triedPassword || challenge === null || username === null || password === null) return null;
    this.#triedPassword = true;
    const request = { username, password, method: "INVITE", uri: this.#destination!.uri };
    const answer = answerChallenge(parseChallenge(challenge), request);
    return [proxy ? "Proxy-Authorization" : "Authorization", answer];
  }

  #sendInvite(
    body: string,
    extra: readonly (readonly [string, string])[],
    onResponse: (response: SipResponse) => void,
  ): void {
    const request = this.#inDialog("INVITE", this.#cseq++);
    const first = this.state === "calling" ? (this.#destination?.headers ?? []) : [];
    for (const [name, value] of [...first, ...extra]) request.headers.add(name, value);
    request.headers.add("Contact", this.#contact()).add("Content-Type", "application/sdp");
    this.#inviteBranch = this.#setup.endpoint.request({ ...request, body }, this.#peer, onResponse);
  }

  /** CANCEL may be sent only once the INVITE got a first answer, and must look like it. */
  #cancelWhenAllowed(): void {
    if (this.responses.length === 0 || this.#inviteBranch === null) return;
    const branch = this.#inviteBranch;
    this.#inviteBranch = null;
    const cancel = this.#inDialog("CANCEL", this.#cseq - 1);
    this.#setup.endpoint.request(cancel, this.#peer, () => {}, branch);
  }

  #bye(): void {
    this.#audio?.close();
    this.#setup.endpoint.request(this.#inDialog("BYE", this.#cseq++), this.#peer, (response) => {
      this.#end(response.status === 408 ? "timeout" : "us", 200, null);
    });
  }

  async #reinvite(direction: Direction): Promise<void> {
    const done = new Milestone<number>(`the re-INVITE (${direction}) is answered`, () => this.describe());
    this.#sendInvite(this.#offer(direction), [], (response) => {
      if (response.status < 200) return;
      if (response.status < 300) {
        this.#sendAckFor(response);
        this.#remoteSdp = parseSdp(response.body) ?? this.#remoteSdp;
      }
      done.reach(response.status);
    });
    const status = await done.wait(patienceMs);
    if (status >= 300) throw new Error(`the re-INVITE (${direction}) got ${status}\n${this.describe()}`);
  }

  #inDialog(method: string, cseq: number): SipRequest {
    const headers = new Headers([
      ["Max-Forwards", "70"],
      ["From", this.#local],
      ["To", this.#remote],
      ["Call-ID", this.id],
      ["CSeq", `${cseq} ${method}`],
      ["User-Agent", "scriptable phone"],
    ]);
    for (const route of this.#routes) headers.add("Route", route);
    return { kind: "request", method, uri: this.#target, headers, body: "" };
  }

  #reply(status: number, body = ""): void {
    if (this.#incoming === null) throw new Error("only a received call can be answered");
    const type = [["Content-Type", "application/sdp"]] as const;
    const headers = [["Contact", this.#contact()], ...(body === "" ? [] : type)] as const;
    this.#incoming.reply(status, { toTag: this.#localTag, headers, body });
  }

  #offer(direction: Direction): string {
    return formatSdp({ ...this.#where(), codecs: this.#setup.codecs, direction }, this.#sdpVersion++);
  }

  #where(): { address: string; port: number } {
    return { address: this.audio.address, port: this.audio.port };
  }

  #contact(): string {
    const { address, port } = this.#setup.endpoint;
    return `<sip:${this.#setup.username ?? "phone"}@${address}:${port}>`;
  }

  /** Sends to where the other side wants it, as far as anybody on hold may send at all. */
  #startAudio(): void {
    const remote = this.#remoteSdp;
    const codec = remote?.codecs.find((each) => this.#setup.codecs.includes(each));
    const held = this.#heldByUs || remote?.direction === "sendonly" || remote?.direction === "inactive";
    if (!remote || !codec || remote.port === 0 || held) {
      this.#audio?.pause();
      return;
    }
    this.#audio?.sendTo(remote.address, remote.port, codec);
  }

  #end(by: Ending["by"], status: number, reason: string | null): void {
    this.#audio?.close();
    this.#ended.reach({ by, status, reason, at: Date.now() });
    this.#setup.onEnd(this);
  }
}
