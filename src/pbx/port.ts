import type { Effect } from "../core/effects.ts";
import type { PbxEvent } from "../core/events.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { Announcement } from "../core/hotlines.ts";

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
  status(): PbxStatus;
};

export type PbxStatus = {
  readonly connected: boolean;
  /** Asterisk's version, once known. */
  readonly version: string | null;
};

/** What the adapter asks of the daemon. */
export type PbxSurroundings = {
  /** Takes a fact; must only enqueue. */
  readonly tell: (event: PbxEvent) => void;
  /** The PJSIP endpoint an agent's phone registers as; null when there is none. */
  readonly endpointOf: (agent: AgentId) => string | null;
  readonly agentOf: (endpoint: string) => AgentId | null;
  /** What Asterisk is to play, for example `sound:/path/without/ending`. */
  readonly mediaOf: (hotline: HotlineId, announcement: Announcement) => string;
};
