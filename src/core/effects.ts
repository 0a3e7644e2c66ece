import type { Announcement, Spoken } from "./hotlines.ts";
import type { AgentId, BridgeId, CallId, ChannelId, HotlineId, LegId, PlaybackId } from "./ids.ts";
import type { DurationMs } from "./time.ts";

/** Orders to Asterisk. Those about one call are carried out in their order. */
export type Effect =
  | { readonly type: "answer"; readonly call: CallId }
  | {
      readonly type: "play";
      readonly call: CallId;
      readonly playback: PlaybackId;
      readonly hotline: HotlineId;
      readonly announcement: Announcement;
      /** Set for computed announcements, and only for those. */
      readonly spoken: Spoken | null;
    }
  | { readonly type: "start_music"; readonly call: CallId }
  | {
      readonly type: "ring_agent";
      readonly call: CallId;
      readonly agent: AgentId;
      readonly leg: LegId;
      readonly ringTimeoutMs: DurationMs;
      /** What the phone shows: the hotline's name, the caller's number (null: anonymous). */
      readonly show: { readonly name: string; readonly number: string | null };
    }
  /** Like ring_agent, but over the trunk. Its leg is connected and released like an agent's. */
  | {
      readonly type: "ring_outside";
      readonly call: CallId;
      readonly leg: LegId;
      /** Digits, perhaps behind a +. */
      readonly number: string;
      readonly ringTimeoutMs: DurationMs;
      /** The number the caller dialled: the call comes from the hotline, and says so. */
      readonly showNumber: string;
    }
  | { readonly type: "release_leg"; readonly leg: LegId; readonly reason: ReleaseReason }
  /** Stop what the caller hears and put both into a new bridge. Ends in `connected` or `connect_failed`. */
  | {
      readonly type: "connect";
      readonly call: CallId;
      readonly leg: LegId;
      readonly bridge: BridgeId;
    }
  | { readonly type: "close_bridge"; readonly call: CallId; readonly bridge: BridgeId }
  | { readonly type: "hang_up"; readonly call: CallId; readonly reason: HangUpReason }
  /** Hand the caller to the fallback in the dialplan. */
  | { readonly type: "to_fallback"; readonly call: CallId }
  /** Nothing was heard of it for too long: ask whether it is alive. If not, report its end; if so, end it. */
  | { readonly type: "verify_leg"; readonly leg: LegId }
  | { readonly type: "verify_caller"; readonly call: CallId }
  /** Tells an agent who has dialled a code what came of it, and hangs up. */
  | { readonly type: "confirm_code"; readonly channel: ChannelId; readonly confirmation: Confirmation };

export const confirmations = [
  "logged_in",
  "logged_out",
  /** During a call: when it is over. */
  "logging_out",
  "paused",
  /** During a call: when it is over. */
  "pausing",
  "resumed",
  "wrap_up_ended",
  "no_wrap_up",
  "not_logged_in",
] as const;
export type Confirmation = (typeof confirmations)[number];

export type ReleaseReason = "answered_elsewhere" | "cancelled" | "no_answer" | "call_over";
/** busy: the caller hears a busy tone, if nothing was heard yet. */
export type HangUpReason = "normal" | "unknown_number" | "busy";
