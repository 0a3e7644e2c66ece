/** SIP messages as text and as values: just enough of RFC 3261 for the phones of the tests. */

/** Header fields in the order of the message. Names are compared without case; short forms are known. */
export class Headers {
  readonly #fields: [name: string, value: string][];

  constructor(fields: readonly (readonly [string, string])[] = []) {
    this.#fields = fields.map(([name, value]) => [longName(name), value]);
  }

  get(name: string): string | null {
    return this.all(name)[0] ?? null;
  }

  /** The value of a header that every message must have. */
  need(name: string): string {
    const value = this.get(name);
    if (value === null) throw new Error(`SIP message without ${name}`);
    return value;
  }

  all(name: string): string[] {
    const wanted = longName(name).toLowerCase();
    return this.#fields.filter(([each]) => each.toLowerCase() === wanted).map(([, value]) => value);
  }

  add(name: string, value: string): this {
    this.#fields.push([longName(name), value]);
    return this;
  }

  /** Replaces the first header of that name (and drops the others), or adds it. */
  set(name: string, value: string): this {
    const wanted = longName(name).toLowerCase();
    const at = this.#fields.findIndex(([each]) => each.toLowerCase() === wanted);
    if (at < 0) return this.add(name, value);
    const rest = this.#fields.filter(([each], index) => index <= at || each.toLowerCase() !== wanted);
    rest[at] = [longName(name), value];
    this.#fields.splice(0, this.#fields.length, ...rest);
    return this;
  }

  /** Puts a header before all others, as every hop does with Via. */
  prepend(name: string, value: string): this {
    this.#fields.unshift([longName(name), value]);
    return this;
  }

  entries(): readonly (readonly [string, string])[] {
    return this.#fields;
  }

  copy(): Headers {
    return new Headers(this.#fields);
  }
}

export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface SipResponse {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
}

export type SipMessage = SipRequest | SipResponse;

const shortNames: Record<string, string> = {
  c: "Content-Type",
  f: "From",
  i: "Call-ID",
  k: "Supported",
  l: "Content-Length",
  m: "Contact",
  s: "Subject",
  t: "To",
  v: "Via",
};

function longName(name: string): string {
  return (name.length === 1 ? shortNames[name.toLowerCase()] : undefined) ?? name;
}

/** Reads one datagram. `null` for keep-alives (empty lines), throws for what is no SIP. */
export function parseMessage(datagram: Buffer): SipMessage | null {
  const text = datagram.toString("utf8");
  if (text.trim() === "" || text === "\0") return null;
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  // A line that starts with a blank continues the one before.
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = new Headers(lines.slice(1).filter(Boolean).map(parseHeader));
  const body = end < 0 ? "" : text.slice(end + 4);
  const first = lines[0] ?? "";
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first);
  if (response) {
    return { kind: "response", status: Number(response[1]), reason: response[2] ?? "", headers, body };
  }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(first);
  if (!request) throw new Error(`not SIP: ${first}`);
  return { kind: "request", method: request[1]!, uri: request[2]!, headers, body };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) throw new Error(`not a SIP header: ${line}`);
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

export function formatMessage(message: SipMessage): string {
  const first =
    message.kind === "request"
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const headers = message.headers.copy().set("Content-Length", String(Buffer.byteLength(message.body)));
  const lines = headers.entries().map(([name, value]) => `${name}: ${value}`);
  return [first, ...lines, "", message.body].join("\r\n");
}

/** One line that names a message, for traces: `INVITE sip:115@…` or `180 Ringing (INVITE)`. */
export function summary(message: SipMessage): string {
  if (message.kind === "request") return `${message.method} ${message.uri}`;
  return `${message.status} ${message.reason} (${cseqOf(message).method})`;
}

/** The URI in `"Name" <sip:user@host>;tag=x` or in `sip:user@host;tag=x`. */
export function uriOf(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(";")[0]!.trim();
}

/** The user part of the URI in a From, To or Contact header. */
export function userOf(value: string): string {
  return /^sips?:([^@;]*)@/.exec(uriOf(value))?.[1] ?? "";
}

/** The name in front of the URI, without its quotes; `null` when there is none. */
export function displayNameOf(value: string): string | null {
  const name = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^<"]*?))\s*</.exec(value);
  return name?.[1]?.replace(/\\(.)/g, "$1") ?? (name?.[2] || null);
}

/** A parameter behind the URI of a header: `tag`, `branch`, `expires`; `''` when it stands there without a value. */
export function paramOf(value: string, name: string): string | null {
  const behindUri = value.replace(/"(?:[^"\\]|\\.)*"/g, "").replace(/<[^>]*>/, "");
  const found = new RegExp(`;\\s*${name}(?:\\s*=\\s*([^;,\\s]*))?(?=[;,\\s]|$)`, "i").exec(behindUri);
  return found ? (found[1] ?? "") : null;
}

export function cseqOf(message: SipMessage): { readonly number: number; readonly method: string } {
  const [number = "0", method = ""] = message.headers.need("CSeq").split(/\s+/);
  return { number: Number(number), method };
}

const reasons: Record<number, string> = {
  100: "Trying",
  180: "Ringing",
  183: "Session Progress",
  200: "OK",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  500: "Server Internal Error",
  503: "Service Unavailable",
  600: "Busy Everywhere",
  603: "Decline",
};

export function reasonPhrase(status: number): string {
  return reasons[status] ?? "Unspecified";
}
