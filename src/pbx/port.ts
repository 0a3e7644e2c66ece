import type { Confirmation, Effect } from "../core/effects.ts";
import type { PbxEvent } from "../core/events.ts";
import type { Announcement, Spoken } from "../core/hotlines.ts";
import type { AgentId, CallId, HotlineId } from "../core/ids.ts";

/**
 * What the loop knows of Asterisk: orders go in, facts come out. An order never throws and is never waited for; what
 * became of it comes back as an event.
 */
export type Pbx = {
  /** Begins to connect, and goes on for ever until stop(). */
  start(): void;
  /** Ends the connections, leaves all calls alone. Resolves when the orders under way are through. */
  stop(): Promise<void>;
  /** Carries out an order. Those about one call run in their order, others beside them. */
  carryOut(effect: Effect): void;
  /** Resolves when the orders so far are through. */
  ordersDone(): Promise<void>;
  status(): PbxStatus;
  /** A closer look at Asterisk; null when it cannot be asked. */
  examine(): Promise<PbxFindings | null>;
  /** Has Asterisk read the files of the agents' phones and their numbers. Resolves when it has; rejects when it cannot be reached. */
  reloadPhones(): Promise<void>;
  /** Has Asterisk read what it does while we are away. Resolves when it has; rejects when it cannot be reached. */
  reloadFallback(): Promise<void>;
  /**
   * Calls an agent's phone, which has nothing to do with callers, and plays something to it. Resolves when it was heard, or
   * cut off by hanging up. Throws StudioError, with a sentence for the administrator.
   */
  playToPhone(call: StudioCall): Promise<"to_end" | "cut_off">;
  /**
   * Likewise, and records what is spoken after what is played, until `#` or the end of the call. Resolves with the file's
   * name in Asterisk's folder of recordings. Throws StudioError.
   */
  recordFromPhone(call: StudioCall, longestMs: number): Promise<string>;
  /** Ends such calls. */
  stopStudio(): void;
  /** Makes Asterisk forget where a removed agent's phone was registered. */
  forgetContacts(endpoint: string): Promise<void>;
};

export type StudioCall = {
  readonly agent: AgentId;
  /** What the phone shows. */
  readonly shows: string;
  /** One or more sounds after each other: `sound:/a,sound:/b`. */
  readonly media: string;
};

export type PbxStatus = {
  readonly connected: boolean;
  /** Whether AMI is connected too. Calls do not depend on it; security events and removing phones do. */
  readonly amiConnected: boolean;
  /** Requests to Asterisk that wait for their turn. */
  readonly requestsWaiting: number;
  /** Asterisk's version, once known. */
  readonly version: string | null;
};

export type PbxFindings = {
  /** The modules that run, such as `res_pjsip.so`. */
  readonly modules: string[];
  /** Whether the other side can be reached, as far as Asterisk asks it; `none`: there is no trunk. */
  readonly trunk: "online" | "offline" | "unknown" | "none";
};

/** The last thing, and how many announcements there were so far: they are named by that. */
export type LastHeard = { readonly kind: "announcement" | "music"; readonly playbacks: number };

/** What the adapter asks of the daemon. */
export type PbxSurroundings = {
  /** Takes a fact; must only enqueue. */
  readonly tell: (event: PbxEvent) => void;
  /** The PJSIP endpoint an agent's phone registers as; null when there is none. */
  readonly endpointOf: (agent: AgentId) => string | null;
  readonly agentOf: (endpoint: string) => AgentId | null;
  /** What Asterisk is to play to that caller, for example `sound:/path/without/ending`. */
  readonly mediaOf: (
    call: CallId,
    hotline: HotlineId,
    announcement: Announcement,
    spoken: Spoken | null,
  ) => string;
  /** What a caller of an earlier daemon was given to hear, as far as it is on record. */
  readonly lastHeard: (call: CallId) => LastHeard | null;
  /** A connection is away (a line for the sysadmin), or is back (null). */
  readonly onTrouble: (connection: "asterisk" | "ami", message: string | null) => void;
  /** What an agent hears who has dialled a code. */
  readonly confirmationMedia: (confirmation: Confirmation) => string;
  /** Whether this caller or leg is alive as far as the core knows. */
  readonly isKnown: (channel: string) => boolean;
  /** Those of these calls whose end is in the record; null: not to be known now. */
  readonly onRecord: (calls: readonly CallId[]) => Promise<ReadonlySet<CallId> | null>;
  /** Asterisk's notes of ended calls make trouble: what a sysadmin must know; null: no more. */
  readonly spoolTrouble: (message: string | null) => void;
};
