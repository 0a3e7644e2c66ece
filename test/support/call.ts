/**
 * One call of a scriptable phone, in either direction.
 *
 *   calling -> ringing -> answered -> ended      placed: start(), then what the other side does; hangUp() at any time
 *   ringing -> answered -> ended                 received: ring(), answer(), reject(), hangUp()
 *
 * Every wait is bounded and fails with the call's messages.
 */
import { Milestone } from "./milestone.ts";
import { AudioStream } from "./rtp.ts";
import { type Destination, Dialog } from "./sip/dialog.ts";
import { answerChallenge, parseChallenge } from "./sip/digest.ts";
import type { IncomingRequest, SipEndpoint } from "./sip/endpoint.ts";
import { displayNameOf, type SipRequest, type SipResponse, userOf } from "./sip/message.ts";
import { answerDirection, type Codec, type Direction, formatSdp, parseSdp, type Sdp } from "./sip/sdp.ts";
import type { Sound } from "./tones.ts";

export interface Ending {
  /** Who ended it; `timeout` when the other side stopped answering. */
  readonly by: "us" | "them" | "timeout";
  /** The final status of a call that was never answered (486, 487 …), else 200. */
  readonly status: number;
  /** The Reason header of BYE, CANCEL or refusal, such as `SIP;cause=200;text="Call completed elsewhere"`. */
  readonly reason: string | null;
  /** `Date.now()`. */
  readonly at: number;
}

/** What a call needs of its phone. */
export interface CallSetup {
  readonly endpoint: SipEndpoint;
  readonly codecs: readonly Codec[];
  readonly sound: Sound | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly onEnd: (call: Call) => void;
  /** Takes what is heard, instead of keeping it. */
  readonly onPacket: ((call: Call, payload: Buffer) => void) | null;
}

type Field = readonly [name: string, value: string];

const patienceMs = 15_000;

export class Call {
  readonly direction: "placed" | "received";
  /** The INVITE that came in. */
  readonly invite: SipRequest | null;
  /** Every response to the placed INVITE, with its time. */
  readonly responses: { readonly at: number; readonly status: number }[] = [];
  readonly #setup: CallSetup;
  readonly #dialog: Dialog;
  readonly #incoming: IncomingRequest | null;
  readonly #destination: Destination | null;
  readonly #ringing = new Milestone<number>("the call rings", () => this.describe());
  readonly #answered = new Milestone<number>("the call is answered", () => this.describe());
  readonly #ended = new Milestone<Ending>("the call ends", () => this.describe());
  #audio: AudioStream | null = null;
  #sdpVersion = 1;
  #remoteSdp: Sdp | null = null;
  #heldByUs = false;
  #inviteBranch: string | null = null;
  #cancelled = false;
  /** Of a CANCEL that crossed our answer: the BYE that follows says it no more. */
  #crossedReason: string | null = null;
  #triedPassword = false;
  #ack: SipRequest | null = null;
  #vanished = false;
  #byeSentAt: number | null = null;
  /** Whether our answer to a received call was acknowledged; a placed one we have acknowledged ourselves. */
  #acknowledged: "no" | "bye_waits" | "yes";

  constructor(setup: CallSetup, origin: { incoming: IncomingRequest } | { destination: Destination }) {
    this.#setup = setup;
    if ("incoming" in origin) {
      const { request, from } = origin.incoming;
      this.direction = "received";
      this.#acknowledged = "no";
      this.invite = request;
      this.#incoming = origin.incoming;
      this.#destination = null;
      this.#dialog = Dialog.from(request, from);
      this.#remoteSdp = parseSdp(request.body);
    } else {
      this.direction = "placed";
      this.#acknowledged = "yes";
      this.invite = null;
      this.#incoming = null;
      this.#destination = origin.destination;
      this.#dialog = Dialog.to(origin.destination, setup.endpoint.address);
    }
  }

  /** The Call-ID. */
  get id(): string {
    return this.#dialog.callId;
  }

