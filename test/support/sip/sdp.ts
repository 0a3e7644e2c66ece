/** Session descriptions with one audio stream: offers, answers and holding. */

export type Codec = "alaw" | "ulaw" | "g722";

/** The static payload types. All three carry 160 bytes and 160 clock ticks in 20 ms (g722's clock is 8 kHz by an old error). */
export const payloadTypes: Record<Codec, number> = { alaw: 8, ulaw: 0, g722: 9 };

export const rtpNames: Record<Codec, string> = { alaw: "PCMA/8000", ulaw: "PCMU/8000", g722: "G722/8000" };

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface Sdp {
  readonly address: string;
  readonly port: number;
  /** Known codecs in the order of preference. */
  readonly codecs: readonly Codec[];
  readonly direction: Direction;
}

export function codecOf(payloadType: number): Codec | null {
  for (const codec of ["alaw", "ulaw", "g722"] as const) {
    if (payloadTypes[codec] === payloadType) return codec;
  }
  return null;
}

/** Writes a description. `version` must grow with each new one of the same call. */
export function formatSdp(sdp: Sdp, version: number): string {
  const types = sdp.codecs.map((codec) => payloadTypes[codec]);
  return [
    "v=0",
    `o=phone 1 ${version} IN IP4 ${sdp.address}`,
    "s=-",
    `c=IN IP4 ${sdp.address}`,
    "t=0 0",
    `m=audio ${sdp.port} RTP/AVP ${types.join(" ")} 101`,
    ...sdp.codecs.map((codec) => `a=rtpmap:${payloadTypes[codec]} ${rtpNames[codec]}`),
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-16",
    "a=ptime:20",
    `a=${sdp.direction}`,
    "",
  ].join("\r\n");
}

/** Reads a description, `null` when it has no audio. */
export function parseSdp(body: string): Sdp | null {
  const lines = body.split(/\r?\n/);
  const media = /^m=audio (\d+) \S+ (.*)$/.exec(lines.find((line) => line.startsWith("m=audio")) ?? "");
  if (!media) return null;
  const audioAt = lines.findIndex((line) => line.startsWith("m=audio"));
  const connections = lines.filter((line) => line.startsWith("c=IN IP4 "));
  // The stream's own line, behind m=, goes before that of the session.
  const own = lines.slice(audioAt).find((line) => line.startsWith("c=IN IP4 "));
  const address = (own ?? connections[0] ?? "").slice("c=IN IP4 ".length).trim();
  const direction = lines.flatMap(
    (line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.exec(line)?.[1] ?? [],
  );
  const codecs = media[2]!
    .split(" ")
    .map((type) => codecOf(Number(type)))
    .filter((codec) => codec !== null);
  return { address, port: Number(media[1]), codecs, direction: (direction[0] as Direction) ?? "sendrecv" };
}

/** What to answer to an offered direction: `sendonly` (they hold us) makes `recvonly`. */
export function answerDirection(offered: Direction): Direction {
  if (offered === "sendonly") return "recvonly";
  if (offered === "recvonly") return "sendonly";
  return offered;
}
