import type { Phone } from "../../core/agents.ts";
import type { DialCode } from "../../core/events.ts";
import {
  type BridgeId,
  type CallId,
  type ChannelId,
  type LegId,
  type PlaybackId,
  parseLegId,
} from "../../core/ids.ts";
import type { WallMs } from "../../core/time.ts";
import type { AriChannel, AriEndpoint, AriEvent, AriPlayback } from "./types.ts";

/** What an event from Asterisk means here. Pure; who is known and what follows is decided in switchboard.ts. */
export type Sighting =
  | { readonly kind: "caller_arrived"; readonly caller: Caller }
  | { readonly kind: "leg_ringing"; readonly leg: LegId }
  | { readonly kind: "leg_answered"; readonly leg: LegId }
  /** `endpoint`: the phone it was dialled with; null when that is no SIP phone. */
  | {
      readonly kind: "code_dialled";
      readonly channel: ChannelId;
      readonly endpoint: string | null;
      readonly code: DialCode;
    }
  /** A channel in our application that neither called us nor was called by us. */
  | { readonly kind: "stranger"; readonly channel: string; readonly replaces: string | null }
  | { readonly kind: "left_app"; readonly channel: string }
  | {
      readonly kind: "channel_gone";
      readonly channel: string;
      /** Q.850 */
      readonly cause: number;
      readonly sipCode: number | null;
    }
  | { readonly kind: "entered_bridge"; readonly bridge: BridgeId; readonly channel: string }
  | {
      readonly kind: "playback_finished";
      readonly call: CallId;
      readonly playback: PlaybackId;
      readonly failed: boolean;
    }
  /** A phone that was called for an announcement, see studio.ts. */
  | { readonly kind: "studio_answered"; readonly channel: ChannelId }
  | { readonly kind: "recording_over"; readonly channel: string }
  /**
   * `asked`: Asterisk has asked the phone for a sign of life, or it has gone. `answers`: it has just given one, perhaps from another place
   * than before: who registers anew without having left was online all the time.
   */
  | {
      readonly kind: "phone";
      readonly endpoint: string;
      readonly phone: Phone;
      readonly asked: boolean;
      readonly answers: boolean;
    }
  | { readonly kind: "transferred"; readonly channel: string }
  | { readonly kind: "replaced" }
  | { readonly kind: "nothing" };

export type Caller = {
  readonly call: CallId;
  readonly number: string;
  readonly from: string | null;
  readonly arrivedMs: WallMs;
  readonly answered: boolean;
};

const codes: readonly DialCode[] = ["login", "pause", "wrap_up"];

const nothing: Sighting = { kind: "nothing" };

export function sightingOf(event: AriEvent): Sighting {
  switch (event.type) {
    case "StasisStart":
      return arrival(event.channel, event.args, event.replace_channel ?? null);
    case "StasisEnd":
      return { kind: "left_app", channel: event.channel.id };
    case "ChannelStateChange":
      return event.channel.state === "Ringing" ? ringing(event.channel.id) : nothing;
    // A phone that answers with 183 instead of 180 shows only here.
    case "Dial":
      return event.dialstatus === "RINGING" || event.dialstatus === "PROGRESS"
        ? ringing(event.peer.id)
        : nothing;
    case "ChannelDestroyed":
      return {
        kind: "channel_gone",
        channel: event.channel.id,
        cause: event.cause,
        sipCode: event.tech_cause || null,
      };
    case "PlaybackFinished":
      return playbackEnd(event.playback);
    case "RecordingFinished":
    case "RecordingFailed":
      return { kind: "recording_over", channel: splitOnce(event.recording.target_uri, ":")[1] };
    case "ChannelEnteredBridge":
      return { kind: "entered_bridge", bridge: event.bridge.id as BridgeId, channel: event.channel.id };
    case "EndpointStateChange":
      return phoneSeen(event.endpoint, event.endpoint.state === "online", false);
    case "ContactStatusChange": {
      const status = event.contact_info.contact_status;
      return status === "NonQualified" ? nothing : phoneSeen(event.endpoint, true, status === "Reachable");
    }
    case "BridgeBlindTransfer":
      return { kind: "transferred", channel: event.channel.id };
    case "BridgeAttendedTransfer":
      return { kind: "transferred", channel: event.transferer_first_leg.id };
    case "ApplicationReplaced":
      return { kind: "replaced" };
    default:
      // Types that nobody asked for, or that this Asterisk has and we do not know.
      return nothing;
  }
}

