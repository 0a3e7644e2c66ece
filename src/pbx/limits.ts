/** Times and bounds of the adapter. Tests make them short. */
export type PbxLimits = {
  /** Each request, waiting for a free connection included. */
  readonly requestTimeoutMs: number;
  /** Loading the API and opening the event socket, each. */
  readonly connectTimeoutMs: number;
  /** A half-open connection, or an Asterisk that is frozen, is noticed after one to two of these. */
  readonly pingEveryMs: number;
  /** So long nothing may be answered to any request, while the event socket answers pings. */
  readonly silenceMs: number;
  /** Here it takes up to one of these and `requestTimeoutMs`. */
  readonly amiPingEveryMs: number;
  /** A connection that is away for longer is an alarm. */
  readonly outageMs: number;
  readonly backoffFirstMs: number;
  readonly backoffLongestMs: number;
  /** After another program took over our application. */
  readonly replacedPauseMs: number;
  /** From ordering a conversation until both are in the bridge; shorter than the core's own limit. */
  readonly joinTimeoutMs: number;
  /** From a channel's leaving our application until its end is asked for. */
  readonly farewellMs: number;
  /** Between the beginnings of two reloads. */
  readonly reloadGapMs: number;
  /** How often the dialplan is told that we are there; it believes that for 3 s. */
  readonly signOfLifeEveryMs: number;
  /** So long callers who wait in the dialplan are given to come to us before those are listed who are with us. */
  readonly handOverMs: number;
  /** How often the dialplan's notes of ended calls are looked through, and old ones dropped. */
  readonly spoolLookEveryMs: number;
  /** Requests to Asterisk at once; well below `sessionlimit` in http.conf. */
  readonly connectionsMax: number;
  /** Requests that may wait for their turn. */
  readonly waitingRequestsMax: number;
};

export const defaultLimits: PbxLimits = {
  requestTimeoutMs: 4_000,
  connectTimeoutMs: 5_000,
  pingEveryMs: 3_000,
  silenceMs: 6_000,
  amiPingEveryMs: 4_000,
  outageMs: 2_000,
  backoffFirstMs: 100,
  backoffLongestMs: 500,
  replacedPauseMs: 10_000,
  joinTimeoutMs: 5_000,
  farewellMs: 500,
  reloadGapMs: 200,
  signOfLifeEveryMs: 1_000,
  handOverMs: 1_500,
  spoolLookEveryMs: 60_000,
  connectionsMax: 32,
  waitingRequestsMax: 10_000,
};
