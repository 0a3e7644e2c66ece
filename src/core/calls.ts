import type { Announcement } from "./hotlines.ts";
import type { AgentId, BridgeId, CallId, HotlineId, PlaybackId } from "./ids.ts";
import type { MonotonicMs, Now } from "./time.ts";

/**
 * A call from its arrival until the caller's channel is gone.
 *
 * waiting    admitted, in the queue; nobody rings. -> offering, ended
 * offering   one or more agents ring. -> connected (both are in the bridge), waiting (nobody took it), ended
 * connected  caller and agent talk. -> ended
 * ended      the outcome is decided; the caller may still hear an announcement, or the hang-up is on its way.
 *            Forgotten when the caller's channel is gone.
 *
 * There is no `arriving`: a call is admitted or turned away in the step that sees it arrive.
 */
export type Call = {
  readonly id: CallId;
  readonly hotline: HotlineId | null;
  readonly number: string;
  /** Null for anonymous callers. */
  readonly from: string | null;
  readonly arrivedAt: Now;
  /** How long the caller may wait at most. */
  readonly giveUpAtMs: MonotonicMs;
  readonly phase: CallPhase;
  readonly hears: Hears;
  /** Offers made so far; names legs and bridges. */
  readonly attempts: number;
  /** Playbacks started so far; names them. */
  readonly playbacks: number;
  /** Who had an offer of this call already; others come first. */
  readonly tried: readonly AgentId[];
};

export type CallPhase =
  | { readonly kind: "waiting" }
  | { readonly kind: "offering"; readonly agents: readonly AgentId[]; readonly claim: Claim }
  | {
      readonly kind: "connected";
      readonly agent: AgentId;
      readonly bridge: BridgeId;
      readonly since: Now;
    }
  | { readonly kind: "ended"; readonly result: Result; readonly deadlineMs: MonotonicMs };

/** Who picked up first and is being connected. The other phones ring on until that has worked. */
export type Claim =
  | { readonly kind: "none" }
  | { readonly kind: "connecting"; readonly agent: AgentId; readonly bridge: BridgeId };

/** What the caller hears, beside what happens to the call. */
export type Hears =
  | { readonly kind: "nothing" }
  | { readonly kind: "announcement"; readonly name: Announcement; readonly playback: PlaybackId }
  | { readonly kind: "music" }
  | { readonly kind: "agent" };

export const outcomes = [
  "answered",
  "abandoned",
  "abandoned_short",
  "closed",
  "closed_holiday",
  "closed_adhoc",
  "full",
  "no_agents",
  "timed_out",
  "forwarded",
  "unknown_number",
  "failed",
] as const;
export type Outcome = (typeof outcomes)[number];

export type EndedBy = "caller" | "agent" | "hotline" | "pbx_lost";

/** How a call ended: decided once, never changed. */
export type Result = {
  readonly outcome: Outcome;
  readonly endedBy: EndedBy;
  readonly at: Now;
  /** Set when a person was reached. */
  readonly talk: { readonly agent: AgentId; readonly since: Now } | null;
};
