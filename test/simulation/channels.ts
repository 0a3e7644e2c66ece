import type { AgentId, BridgeId, CallId, LegId, PlaybackId } from "../../src/core/ids.ts";
import type { WallMs } from "../../src/core/time.ts";
import type { CallerPlan } from "./moves.ts";

/** Channels as they truly are in Asterisk, changed in place. */

export type Caller = {
  readonly plan: CallerPlan;
  readonly arrivedMs: WallMs;
  /** Handed to the dialplan: no longer ours. */
  inApp: boolean;
  hears: PlaybackId | "music" | null;
  bridge: BridgeId | null;
  leaving: boolean;
  hasTalked: boolean;
};

export type Leg = {
  readonly id: LegId;
  /** Null: a number outside. */
  readonly agent: AgentId | null;
  readonly call: CallId;
  state: "dialing" | "ringing" | "up";
  bridge: BridgeId | null;
  ending: boolean;
  /** Made by a request that was still on its way when the connection broke: nobody could know of it. */
  readonly isStray: boolean;
};

/** Whoever wants to know what is true, whatever the daemon believes. */
export type Witness = {
  readonly note: (line: string) => void;
  readonly violated: (rule: string, detail: string) => void;
};
