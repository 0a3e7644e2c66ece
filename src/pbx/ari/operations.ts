import type { Client, Operation } from "ari-client";
import type { BridgeId, CallId, ChannelId, LegId, PlaybackId } from "../../core/ids.ts";
import { type Log, reasonOf } from "../log.ts";
import { AriError, isAriError } from "./errors.ts";
import type { AriBridge, AriChannel, AriEndpoint, AriPlayback } from "./types.ts";

/** Any channel of ours. */
export type AnyChannel = CallId | LegId | ChannelId;

export type Origination = {
  readonly leg: LegId;
  /** PJSIP/NAME */
  readonly endpoint: string;
  /** The channel whose formats are copied. */
  readonly originator: CallId;
  /** "NAME" <NUMBER> */
  readonly callerId: string;
  readonly timeoutSeconds: number;
};

export type PhoneCall = Pick<Origination, "endpoint" | "callerId" | "timeoutSeconds"> & {
  readonly channel: ChannelId;
};

/** The ending of the files that Asterisk records. */
export const recordingFormat = "wav16";

/**
 * The operations used, each with a time limit, one debug line and AriError as its only rejection. Get functions resolve to
 * null when there is no such thing. Once the connection `isOver` nothing is asked any more: what another Asterisk, started
 * meanwhile, says of an old channel would be taken for what became of it.
 */
export type Operations = ReturnType<typeof operationsOf>;

