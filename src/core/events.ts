import type { AgentSettings, Membership, Phone } from "./agents.ts";
import type { Call } from "./calls.ts";
import type { Capacity } from "./capacity.ts";
import type { Hotline } from "./hotlines.ts";
import type { HoursChange } from "./hours/change.ts";
import type { HoursBasis } from "./hours-basis.ts";
import type {
  AgentId,
  BridgeId,
  CallId,
  ChannelId,
  HotlineId,
  LegId,
  PbxRun,
  PlaceId,
  PlaybackId,
} from "./ids.ts";
import type { NumberRow } from "./state.ts";
import type { DurationMs, WallMs } from "./time.ts";

/** Facts, in the past tense. What an administrator asks for is a fact too: it was asked for. */
export type Event = PbxEvent | AdminEvent | LoopEvent;

export type PbxEvent =
  | {
      readonly type: "call_arrived";
      readonly call: CallId;
      readonly number: string;
      readonly from: string | null;
      /** When the caller's channel came to be; left out: just now. */
      readonly arrivedMs?: WallMs;
    }
  /**
   * The caller's channel is gone, whoever ended it. `endedMs`: when, if nobody watched; left out: just now. `wasJoined`: nobody
   * watched, and the caller had been put together with somebody.
   */
  | {
      readonly type: "caller_left";
      readonly call: CallId;
      readonly endedMs?: WallMs;
      readonly wasJoined?: boolean;
    }
  /** The caller's channel is alive and not in our hands any more: Asterisk's own fallback has it, and may give it back. */
  | { readonly type: "caller_elsewhere"; readonly call: CallId }
  /** A call is over that nobody watched, and which the core may never have heard of. */
  | FoundOver
  | { readonly type: "playback_finished"; readonly call: CallId; readonly playback: PlaybackId }
  /** The agent's phone rings. */
  | { readonly type: "leg_ringing"; readonly leg: LegId }
  /** The agent has picked up. */
  | { readonly type: "leg_answered"; readonly leg: LegId }
  /** The agent's channel is gone. `cause` is Q.850, `sipCode` the final answer of the phone where known. */
  | {
      readonly type: "leg_ended";
      readonly leg: LegId;
      readonly cause: number;
      readonly sipCode: number | null;
      readonly endedMs?: WallMs;
      readonly wasJoined?: boolean;
    }
  /** Caller and agent are both in the bridge. */
  | { readonly type: "connected"; readonly call: CallId; readonly bridge: BridgeId }
  | {
      readonly type: "connect_failed";
      readonly call: CallId;
      readonly bridge: BridgeId;
      readonly why: string;
    }
  | { readonly type: "phone_changed"; readonly agent: AgentId; readonly phone: Phone }
  /** An agent has dialled a code on the phone and hears what came of it on that channel. */
  | {
      readonly type: "code_dialled";
      readonly agent: AgentId;
      readonly channel: ChannelId;
      readonly code: DialCode;
    }
  | { readonly type: "pbx_lost" }
  /** The connection to Asterisk stands, and this is all that is alive in it. */
  | {
      readonly type: "pbx_snapshot";
      /** The same as before: only the connection was broken. Another one: Asterisk has died and was started anew. */
      readonly run: PbxRun;
      readonly callers: readonly {
        readonly call: CallId;
        readonly number: string;
        readonly from: string | null;
        readonly arrivedMs?: WallMs;
      }[];
      readonly legs: readonly { readonly leg: LegId; readonly state: "ringing" | "up" }[];
      /** Who of them are in one bridge: they talk. Without a leg: the caller is alone there, so the other side has been and gone. */
      readonly talks: readonly Talk[];
      readonly phones: readonly { readonly agent: AgentId; readonly phone: Phone }[];
      /** Channels that are alive and not in our hands: Asterisk's own fallback may have a caller whom we know. Left out: none. */
      readonly elsewhere?: readonly string[];
    };

/**
 * How far a call came while the daemon was away, by the dialplan's notes.
 *
 * handed_over  it was in our hands: nobody there to look at it, perhaps
 * waiting      waited in the dialplan for the daemon
 * closed       was told that the hotline is closed
 * people       Asterisk's own queue rang agents
 * nobody       nobody was logged in, or no phone was there
 * too_long     has waited as long as anybody may
 * failed       the dialplan did not know what to do with it, or the daemon had given it up
 * lost         Asterisk was killed; nothing but its arrival was noted
 */
export const waysWhileAway = [
  "handed_over",
  "waiting",
  "closed",
  "people",
  "nobody",
  "too_long",
  "failed",
  "lost",
] as const;
export type WayWhileAway = (typeof waysWhileAway)[number];

export type FoundOver = {
  readonly type: "call_found_over";
  readonly call: CallId;
  readonly number: string;
  readonly from: string | null;
  readonly arrivedMs: WallMs;
  readonly endedMs: WallMs;
  readonly reached: WayWhileAway;
  readonly wasJoined: boolean;
  /** Who hung up first: the caller, or the other end of the line. */
  readonly endedBy: "caller" | "other";
  /** An agent whom Asterisk's own queue rang has picked up. */
  readonly talk: { readonly agent: AgentId; readonly sinceMs: WallMs } | null;
};

