/**
 * Why Asterisk did not do what was asked.
 *
 * not_found          404: no such channel, bridge, playback, endpoint
 * conflict           409: the id is taken, or the channel is not in a state for it
 * not_in_app         the channel is alive but not (or no longer) ours to command
 * refused            another 4xx: we asked for nonsense
 * no_contact         the phone cannot be called: not registered, or unknown ("Allocation failed")
 * failed             another 5xx, or an answer that cannot be read
 * unauthorized       wrong user or password
 * unavailable        Asterisk is not there, or is still booting
 * broken             the connection was cut before the answer: it may have been done or not
 * timed_out          no answer in time: it may have been done or not
 * overloaded         too many requests are waiting already
 */
export type AriErrorKind =
  | "not_found"
  | "conflict"
  | "not_in_app"
  | "refused"
  | "no_contact"
  | "failed"
  | "unauthorized"
  | "unavailable"
  | "broken"
  | "timed_out"
  | "overloaded";

export class AriError extends Error {
  override readonly name = "AriError";
  readonly kind: AriErrorKind;
  /** HTTP status, where there was an answer. */
  readonly status: number | null;

  constructor(kind: AriErrorKind, message: string, status: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
  }
}

/** True for an AriError of one of these kinds. */
export function isAriError(error: unknown, ...kinds: readonly AriErrorKind[]): error is AriError {
  return error instanceof AriError && kinds.includes(error.kind);
}

/** Nobody knows whether it was done: Asterisk must be asked what is true. */
export function isUncertain(error: unknown): boolean {
  return isAriError(error, "timed_out", "broken");
}

/**
 * An answer with an error status, with what its JSON text says. Asterisk writes {"message": …}, for a 500 {"error": …}, and while
 * it shuts down a page of HTML.
 */
export function errorFromAnswer(status: number, text: string): AriError {
  const message = messageIn(text) || `HTTP ${status}`;
  return new AriError(kindOf(status, message), message, status);
}

/** An error of the socket, before there was an answer. */
export function errorFromSocket(error: NodeJS.ErrnoException): AriError {
  const kind = error.code === "ECONNREFUSED" || error.code === "EHOSTUNREACH" ? "unavailable" : "broken";
  return new AriError(kind, error.message || error.code || "connection lost", null, error);
}

function kindOf(status: number, message: string): AriErrorKind {
  switch (status) {
    case 401:
    case 403:
      return "unauthorized";
    case 404:
      return "not_found";
    case 409:
      return /not in (a )?stasis/i.test(message) ? "not_in_app" : "conflict";
    case 422:
      return "not_in_app";
    case 503:
      return "unavailable";
    case 500:
      return /allocation failed/i.test(message) ? "no_contact" : "failed";
    default:
      // addChannel calls a channel that does not exist a bad request.
      if (status === 400 && /channel (was )?not found/i.test(message)) return "not_found";
      return status < 500 ? "refused" : "failed";
  }
}

function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return "";
    const { message, error } = body as { message?: unknown; error?: unknown };
    return typeof message === "string" ? message : typeof error === "string" ? error : "";
  } catch {
    const [, said] = /<p>([^<]+)<\/p>/.exec(text) ?? [];
    return (said ?? text).trim().slice(0, 200);
  }
}