export function operationsOf(
  client: Client,
  app: string,
  timeoutMs: number,
  log: Log,
  isOver: () => boolean,
) {
  const ask = async (name: string, operation: Operation | undefined, parameters: Record<string, unknown>) => {
    const startedMs = performance.now();
    const fields = { operation: name, ...idsIn(parameters) };
    try {
      if (isOver()) throw new AriError("unavailable", "the connection to Asterisk was lost");
      if (!operation) throw new AriError("refused", `Asterisk has no operation ${name}`);
      const result = await withinTime(operation(parameters), timeoutMs);
      log.debug({ ...fields, tookMs: since(startedMs) }, "ARI request");
      return result;
    } catch (error) {
      const failure =
        isAriError(error) || error instanceof AriError
          ? error
          : new AriError("failed", reasonOf(error), null, error);
      const line = { ...fields, tookMs: since(startedMs), kind: failure.kind, why: failure.message };
      if (isOrdinary(failure)) log.debug(line, "ARI request");
      else
        log.warn(line, failure.kind === "timed_out" ? "Asterisk did not answer in time" : "Asterisk refused");
      throw failure;
    }
  };
  const { channels, bridges, playbacks, recordings, applications, endpoints, asterisk } = client;
  return {
    answer: (channelId: CallId | ChannelId) => ask("answer", channels.answer, { channelId }),
    play: (channelId: CallId | ChannelId, playbackId: PlaybackId, media: string) =>
      ask("play", channels.playWithId, { channelId, playbackId, media }),
    stopPlayback: (playbackId: PlaybackId) => ask("stop playback", playbacks.stop, { playbackId }),
    startMusic: (channelId: CallId) => ask("start music", channels.startMoh, { channelId }),
    stopMusic: (channelId: CallId) => ask("stop music", channels.stopMoh, { channelId }),
    originate: ({ leg, endpoint, originator, callerId, timeoutSeconds }: Origination) =>
      ask("originate", channels.originateWithId, {
        channelId: leg,
        endpoint,
        // Not the application itself: who picks up while it is away would be hung up at once.
        context: "offers",
        extension: "answered",
        priority: 1,
        originator,
        callerId,
        timeout: timeoutSeconds,
        // The dialplan notes its end, see asterisk-config/extensions.conf.
        variables: { variables: { "CHANNEL(hangup_handler_push)": "ended,leg,1" } },
      }),
    /** A call that is no caller's: a phone is rung so that something is played to it. */
    callPhone: ({ channel, endpoint, callerId, timeoutSeconds }: PhoneCall) =>
      ask("call phone", channels.originateWithId, {
        channelId: channel,
        endpoint,
        app,
        appArgs: "studio",
        formats: "g722,alaw,ulaw",
        callerId,
        timeout: timeoutSeconds,
      }),
    /** Until the channel is gone, `#` is pressed, or the time is over. */
    record: (channelId: ChannelId, name: string, maxDurationSeconds: number) =>
      ask("record", channels.record, {
        channelId,
        name,
        format: recordingFormat,
        maxDurationSeconds,
        ifExists: "fail",
        terminateOn: "#",
      }),
    /** What Asterisk knows of a finished recording; null when there is none. */
    storedRecording: (recordingName: string) =>
      orNull<object>(ask("get recording", recordings.getStored, { recordingName })),
    /** `cause` is Q.850; 26 tells the phone that somebody else has answered. */
    hangUp: (channelId: AnyChannel, cause: number) =>
      ask("hang up", channels.hangup, { channelId, reason_code: cause }),
    continueInDialplan: (channelId: CallId) =>
      ask("continue in dialplan", channels.continueInDialplan, { channelId }),
    createBridge: (bridgeId: BridgeId) =>
      ask("create bridge", bridges.createWithId, { bridgeId, type: "mixing" }),
    addChannel: (bridgeId: BridgeId, channel: CallId | LegId) =>
      ask("add channel", bridges.addChannel, { bridgeId, channel }),
    destroyBridge: (bridgeId: BridgeId) => ask("destroy bridge", bridges.destroy, { bridgeId }),
    channel: (channelId: AnyChannel) => orNull<AriChannel>(ask("get channel", channels.get, { channelId })),
    /** Null: the channel is gone. Empty: not set. */
    variable: async (channelId: AnyChannel, variable: string): Promise<string | null> =>
      (await orNull<{ value: string }>(ask("get variable", channels.getChannelVar, { channelId, variable })))
        ?.value ?? null,
    bridge: (bridgeId: BridgeId) => orNull<AriBridge>(ask("get bridge", bridges.get, { bridgeId })),
    playback: (playbackId: PlaybackId) =>
      orNull<AriPlayback>(ask("get playback", playbacks.get, { playbackId })),
    allChannels: () => ask("list channels", channels.list, {}) as Promise<readonly AriChannel[]>,
    allBridges: () => ask("list bridges", bridges.list, {}) as Promise<readonly AriBridge[]>,
    allPhones: () =>
      ask("list phones", endpoints.listByTech, { tech: "PJSIP" }) as Promise<readonly AriEndpoint[]>,
    allModules: () =>
      ask("list modules", asterisk.listModules, {}) as Promise<
        readonly { readonly name: string; readonly status: string }[]
      >,
    subscribe: (eventSource: string) =>
      ask("subscribe", applications.subscribe, { applicationName: app, eventSource }),
    /** Only these are sent from now on; holds as long as Asterisk knows the application. */
    allowEvents: (types: readonly string[]) =>
      ask("filter events", applications.filter, {
        applicationName: app,
        filter: { allowed: types.map((type) => ({ type })) },
      }),
    /** A global variable of the dialplan. */
    setGlobal: (variable: string, value: string) =>
      ask("set global variable", asterisk.setGlobalVar, { variable, value }),
    reloadModule: (moduleName: string) => ask("reload module", asterisk.reloadModule, { moduleName }),
    deleteContact: (id: string) =>
      ask("delete contact", asterisk.deleteObject, {
        configClass: "res_pjsip",
        objectType: "contact",
        id,
      }),
  };
}

/**
 * Somebody hung up, or left for the dialplan, while the request was on its way; or Asterisk is going, or the connection was cut, which is told once. Who asked
 * makes of it what is needed.
 */
const isOrdinary = (failure: AriError) =>
  isAriError(failure, "not_found", "no_contact", "not_in_app", "unavailable", "broken");

/** Ids may stand in the log, callers' numbers may not. */
function idsIn(parameters: Record<string, unknown>): object {
  const { channelId, channel, bridgeId, playbackId, moduleName, eventSource } = parameters;
  return { channelId, channel, bridgeId, playbackId, moduleName, eventSource };
}

/** The transport has a time limit; this one stands for what happens above it, in ari-client. */
function withinTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const error = new AriError("timed_out", "ari-client did not settle the request");
    const timer = setTimeout(() => reject(error), timeoutMs + 500);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function orNull<T>(asked: Promise<unknown>): Promise<T | null> {
  try {
    return (await asked) as T;
  } catch (error) {
    if (isAriError(error, "not_found")) return null;
    throw error;
  }
}

const since = (startedMs: number): number => Math.round((performance.now() - startedMs) * 10) / 10;
