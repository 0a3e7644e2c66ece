/** Who talks with whom in one call, as each of its messages must say it. */
import { randomBytes } from "node:crypto";
import type { Peer } from "./endpoint.ts";
import { cseqOf, Headers, type SipRequest, type SipResponse, uriOf } from "./message.ts";

export interface Destination {
  readonly uri: string;
  readonly peer: Peer;
  /** The whole From value without tag. */
  readonly from: string;
  /** Further headers of the INVITE. */
  readonly headers: readonly (readonly [string, string])[];
}

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** Where requests are sent to. */
  readonly peer: Peer;
  readonly #local: string;
  #remote: string;
  #target: string;
  #routes: readonly string[];
  #cseq = 0;

  private constructor(ends: {
    callId: string;
    localTag: string;
    peer: Peer;
    local: string;
    remote: string;
    target: string;
    routes: readonly string[];
  }) {
    this.callId = ends.callId;
    this.localTag = ends.localTag;
    this.peer = ends.peer;
    this.#local = ends.local;
    this.#remote = ends.remote;
    this.#target = ends.target;
    this.#routes = ends.routes;
  }

  static to(destination: Destination, localAddress: string): Dialog {
    const localTag = newTag();
    return new Dialog({
      callId: `${randomBytes(8).toString("hex")}@${localAddress}`,
      localTag,
      peer: destination.peer,
      local: `${destination.from};tag=${localTag}`,
      remote: `<${destination.uri}>`,
      target: destination.uri,
      routes: [],
    });
  }

  static from(invite: SipRequest, peer: Peer): Dialog {
    const localTag = newTag();
    return new Dialog({
      callId: invite.headers.need("Call-ID"),
      localTag,
      peer,
      local: `${invite.headers.need("To")};tag=${localTag}`,
      remote: invite.headers.need("From"),
      target: uriOf(invite.headers.need("Contact")),
      routes: invite.headers.all("Record-Route"),
    });
  }

  /** The other side as a From or To value. */
  get remote(): string {
    return this.#remote;
  }

  /** The last own CSeq number. */
  get cseq(): number {
    return this.#cseq;
  }

  /** The placed call was answered: now the other side has a tag, and says where it wants to be addressed. */
  confirm(answer: SipResponse): void {
    this.#remote = answer.headers.need("To");
    this.#routes = answer.headers.all("Record-Route").reverse();
    this.retarget(answer.headers);
  }

  retarget(headers: Headers): void {
    const contact = headers.get("Contact");
    if (contact !== null) this.#target = uriOf(contact);
  }

  /** A request with the next CSeq number. */
  next(method: string): SipRequest {
    this.#cseq++;
    return this.#make(method, this.#cseq);
  }

  /** The ACK for a 2xx has the number of its INVITE. */
  ackFor(answer: SipResponse): SipRequest {
    return this.#make("ACK", cseqOf(answer).number);
  }

  /** CANCEL looks like the INVITE that was sent last. */
  cancel(): SipRequest {
    return this.#make("CANCEL", this.#cseq);
  }

  #make(method: string, cseq: number): SipRequest {
    const headers = new Headers([
      ["Max-Forwards", "70"],
      ["From", this.#local],
      ["To", this.#remote],
      ["Call-ID", this.callId],
      ["CSeq", `${cseq} ${method}`],
      ["User-Agent", "scriptable phone"],
    ]);
    for (const route of this.#routes) headers.add("Route", route);
    return { kind: "request", method, uri: this.#target, headers, body: "" };
  }
}

export function newTag(): string {
  return randomBytes(6).toString("hex");
}
