/*
 * What is used of Asterisk 22's ARI, written by hand after its rest-api/*.json and what was seen on the wire. Fields that
 * are not read are left out.
 */

export type AriChannel = {
  readonly id: string;
  /** For example PJSIP/trunk-00000001. */
  readonly name: string;
  /** Down, Rsrvd, OffHook, Dialing, Ring, Ringing, Up, Busy … */
  readonly state: string;
  /** ISO 8601 with milliseconds, always with the same offset. */
  readonly creationtime: string;
  readonly caller: { readonly name: string; readonly number: string };
  readonly dialplan: {
    readonly context: string;
    readonly exten: string;
    readonly app_name?: string;
    readonly app_data?: string;
  };
};

export type AriBridge = { readonly id: string; readonly channels: readonly string[] };

export type AriPlayback = {
  readonly id: string;
  /** channel:ID or bridge:ID */
  readonly target_uri: string;
  readonly state: string;
};

export type AriEndpoint = {
  readonly technology: string;
  readonly resource: string;
  /** `online` also for contacts that are not qualified. */
  readonly state?: "unknown" | "offline" | "online";
  readonly channel_ids: readonly string[];
};

type Of<Type extends string, Fields> = { readonly type: Type } & Readonly<Fields>;

export type AriEvent =
  | Of<"StasisStart", { channel: AriChannel; args: readonly string[]; replace_channel?: AriChannel }>
  | Of<"StasisEnd", { channel: AriChannel }>
  | Of<"ChannelStateChange", { channel: AriChannel }>
  /** `tech_cause` is the SIP code, where there was one. */
  | Of<"ChannelDestroyed", { channel: AriChannel; cause: number; tech_cause?: number }>
  | Of<"Dial", { peer: AriChannel; dialstatus: string }>
  | Of<"PlaybackFinished", { playback: AriPlayback }>
  | Of<"RecordingFinished" | "RecordingFailed", { recording: { readonly target_uri: string } }>
  | Of<"ChannelEnteredBridge", { channel: AriChannel; bridge: AriBridge }>
  | Of<"EndpointStateChange", { endpoint: AriEndpoint }>
  /** NonQualified, Reachable, Unreachable, Removed … */
  | Of<"ContactStatusChange", { endpoint: AriEndpoint; contact_info: { readonly contact_status: string } }>
  | Of<"BridgeBlindTransfer", { channel: AriChannel }>
  | Of<"BridgeAttendedTransfer", { transferer_first_leg: AriChannel }>
  | Of<"ApplicationReplaced", { application: string }>;

/** All events that are asked for; a filter keeps the others from being sent. */
export const eventTypes: readonly AriEvent["type"][] = [
  "StasisStart",
  "StasisEnd",
  "ChannelStateChange",
  "ChannelDestroyed",
  "Dial",
  "PlaybackFinished",
  "RecordingFinished",
  "RecordingFailed",
  "ChannelEnteredBridge",
  "EndpointStateChange",
  "ContactStatusChange",
  "BridgeBlindTransfer",
  "BridgeAttendedTransfer",
  "ApplicationReplaced",
];