function arrival(channel: AriChannel, args: readonly string[], replaces: AriChannel | null): Sighting {
  if (parseLegId(channel.id)) return { kind: "leg_answered", leg: channel.id as LegId };
  if (isStudio(channel.id)) return { kind: "studio_answered", channel: channel.id };
  if (args[0] === "arrived" && !replaces)
    return { kind: "caller_arrived", caller: callerOf(channel, args[1] === "restricted") };
  const code = codes.find((one) => one === args[1]);
  if (args[0] === "code" && code && !replaces)
    return {
      kind: "code_dialled",
      channel: channel.id as ChannelId,
      endpoint: phoneOfChannel(channel.name),
      code,
    };
  return { kind: "stranger", channel: channel.id, replaces: replaces?.id ?? null };
}

/** Of PJSIP/NAME-0000001f. Null: no SIP phone's. */
export function phoneOfChannel(name: string): string | null {
  return /^PJSIP\/(.+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? null;
}

function ringing(channel: string): Sighting {
  return parseLegId(channel) ? { kind: "leg_ringing", leg: channel as LegId } : nothing;
}

function playbackEnd({ id, target_uri, state }: AriPlayback): Sighting {
  const [kind, call] = splitOnce(target_uri, ":");
  if (kind !== "channel" || !call) return nothing;
  return {
    kind: "playback_finished",
    call: call as CallId,
    playback: id as PlaybackId,
    failed: state === "failed",
  };
}

function phoneSeen(endpoint: AriEndpoint, asked: boolean, answers: boolean): Sighting {
  if (endpoint.technology !== "PJSIP") return nothing;
  return { kind: "phone", endpoint: endpoint.resource, phone: phoneOf(endpoint), asked, answers };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `restricted`: the caller wants to stay anonymous; the dialplan has erased the number, and it is not looked at. */
function callerOf(channel: AriChannel, restricted: boolean): Caller {
  return {
    call: channel.id as CallId,
    number: channel.dialplan.exten,
    from: restricted ? null : callerNumber(channel.caller.number),
    // Over whatever the call has been through since.
    arrivedMs: Date.parse(channel.creationtime) as WallMs,
    answered: channel.state === "Up",
  };
}

/** The caller's number, or null where there is none that means anything. */
export function callerNumber(number: string): string | null {
  const cleaned = number
    .replace(/[\p{Cc}"<>\\;]/gu, "")
    .trim()
    .slice(0, 80);
  if (cleaned === "" || /^(anonymous|unknown|unavailable|restricted|private|asterisk)$/i.test(cleaned))
    return null;
  return cleaned;
}

/** Online also means: registered, and not asked for a sign of life yet. Calls that are not ours make it busy. */
export function phoneOf(endpoint: Pick<AriEndpoint, "state" | "channel_ids">): Phone {
  switch (endpoint.state) {
    case "online":
      return endpoint.channel_ids.some((id) => !parseLegId(id)) ? "in_use" : "reachable";
    case "offline":
      return "unreachable";
    default:
      return "unknown";
  }
}

/** A channel of a caller who is with us now (not one who was handed to the fallback), else null. */
export function callerIn(channel: AriChannel, app: string): Caller | null {
  const { app_name, app_data } = channel.dialplan;
  const [inApp, kind, presentation] = (app_data ?? "").split(",");
  if (app_name !== "Stasis" || inApp !== app || kind !== "arrived" || parseLegId(channel.id)) return null;
  return callerOf(channel, presentation === "restricted");
}

/** Whether Asterisk's own fallback has the channel (asterisk-config/extensions.conf); not so who is just hanging up. */
export const isInFallback = ({ dialplan }: Pick<AriChannel, "dialplan">): boolean =>
  /^(away|fallback)/.test(dialplan.context);

/** Whether an agent dials a code there. */
export function isCode({ id, dialplan }: AriChannel, app: string): boolean {
  return dialplan.app_name === "Stasis" && !!dialplan.app_data?.startsWith(`${app},code,`) && !parseLegId(id);
}

/** How the channels are called that are made to hear or speak announcements. */
export const studioPrefix = "studio~";

export const isStudio = (id: string): id is ChannelId => id.startsWith(studioPrefix);

/**
 * A channel that we made to ring an agent or somebody outside, else null. Dialled but not ringing yet counts as ringing; so does
 * who was picked up while we were away, and comes to us in a moment: nothing can be done with a channel before that.
 */
export function legIn({ id, state, dialplan }: AriChannel): { leg: LegId; state: "ringing" | "up" } | null {
  if (!parseLegId(id)) return null;
  const isHere = state === "Up" && dialplan.app_name === "Stasis";
  return { leg: id as LegId, state: isHere ? "up" : "ringing" };
}
