import { type Finding, good, problem, warning } from "./finding.ts";

/** A socket that listens, from /proc/net. */
export type Listener = {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: string;
};

/** Reads a file such as /proc/net/tcp: those that listen, or for UDP those that are bound and not connected. */
export function parseListeners(text: string, protocol: "tcp" | "udp"): Listener[] {
  const listening = protocol === "tcp" ? "0A" : "07";
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [address = "", port = ""] = (fields[1] ?? "").split(":");
      if (fields[3] !== listening || port === "") return [];
      return [
        {
          protocol,
          address: addressOf(address),
          port: Number.parseInt(port, 16),
          uid: Number(fields[7]),
          inode: fields[9] ?? "",
        },
      ];
    });
}

/** The kernel writes words of four bytes, each the wrong way round. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  const text = bytes.join("").toLowerCase();
  if (/^0{32}$/.test(text)) return "::";
  if (/^0{31}1$/.test(text)) return "::1";
  const mapped = /^0{20}ffff(.{8})$/.exec(text)?.[1];
  if (mapped) return (mapped.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
  return (text.match(/.{4}/g) ?? []).join(":");
}

const isLoopback = (address: string) => address.startsWith("127.") || address === "::1";
const isEverywhere = (address: string) => address === "0.0.0.0" || address === "::";

export type PortsWanted = {
  readonly bind: string;
  readonly sip: number;
  readonly ari: number;
  readonly ami: number;
  readonly http: number;
  readonly rtp: { readonly from: number; readonly to: number };
};

/** RTP and RTCP, for the caller and for the phone. */
const portsPerCall = 4;

/** Whether there are ports for as many calls as may be in at once. */
export function checkRtpRange({ from, to }: PortsWanted["rtp"], maxAtOnce: number): Finding[] {
  const calls = Math.floor((to - from + 1) / portsPerCall);
  if (calls >= maxAtOnce) return [];
  return [
    warning(
      "rtp range",
      `the UDP ports ${from}-${to} for audio are enough for ${calls} calls, but ${maxAtOnce} may be in at once: beyond that callers are not connected instead of hearing that all is full`,
      `set rtp.to in hotline.yaml to ${Math.min(65535, from + maxAtOnce * portsPerCall - 1)} or more (and open them in the firewall), or calls.maxAtOnce to ${calls}; then scripts/up`,
    ),
  ];
}

/** Whether Asterisk has its ports, and only where it should. `isOurs` says whether a socket is this hotline's. */
export function checkBound(
  wanted: PortsWanted,
  listeners: readonly Listener[],
  isOurs: (listener: Listener) => boolean,
): Finding[] {
  return [
    checkSip(wanted, listeners, isOurs),
    ...checkLoopback("ari", wanted.ari, listeners),
    ...checkLoopback("ami", wanted.ami, listeners),
    ...checkHttp(wanted, listeners, isOurs),
    checkRtp(wanted, listeners, isOurs),
  ];
}

const restart = "see log/asterisk/current; scripts/up starts Asterisk and says who holds a port";

function checkSip(
  { bind, sip }: PortsWanted,
  listeners: readonly Listener[],
  isOurs: (one: Listener) => boolean,
): Finding {
  const bound = listeners.filter(
    ({ protocol, port, address }) =>
      protocol === "udp" && port === sip && (address === bind || isEverywhere(address) || isEverywhere(bind)),
  );
  if (bound.some(isOurs)) return good("sip", `Asterisk has UDP port ${sip} on ${bind}`);
  if (bound.length === 0)
    return problem(
      "sip",
      `nobody listens on UDP port ${sip} of ${bind}: phones and trunk reach nothing`,
      restart,
    );
  return problem(
    "sip",
    `UDP port ${sip} of ${bind} is held by another program: phones and trunk reach that`,
    restart,
  );
}

function checkLoopback(key: "ari" | "ami", wanted: number, listeners: readonly Listener[]): Finding[] {
  const bound = listeners.filter(({ protocol, port }) => protocol === "tcp" && port === wanted);
  const open = bound.filter(({ address }) => !isLoopback(address));
  if (open.length > 0)
    return [
      problem(
        key,
        `port ${wanted} can be reached from other machines (${open.map(({ address }) => address).join(", ")}): whoever knows the password rules all calls`,
        "it must listen on 127.0.0.1 only; remove what is in asterisk/custom about it, then scripts/down and scripts/up",
      ),
    ];
  if (bound.length === 0) return [problem(key, `nobody listens on port ${wanted}`, restart)];
  return [good(key, `port ${wanted} listens on this machine only`)];
}

/** Only that nobody else has it. */
function checkHttp(
  { http }: PortsWanted,
  listeners: readonly Listener[],
  isOurs: (one: Listener) => boolean,
): Finding[] {
  const bound = listeners.filter(({ protocol, port }) => protocol === "tcp" && port === http);
  if (bound.every(isOurs)) return [];
  return [
    problem(
      "http",
      `port ${http} is held by another program`,
      `who: ss -Hlntp 'sport = :${http}'; stop that, or set http.port in hotline.yaml, then scripts/up`,
    ),
  ];
}

function checkRtp(
  { rtp }: PortsWanted,
  listeners: readonly Listener[],
  isOurs: (one: Listener) => boolean,
): Finding {
  const range = `UDP ports ${rtp.from}-${rtp.to}`;
  const others = listeners.filter(
    (one) => one.protocol === "udp" && one.port >= rtp.from && one.port <= rtp.to && !isOurs(one),
  );
  if (others.length === 0) return good("rtp", `${range} are free for audio`);
  const ports = [...new Set(others.map(({ port }) => port))].slice(0, 5).join(", ");
  return warning(
    "rtp",
    `other programs use some of the ${range} for audio: ${ports}`,
    "Asterisk passes them over; if there are many, set rtp.from and rtp.to in hotline.yaml, then scripts/up",
  );
}
