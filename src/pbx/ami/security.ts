import type { Log } from "../log.ts";
import type { AmiEvent } from "./connection.ts";

/** Security events that are worth a line. Successful logins and challenges are daily business. */
const worthALine = new Set([
  "ChallengeResponseFailed",
  "InvalidAccountID",
  "InvalidPassword",
  "InvalidTransport",
  "FailedACL",
  "AuthMethodNotAllowed",
  "RequestBadFormat",
  "RequestNotAllowed",
  "RequestNotSupported",
  "SessionLimit",
  "MemoryLimit",
  "LoadAverageLimit",
  "UnexpectedAddress",
]);
const dailyBusiness = new Set(["SuccessfulAuth", "ChallengeSent"]);

const windowMs = 60_000;
const linesPerWindow = 20;

/** Writes security events to the log, at most so many a minute: somebody who tries passwords must not fill the disk. */
export class SecurityLog {
  readonly #log: Log;
  readonly #nowMs: () => number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #leftOut = 0;

  constructor(log: Log, nowMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Returns whether it was a security event. */
  take(event: AmiEvent): boolean {
    const name = String(event.event);
    if (dailyBusiness.has(name)) return true;
    if (!worthALine.has(name)) return false;
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowStartMs >= windowMs) this.#newWindow(nowMs);
    this.#lines += 1;
    if (this.#lines > linesPerWindow) {
      this.#leftOut += 1;
      return true;
    }
    const { service, accountid: account, remoteaddress } = event;
    this.#log.warn({ what: name, service, account, from: readable(String(remoteaddress)) }, "security event");
    return true;
  }

  #newWindow(nowMs: number): void {
    if (this.#leftOut > 0)
      this.#log.warn({ leftOut: this.#leftOut, withinMs: windowMs }, "more security events than are logged");
    this.#windowStartMs = nowMs;
    this.#lines = 0;
    this.#leftOut = 0;
  }
}

/** IPV4/UDP/192.0.2.1/5060 -> 192.0.2.1:5060/udp */
function readable(address: string): string {
  const [, transport, host, port] = address.split("/");
  return host ? `${host}:${port}/${transport?.toLowerCase()}` : address;
}
