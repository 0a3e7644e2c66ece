import type { Announcement, OverflowCondition } from "./hotlines.ts";
import type { AgentId, BridgeId, CallId, HotlineId, LegId, PbxRun, PlaybackId } from "./ids.ts";
import type { MonotonicMs, Now } from "./time.ts";

/**
 * A call from its arrival until the caller's channel is gone.
 *
 * listening   admitted, holds a place, must hear the greeting to its end first; an announcement may come before it.
 *             -> waiting, ended
 * waiting     in the queue; nobody rings. -> offering, forwarding, ended
 * offering    one or more agents ring. -> connected (both are in the bridge), waiting (nobody took it), ended
 * connected   caller and agent talk. -> ended
 * forwarding  a number outside is rung. -> forwarded, or what the next overflow step says
 * forwarded   caller and somebody outside talk. -> ended
 * away        the daemon was away for so long that Asterisk's own fallback has the caller, who waits or talks there.
 *             -> waiting (comes back), ended
 * ended       the outcome is decided; the caller may still hear an announcement, or the hang-up is on its way.
 *             Forgotten when the caller's channel is gone.
 *
 * There is no `arriving`: a call is admitted or turned away in the step that sees it arrive.
 */
export type Call = {
  readonly id: CallId;
  /** Where it arrived, and where it counts; null: the number leads to no hotline. */
  readonly origin: HotlineId | null;
  /** Where it is now. */
  readonly hotline: HotlineId | null;
  readonly number: string;
  /** Null for anonymous callers. */
  readonly from: string | null;
  /** Skills an agent must have, as the number dialled says. */
  readonly requires: readonly string[];
  readonly arrivedAt: Now;
  /** The run of Asterisk in which the caller's channel lives; null: not known. */
  readonly run: PbxRun | null;
  /** Since when the caller waits, over all hotlines; decides the place. Before the arrival for who has an old place back. */
  readonly waitingSince: MonotonicMs;
  /** Since when in this hotline. */
  readonly hereSince: MonotonicMs;
  /** How many tiers have joined the first one. */
  readonly tiersJoined: number;
  /** Overflow steps this caller has been through, see stepKey(). */
  readonly stepsDone: readonly string[];
  /** Which of the hotline's periodic announcements comes next. */
  readonly nextPeriodic: number;
  readonly due: Due;
  readonly phase: CallPhase;
  readonly hears: Hears;
  /** Offers made so far; names legs and bridges. */
  readonly attempts: number;
  /** Playbacks started so far; names them. */
  readonly playbacks: number;
  /** Who had an offer of this call already; others come first. */
  readonly tried: readonly AgentId[];
};

/** When something happens by itself while the caller waits; null = never. */
export type Due = {
  /** The caller has waited as long as anybody may. */
  readonly giveUpMs: MonotonicMs;
  /** One more tier joins. */
  readonly tierMs: MonotonicMs | null;
  /** An overflow step for those who have waited a while. */
  readonly stepMs: MonotonicMs | null;
  /** The next periodic announcement; none while one is being heard. */
  readonly announcementMs: MonotonicMs | null;
  /** While ringing progressively: one more agent. */
  readonly ringNextMs: MonotonicMs | null;
};

export type CallPhase =
  | { readonly kind: "listening"; readonly deadlineMs: MonotonicMs }
  | { readonly kind: "waiting" }
  | { readonly kind: "offering"; readonly agents: readonly AgentId[]; readonly claim: Claim }
  | {
      readonly kind: "connected";
      readonly agent: AgentId;
      readonly bridge: BridgeId;
      readonly since: Now;
    }
  | {
      readonly kind: "forwarding";
      readonly leg: LegId;
      readonly number: string;
      /** Set once the other side has picked up. */
      readonly bridge: BridgeId | null;
      readonly deadlineMs: MonotonicMs;
      /** What led here; if this fails, its next step is tried. */
      readonly because: OverflowCondition;
      readonly otherwise: Otherwise;
    }
  | {
      readonly kind: "forwarded";
      readonly leg: LegId;
      readonly number: string;
      readonly bridge: BridgeId;
      readonly since: Now;
    }
  | { readonly kind: "away" }
  | { readonly kind: "ended"; readonly result: Result; readonly deadlineMs: MonotonicMs };

/** Who picked up first and is being connected. The other phones ring on until that has worked. */
export type Claim =
  | { readonly kind: "none" }
  | { readonly kind: "connecting"; readonly agent: AgentId; readonly bridge: BridgeId };

/** How a caller who cannot be admitted is let go. */
export type TurnedAway = { readonly outcome: Outcome; readonly announcement: Announcement };

/**
 * What becomes of a caller whom no overflow step helps: is let go like this, or `admit`: is admitted all the same. Null:
 * was admitted before, and keeps the place in the queue.
 */
export type Otherwise = TurnedAway | "admit" | null;

/** How the call ends unless a step helps; null: it does not. */
export const turnedAway = (otherwise: Otherwise): TurnedAway | null =>
  otherwise === "admit" ? null : otherwise;

/** What the caller hears, beside what happens to the call. */
export type Hears =
  | { readonly kind: "nothing" }
  | { readonly kind: "announcement"; readonly name: Announcement; readonly playback: PlaybackId }
  | { readonly kind: "music" }
  /** A person. */
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

/** Why a caller was let go who had been admitted. */
export type EndReason =
  | "max_wait"
  | "closing"
  | "overflow"
  | "unstaffed"
  /** More calls than the machine can take; the hotline itself had room. */
  | "capacity";

/** How a call ended: decided once, never changed. */
export type Result = {
  readonly outcome: Outcome;
  readonly endedBy: EndedBy;
  readonly at: Now;
  readonly reason: EndReason | null;
  readonly talk: Talk | null;
};

/** Set when a person was reached: one of our agents at a hotline, or somebody outside. */
export type Talk = {
  readonly since: Now;
  readonly with:
    | { readonly kind: "agent"; readonly agent: AgentId; readonly hotline: HotlineId }
    | { readonly kind: "outside"; readonly number: string };
};

/** Has been admitted and has reached nobody yet: counts for `maxWaiting`, positions and staffing. */
export function isInQueue(call: Call): boolean {
  return call.phase.kind === "listening" || call.phase.kind === "waiting" || call.phase.kind === "offering";
}
