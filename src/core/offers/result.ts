/** How an offer to one agent ended, other than by a conversation. */
export type OfferResult =
  | "no_answer"
  | "declined"
  | "busy"
  | "unreachable"
  | "cancelled"
  | "answered_elsewhere"
  | "failed";

const bySipCode = new Map<number, OfferResult>([
  [486, "busy"],
  [600, "busy"],
  [603, "declined"],
  [403, "declined"],
  [404, "unreachable"],
  [408, "unreachable"],
  [480, "unreachable"],
  [503, "unreachable"],
]);

/** Q.850 causes as Asterisk makes them from SIP answers; for when no SIP code is known. */
const byCause = new Map<number, OfferResult>([
  [17, "busy"],
  [21, "declined"],
  [1, "unreachable"],
  [3, "unreachable"],
  [18, "unreachable"],
  [19, "unreachable"],
  [20, "unreachable"],
  [27, "unreachable"],
  [34, "unreachable"],
  // The leg ended without the phone having said anything: lost with the connection, or our own failure.
  [0, "failed"],
  [16, "failed"],
  [26, "failed"],
  [38, "failed"],
]);

/**
 * What a phone that ended the leg by itself has said. Decided from SIP code and hang-up cause, since Asterisk's
 * dial status calls a decline "no answer" (ASTERISK.md, "ARI").
 */
export function resultOf(cause: number, sipCode: number | null): OfferResult {
  return (sipCode === null ? undefined : bySipCode.get(sipCode)) ?? byCause.get(cause) ?? "unreachable";
}
