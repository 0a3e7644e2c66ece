import type { Phone } from "../../src/core/agents.ts";
import type { DialCode } from "../../src/core/events.ts";
import type { AgentId, BridgeId, CallId, ChannelId, LegId, PlaybackId } from "../../src/core/ids.ts";
import type { Chance } from "./chance.ts";

/** What Asterisk says on its socket, as far as it concerns us. */
export type Sight =
  | {
      readonly kind: "caller_arrived";
      readonly call: CallId;
      readonly number: string;
      readonly from: string | null;
    }
  | { readonly kind: "caller_gone"; readonly call: CallId }
  | { readonly kind: "leg_ringing"; readonly leg: LegId }
  | { readonly kind: "leg_answered"; readonly leg: LegId }
  | {
      readonly kind: "leg_gone";
      readonly leg: LegId;
      readonly cause: number;
      readonly sipCode: number | null;
    }
  | { readonly kind: "both_in"; readonly bridge: BridgeId; readonly call: CallId }
  | { readonly kind: "playback_finished"; readonly call: CallId; readonly playback: PlaybackId }
  | { readonly kind: "phone"; readonly agent: AgentId; readonly phone: Phone }
  | {
      readonly kind: "code";
      readonly agent: AgentId;
      readonly channel: ChannelId;
      readonly code: DialCode;
    };

/** Of one call, either the caller's end or the agents' may be lost: were it both, nobody would ever hear of it. */
export function mayBeLost(sight: Sight, chance: Chance): boolean {
  switch (sight.kind) {
    case "caller_arrived":
    case "phone":
    case "code":
      return false;
    case "caller_gone":
      return chance.happens(`which end is lost ${sight.call}`, 0.5);
    case "leg_gone":
      return !chance.happens(`which end is lost ${sight.leg.split("~")[0]}`, 0.5);
    default:
      return true;
  }
}

/** What a sight is about, as far as its order matters. */
export function channelOf(sight: Sight): string {
  if ("leg" in sight) return sight.leg;
  return "call" in sight ? sight.call : sight.agent;
}
