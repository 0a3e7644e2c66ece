import { createHash, randomBytes } from "node:crypto";

/** How a server asks for a password (RFC 2617, as SIP uses it). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly qop: string | null;
  readonly algorithm: string;
}

/** Reads the value of a WWW-Authenticate or Proxy-Authenticate header. */
export function parseChallenge(header: string): Challenge {
  if (!/^digest\s/i.test(header)) throw new Error(`not a digest challenge: ${header}`);
  const params = new Map<string, string>();
  for (const match of header.slice(7).matchAll(/([a-z-]+)\s*=\s*(?:"([^"]*)"|([^,\s]*))/gi)) {
    params.set(match[1]!.toLowerCase(), match[2] ?? match[3] ?? "");
  }
  const algorithm = params.get("algorithm") ?? "MD5";
  if (algorithm.toUpperCase() !== "MD5") throw new Error(`digest algorithm ${algorithm} is not known here`);
  return {
    realm: params.get("realm") ?? "",
    nonce: params.get("nonce") ?? "",
    opaque: params.get("opaque") ?? null,
    qop: params.get("qop") ?? null,
    algorithm,
  };
}

export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
}

/** The value of the Authorization (or Proxy-Authorization) header that answers a challenge. */
export function answerChallenge(
  challenge: Challenge,
  request: DigestRequest,
  cnonce: string = randomBytes(8).toString("hex"),
): string {
  const ha1 = md5(`${request.username}:${challenge.realm}:${request.password}`);
  const ha2 = md5(`${request.method}:${request.uri}`);
  const fields = [
    `username="${request.username}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.uri}"`,
  ];
  const count = "00000001";
  if (challenge.qop?.split(",").some((each) => each.trim() === "auth")) {
    const response = md5(`${ha1}:${challenge.nonce}:${count}:${cnonce}:auth:${ha2}`);
    fields.push(`response="${response}"`, "qop=auth", `nc=${count}`, `cnonce="${cnonce}"`);
  } else {
    fields.push(`response="${md5(`${ha1}:${challenge.nonce}:${ha2}`)}"`);
  }
  fields.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== null) fields.push(`opaque="${challenge.opaque}"`);
  return `Digest ${fields.join(", ")}`;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
