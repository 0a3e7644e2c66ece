import type { Result } from "./calls.ts";
import type { WayWhileAway } from "./events.ts";
import type { Announcement, Spoken } from "./hotlines.ts";
import type { AgentId, CallId, HotlineId } from "./ids.ts";
import type { OfferResult } from "./offers/result.ts";
import type { DurationMs, Now } from "./time.ts";

/** One transition, for the call's record and for the log. */
export type StoryLine =
  | { readonly call: CallId; readonly at: Now; readonly told: CallStory }
  | { readonly agent: AgentId; readonly at: Now; readonly told: AgentStory };

export type CallStory =
  | {
      readonly what: "arrived";
      readonly number: string;
      readonly from: string | null;
      readonly hotline: HotlineId | null;
    }
  | { readonly what: "admitted"; readonly waitingAhead: number }
  /** The caller has an old place back, from a call given up a short while ago. */
  | { readonly what: "resumed"; readonly waitedBeforeMs: DurationMs }
  | { readonly what: "tier_joined"; readonly tiers: number }
  | { readonly what: "overflow"; readonly because: string; readonly action: string }
  | { readonly what: "moved"; readonly hotline: HotlineId }
  | { readonly what: "forwarding"; readonly number: string }
  | { readonly what: "forward_failed"; readonly why: string }
  | { readonly what: "forwarded"; readonly number: string; readonly waitMs: DurationMs }
  | { readonly what: "announced"; readonly name: Announcement; readonly spoken?: Spoken }
  | { readonly what: "music" }
  | { readonly what: "offered"; readonly agent: AgentId }
  | { readonly what: "ringing"; readonly agent: AgentId }
  | { readonly what: "picked_up"; readonly agent: AgentId }
  | { readonly what: "offer_ended"; readonly agent: AgentId; readonly result: OfferResult }
  | { readonly what: "connected"; readonly agent: AgentId; readonly waitMs: DurationMs }
  | { readonly what: "not_connected"; readonly agent: AgentId; readonly why: string }
  | { readonly what: "ended"; readonly result: Result; readonly waitMs: DurationMs }
  | { readonly what: "gone" }
  /** The daemon was away: Asterisk's fallback has the call, or it has ended. What is told of it comes from Asterisk's notes. */
  | { readonly what: "while_away"; readonly reached: WayWhileAway }
  /** From Asterisk's fallback. */
  | { readonly what: "back" }
  | { readonly what: "fault"; readonly why: string };

export type AgentStory =
  | { readonly what: "logged_in" }
  | { readonly what: "logged_out" }
  | { readonly what: "paused"; readonly reason: string | null }
  | { readonly what: "resumed" }
  | { readonly what: "phone"; readonly phone: string }
  | { readonly what: "wrap_up"; readonly lengthMs: DurationMs }
  | { readonly what: "wrap_up_extended"; readonly byMs: DurationMs }
  | { readonly what: "ready" }
  | { readonly what: "not_paused"; readonly misses: number }
  | { readonly what: "fault"; readonly why: string };