  /** The name that the display of the phone shows for the other side. */
  get callerName(): string | null {
    return displayNameOf(this.#dialog.remote);
  }

  /** The number that the display of the phone shows for the other side. */
  get callerNumber(): string {
    return userOf(this.#dialog.remote);
  }

  get state(): "calling" | "ringing" | "answered" | "ended" {
    if (this.#ended.isReached) return "ended";
    if (this.#answered.isReached) return "answered";
    return this.#ringing.isReached || this.direction === "received" ? "ringing" : "calling";
  }

  /** Also after its end. */
  get wasAnswered(): boolean {
    return this.#answered.isReached;
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

  /** When we hung up, which is before the other side has said that it knows. `Date.now()`. */
  get byeSentAt(): number | null {
    return this.#byeSentAt;
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

  /** Waits until a tone was heard for a moment, from now on. */
  async hears(hertz: number, withinMs = 5_000): Promise<void> {
    await this.audio.hears(hertz, withinMs, () => this.describe());
  }

  /** Waits until an announcement was heard (nearly all of it, unless said otherwise), since the call began. */
  async hearsSpeech(wanted: Int16Array, withinMs = 20_000, share = 0.9): Promise<void> {
    await this.audio.hearsSpeech(wanted, share, withinMs, () => this.describe());
  }

  play(sound: Sound | null): void {
    this.audio.play(sound);
  }

  /** Places the call. Used by the phone. */
  async start(): Promise<void> {
    this.#audio = await this.#openAudio();
    this.#sendInvite("sendrecv", this.#destination?.headers ?? [], (response) => this.#onResponse(response));
  }

  /** Tells the caller that the phone rings (180), or another provisional status. */
  ring(status = 180): void {
    this.#reply(status);
    if (status > 100) this.#ringing.reach(Date.now());
  }

  /** Takes a received call with the first codec of the offer that the phone has. */
  async answer(): Promise<void> {
    const codecs = this.#commonCodecs();
    if (codecs.length === 0) {
      this.reject(488);
      return;
    }
    this.#audio = await this.#openAudio();
    if (this.state === "ended") {
      this.#audio.close();
      return;
    }
    this.#reply(200, this.#description(codecs, answerDirection(this.#remoteSdp?.direction ?? "sendrecv")));
    this.#startAudio();
    this.#answered.reach(Date.now());
  }

  /** Refuses a received call: 486 busy, 603 declined, 480 do not disturb … */
  reject(status: number): void {
    this.#reply(status);
    this.#end("us", status, null);
  }

  /** Sends a received call on to another number (302), as a phone does that diverts its calls. */
  divert(number: string): void {
    const { address, port } = this.#setup.endpoint;
    this.#reply(302, "", `<sip:${number}@${address}:${port}>`);
    this.#end("us", 302, null);
  }

  /** Ends the call whatever its state: CANCEL, refusal or BYE. */
  hangUp(): void {
    if (this.state === "ended") return;
    if (this.state === "answered" && this.#acknowledged === "no") this.#acknowledged = "bye_waits";
    else if (this.state === "answered") this.#bye();
    else if (this.direction === "received") this.reject(603);
    else {
      this.#cancelled = true;
      this.#cancelWhenAllowed();
    }
  }

  /** The phone loses its network in mid call: no BYE, no answer, no audio. The other side must find out by itself. */
  vanish(): void {
    this.#vanished = true;
    this.#audio?.close();
    // The phone goes on knowing the call, so that what still comes for it is swallowed and not refused.
    this.#ended.reach({ by: "us", status: 0, reason: "vanished", at: Date.now() });
    this.#answered.giveUp();
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
  /** The ACK to our answer has come. Before it a phone must not send BYE (RFC 3261, 15): it could be lost on the way. */
  acknowledge(): void {
    const byeWaits = this.#acknowledged === "bye_waits";
    this.#acknowledged = "yes";
    if (byeWaits && this.state === "answered" && !this.#vanished) this.#bye();
  }

  receive(incoming: IncomingRequest): void {
    if (this.#vanished) return;
    const { request, reply } = incoming;
    const options = { toTag: this.#dialog.localTag };
    const reason = request.headers.get("Reason");
    if (request.method === "BYE") {
      reply(200, options);
      this.#end("them", 200, reason ?? this.#crossedReason);
    } else if (request.method === "CANCEL") {
      reply(200, options);
      if (this.state !== "ringing") {
        this.#crossedReason = reason;
        return;
      }
      this.#reply(487);
      this.#end("them", 487, reason);
    } else if (this.state === "ended") reply(481, options);
    else if (request.method === "INVITE" || request.method === "UPDATE") this.#renegotiate(incoming);
    else reply(request.method === "REFER" ? 603 : 200, options);
  }

  #renegotiate({ request, reply }: IncomingRequest): void {
    this.#dialog.retarget(request.headers);
    const toTag = this.#dialog.localTag;
    const contact = ["Contact", this.#contact()] as const;
    const offer = parseSdp(request.body);
    if (!offer && request.method === "UPDATE") {
      reply(200, { toTag, headers: [contact] });
      return;
    }
    if (offer) this.#remoteSdp = offer;
    const codecs = offer ? this.#commonCodecs() : this.#setup.codecs;
    if (codecs.length === 0) {
      reply(488, { toTag });
      return;
    }
    const direction = this.#heldByUs ? "sendonly" : answerDirection(offer?.direction ?? "sendrecv");
    const body = this.#description(codecs, direction);
    reply(200, { toTag, headers: [contact, ["Content-Type", "application/sdp"]], body });
    this.#startAudio();
  }

  #onResponse(response: SipResponse): void {
    if (this.#vanished) return;
    this.responses.push({ at: Date.now(), status: response.status });
    if (response.status < 200) {
      this.#onProvisional(response);
    } else if (response.status < 300) {
      this.#onAnswer(response);
    } else {
      const again = this.#authorize(response);
      if (again) {
        const fields = [...(this.#destination?.headers ?? []), again];
        this.#sendInvite("sendrecv", fields, (next) => this.#onResponse(next));
        return;
      }
      const by = this.#cancelled ? "us" : response.status === 408 ? "timeout" : "them";
      this.#end(by, response.status, response.headers.get("Reason"));
    }
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
    if (this.#ack !== null) {
      this.#setup.endpoint.sendAck(this.#ack, this.#dialog.peer);
      return;
    }
    this.#dialog.confirm(response);
    this.#ack = this.#sendAck(response);
    this.#remoteSdp = parseSdp(response.body);
    this.#answered.reach(Date.now());
    // Answer and CANCEL crossed: the call stands, and must be ended the other way.
    if (this.#cancelled) this.#bye();
    else this.#startAudio();
  }

  #sendAck(response: SipResponse): SipRequest {
    const ack = this.#dialog.ackFor(response);
    this.#setup.endpoint.sendAck(ack, this.#dialog.peer);
    return ack;
  }

  /** The header that answers a demand for the password; `null` for other refusals, and after the first try. */
  #authorize(response: SipResponse): Field | null {
    const proxy = response.status === 407;
    const challenge = response.headers.get(proxy ? "Proxy-Authenticate" : "WWW-Authenticate");
    const { username, password } = this.#setup;
    if (challenge === null || this.#triedPassword || username === null || password === null) return null;
    if (this.#destination === null || this.#cancelled) return null;
    this.#triedPassword = true;
    const request = { username, password, method: "INVITE", uri: this.#destination.uri };
    const answer = answerChallenge(parseChallenge(challenge), request);
    return [proxy ? "Proxy-Authorization" : "Authorization", answer];
  }

  #sendInvite(
    direction: Direction,
    fields: readonly Field[],
    onResponse: (response: SipResponse) => void,
  ): void {
    const request = this.#dialog.next("INVITE");
    for (const [name, value] of fields) request.headers.add(name, value);
    request.headers.add("Contact", this.#contact()).add("Content-Type", "application/sdp");
    const body = this.#description(this.#setup.codecs, direction);
    this.#inviteBranch = this.#setup.endpoint.request({ ...request, body }, this.#dialog.peer, onResponse);
  }

  /** CANCEL may be sent only once the INVITE got a first answer, and has the INVITE's branch. */
  #cancelWhenAllowed(): void {
    if (this.responses.length === 0 || this.#inviteBranch === null) return;
    const branch = this.#inviteBranch;
    this.#inviteBranch = null;
    this.#setup.endpoint.request(this.#dialog.cancel(), this.#dialog.peer, () => {}, branch);
  }

  #bye(): void {
    this.#audio?.close();
    this.#byeSentAt = Date.now();
    this.#setup.endpoint.request(this.#dialog.next("BYE"), this.#dialog.peer, (response) => {
      this.#end(response.status === 408 ? "timeout" : "us", 200, null);
    });
  }

  async #reinvite(direction: Direction): Promise<void> {
    const done = new Milestone<number>(`the re-INVITE (${direction}) is answered`, () => this.describe());
    this.#sendInvite(direction, [], (response) => {
      if (response.status < 200) return;
      if (response.status < 300) {
        this.#sendAck(response);
        this.#remoteSdp = parseSdp(response.body) ?? this.#remoteSdp;
      }
      done.reach(response.status);
    });
    const status = await done.wait(patienceMs);
    if (status >= 300) throw new Error(`the re-INVITE (${direction}) got ${status}\n${this.describe()}`);
  }

  #reply(status: number, body = "", contactUri = this.#contact()): void {
    if (this.#incoming === null) throw new Error("only a received call can be answered");
    const contact = ["Contact", contactUri] as const;
    const headers = body === "" ? [contact] : [contact, ["Content-Type", "application/sdp"] as const];
    this.#incoming.reply(status, { toTag: this.#dialog.localTag, headers, body });
  }

  /** What to answer: the first of the offered codecs that the phone has, or none. */
  #commonCodecs(): readonly Codec[] {
    if (this.#remoteSdp === null) return this.#setup.codecs;
    return this.#remoteSdp.codecs.filter((each) => this.#setup.codecs.includes(each)).slice(0, 1);
  }

  #description(codecs: readonly Codec[], direction: Direction): string {
    const { address, port } = this.audio;
    return formatSdp({ address, port, codecs, direction }, this.#sdpVersion++);
  }

  #openAudio(): Promise<AudioStream> {
    const { endpoint, sound, onPacket } = this.#setup;
    return AudioStream.open(endpoint.address, sound, onPacket && ((payload) => onPacket(this, payload)));
  }

  #contact(): string {
    const { address, port } = this.#setup.endpoint;
    return `<sip:${this.#setup.username ?? "phone"}@${address}:${port}>`;
  }

  /** Sends to where the other side wants it, as far as anybody on hold may send at all. */
  #startAudio(): void {
    const remote = this.#remoteSdp;
    const codec = remote === null ? undefined : this.#commonCodecs()[0];
    const held = this.#heldByUs || remote?.direction === "sendonly" || remote?.direction === "inactive";
    if (!remote || !codec || remote.port === 0 || held) this.#audio?.pause();
    else this.#audio?.sendTo(remote.address, remote.port, codec);
  }

  #end(by: Ending["by"], status: number, reason: string | null): void {
    this.#audio?.close();
    this.#ended.reach({ by, status, reason, at: Date.now() });
    this.#answered.giveUp();
    this.#setup.onEnd(this);
  }
}
