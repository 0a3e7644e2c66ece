import type { NewAgent } from "../api/schemas.ts";
import { facts } from "./text.ts";

/** What to set in a phone, a line each. */
export function sipFacts({ username, password, host, port, transport, tls }: NewAgent["sip"]): string {
  return facts([
    ["user name", username],
    ["password", password],
    ["server", host],
    ["port", String(port)],
    ["transport", transport],
    ...(tls ? [["at home", `${tls.host}, port ${tls.port}, transport tls, audio srtp`] as const] : []),
  ]);
}