/** A caller in a bridge of ours. The other side is put into it first. */
export type Talk = { readonly call: CallId; readonly leg: LegId | null; readonly bridge: BridgeId };

/** login: in or out. pause: begin or end. wrap_up: end it. */
export type DialCode = "login" | "pause" | "wrap_up";

export type NewAgent = {
  readonly agent: AgentId;
  readonly name: string;
  readonly memberships: readonly Membership[];
};

export type AdminEvent =
  | { readonly type: "hotline_added"; readonly hotline: Hotline }
  | { readonly type: "hotline_removed"; readonly hotline: HotlineId }
  | {
      readonly type: "hotline_changed";
      readonly hotline: HotlineId;
      readonly settings: Partial<Omit<Hotline, "id" | "schedule">>;
    }
  /** Also moves a number from one hotline to another. */
  | {
      readonly type: "number_set";
      readonly number: string;
      readonly hotline: HotlineId;
      /** Skills an agent needs for callers who dial this number. */
      readonly requires: readonly string[];
    }
  | { readonly type: "number_removed"; readonly number: string }
  | ({ readonly type: "agent_added" } & NewAgent)
  /** All of them or none. */
  | { readonly type: "agents_added"; readonly agents: readonly NewAgent[] }
  | { readonly type: "agent_removed"; readonly agent: AgentId }
  /** From now on serves the hotline like this; other hotlines stay as they are. */
  | { readonly type: "agent_assigned"; readonly agent: AgentId; readonly membership: Membership }
  | { readonly type: "agent_unassigned"; readonly agent: AgentId; readonly hotline: HotlineId }
  | { readonly type: "login_asked"; readonly agent: AgentId }
  | { readonly type: "logout_asked"; readonly agent: AgentId }
  | { readonly type: "pause_asked"; readonly agent: AgentId; readonly reason: string | null }
  | { readonly type: "resume_asked"; readonly agent: AgentId }
  | { readonly type: "wrap_up_end_asked"; readonly agent: AgentId }
  | { readonly type: "wrap_up_extend_asked"; readonly agent: AgentId; readonly byMs: DurationMs }
  | {
      readonly type: "hours_changed";
      readonly hotline: HotlineId;
      readonly change: HoursChange;
      /** Of a closing: those who wait hear of it at once; else they are served for `closingGraceMs`. */
      readonly releaseWaiting: boolean;
      /** What was looked at before the change was asked for; refused when it is other by now. */
      readonly expected?: HoursBasis;
    }
  /** From now on open when another hotline is; null: by hours of its own again. Ad-hoc stays its own. */
  | {
      readonly type: "hours_shared";
      readonly hotline: HotlineId;
      readonly with: HotlineId | null;
      readonly expected?: HoursBasis;
    }
  /** What is heard is not the core's; that there is such a hotline is. */
  | { readonly type: "announcement_set"; readonly hotline: HotlineId }
  | ({ readonly type: "rows_put_back" } & PutBack)
  /** With every row there was when it was compared with the document, those that stay too. */
  | ({ readonly type: "document_applied" } & PutBack);

/** Rows to be as they were once, all or none. */
export type PutBack = {
  readonly hotlines: readonly Replacement<HotlineId, Hotline>[];
  readonly numbers: readonly Replacement<string, NumberRow>[];
  readonly agents: readonly Replacement<AgentId, AgentSettings>[];
};

export type Replacement<Id, Row> = {
  readonly id: Id;
  /** What must be there now, or nothing is done; null: no such row. */
  readonly expected: Row | null;
  /** Null: the row is removed. */
  readonly row: Row | null;
};

export type LoopEvent =
  /** Chance for the strategy `random`: a whole number below 2^32, drawn at each start. */
  | { readonly type: "seeded"; readonly seed: number }
  /** How much the machine can do, as `hotline.yaml` says. */
  | { readonly type: "capacity_set"; readonly capacity: Capacity }
  /** A deadline that nextDeadline() named has come. */
  | { readonly type: "deadline_passed"; readonly of: DeadlineOf }
  /** Time went on without us: the machine was suspended, or we were stopped, or the clock on the wall was set. */
  | { readonly type: "stood_still" }
  /** At a start, before Asterisk was asked: what is known of this call is not trusted, see crash-loop.ts. */
  | ({ readonly type: "call_set_aside" } & SetAside)
  /** A step threw; the call it was about goes to the fallback, everybody else's goes on. */
  | { readonly type: "fault_found"; readonly in: FaultIn; readonly why: string };

export type SetAside = {
  readonly call: CallId;
  /** What the record has of it; null: nothing that can be used. */
  readonly row: Call | null;
  /** open: it has no outcome yet. none: no such call. */
  readonly record: "open" | "decided" | "none";
  /** What becomes of a caller who is still there and does not talk. */
  readonly caller: "taken_anew" | "to_fallback";
  readonly why: string;
};

export type DeadlineOf =
  | { readonly kind: "call"; readonly id: CallId }
  | { readonly kind: "agent"; readonly id: AgentId }
  | { readonly kind: "hotline"; readonly id: HotlineId }
  | { readonly kind: "old_place"; readonly id: PlaceId };

export type FaultIn =
  | { readonly kind: "call"; readonly id: CallId }
  | { readonly kind: "agent"; readonly id: AgentId };
