import type { Agent } from "../core/agents.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { Call, EndedBy, EndReason, Outcome } from "../core/calls.ts";
import type { Desk } from "../core/desks.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { BrokenPart } from "../core/hours/restore.ts";
import type { AgentId, CallId, HotlineId } from "../core/ids.ts";
import type { NumberRow } from "../core/state.ts";
import type { Changes } from "../core/step.ts";
import type { StoryLine } from "../core/story.ts";
import type { DurationMs, MonotonicMs, WallMs } from "../core/time.ts";
import type { AuditEntry } from "./audit.ts";

/** A moment by both clocks. Monotonic times of different boot ids cannot be compared. */
export type Clock = {
  readonly bootId: string;
  readonly monotonicMs: MonotonicMs;
  readonly wallMs: WallMs;
};

/** What one turn of the loop leaves to be written: all of it or nothing. */
export type Batch = {
  readonly changes: Changes;
  /** Lines about calls make the record; those about agents are not stored. */
  readonly story: readonly StoryLine[];
  readonly clock: Clock;
  /** True: the promise is kept only when a power cut cannot undo it any more. */
  readonly durable: boolean;
  readonly extra?: Extra;
};

/** Rows the core does not know. Put in place of those there are; an agent's and a hotline's go with it. */
export type Extra = {
  readonly credentials?: readonly Credential[];
  readonly announcements?: readonly AnnouncementRow[];
  /** Those that have the built-in text again. */
  readonly announcementsRemoved?: readonly AnnouncementKey[];
  readonly audit?: readonly AuditEntry[];
};

export type AnnouncementKey = Pick<AnnouncementRow, "hotline" | "name">;

/** What an agent's phone registers with. */
export type Credential = {
  readonly agent: AgentId;
  readonly username: string;
  readonly password: string;
};

/** Parts of a hotline's opening hours that cannot be used as they stand in the database; others are in their place. */
export type BrokenHours = { readonly hotline: HotlineId; readonly parts: readonly BrokenPart[] };

/** What stands in the database for a live call, and why that can be none. */
export type BrokenCall = { readonly id: CallId; readonly text: string; readonly why: string };

/** All that is needed at a start. */
export type Loaded = {
  readonly hotlines: readonly Hotline[];
  readonly brokenHours: readonly BrokenHours[];
  readonly numbers: readonly NumberRow[];
  readonly desks: readonly Desk[];
  readonly agents: readonly Agent[];
  readonly calls: readonly Call[];
  /** Live calls of which nothing can be used. */
  readonly brokenCalls: readonly BrokenCall[];
  readonly credentials: readonly Credential[];
  readonly announcements: readonly AnnouncementRow[];
  /** The number of the newest administrator's change; 0: none yet. */
  readonly lastChange: number;
  /** Of the last change written; null: nothing was ever written. */
  readonly clock: Clock | null;
};

export type CallRecord = {
  readonly id: CallId;
  /** Where it arrived, and where it counts. Null: the number dialled leads to no hotline. */
  readonly hotline: HotlineId | null;
  /** Null: anonymous, or erased. */
  readonly from: string | null;
  readonly arrivedAtMs: WallMs;
  /** Null: the call is running. */
  readonly outcome: Outcome | null;
  readonly endedBy: EndedBy | null;
  /** Why a caller was let go who had been admitted; null in all other cases. */
  readonly reason: EndReason | null;
  /** Null: still waiting. */
  readonly waitMs: DurationMs | null;
  /** Null: the conversation, if there was one, is not over. */
  readonly talkMs: DurationMs | null;
  /** Who talks or talked to the caller; null also when that is somebody outside. */
  readonly agent: AgentId | null;
  /** The hotline for which that agent answered. */
  readonly servedBy: HotlineId | null;
  /** The number outside where somebody talks or talked to the caller. */
  readonly forwardedTo: string | null;
  /** Ended, or was in Asterisk's hands alone, while the daemon was away; known from Asterisk's notes. */
  readonly whileAway: boolean;
};

export type CallEvent = {
  readonly atMs: WallMs;
  readonly what: string;
  /** What the story line says beside `what`. */
  readonly detail: Readonly<Record<string, unknown>>;
};

export type CallWithEvents = CallRecord & { readonly events: readonly CallEvent[] };

/** Which calls to list, newest first. */
export type CallsWanted = {
  /** At most 10 000. */
  readonly limit: number;
  /** Only calls that arrived at this moment or later. */
  readonly since?: WallMs;
};
