import type { PbxEvent } from "../../core/events.ts";
import {
  type BridgeId,
  type CallId,
  type ChannelId,
  type LegId,
  type PlaybackId,
  playbackId,
} from "../../core/ids.ts";
import { unreachable } from "../../core/unreachable.ts";
import { type Log, shortened } from "../log.ts";
import type { LastHeard } from "../port.ts";
import { Joins } from "./joins.ts";
import type { Phones } from "./phones.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Caller, Sighting } from "./translate.ts";

/** A caller's channel as it stands in Asterisk. Changed in place by the orders about it. */
export type KnownCaller = {
  answered: boolean;
  hears:
    | { readonly kind: "nothing" }
    /** `inherited`: an earlier daemon was to start it, and this announcement may still be heard. */
    | { readonly kind: "music"; readonly inherited: PlaybackId | null }
    | { readonly kind: "playback"; readonly playbacks: readonly PlaybackId[] };
};

export type LegState = "requested" | "ringing" | "up";

/** How often and how fast the switchboard asks back; everything else it is told. */
export type SwitchboardLimits = {
  /** From ordering a conversation until both are in the bridge. */
  readonly joinTimeoutMs: number;
  /** A channel that left our application and whose end is not reported within this time is asked for. */
  readonly farewellMs: number;
};

/** What the switchboard cannot know and cannot do by itself. */
export type SwitchboardHelp = {
  readonly tell: (event: PbxEvent) => void;
  /** What a caller was given to hear last, by an earlier daemon; null when that is not known. */
  readonly lastHeard: (call: CallId) => LastHeard | null;
  /** Hang up a channel that nobody here knows, or whose business is over. */
  readonly hangUpOther: (channel: string) => void;
  /** A channel left our application a while ago: is it still with us? */
  readonly checkFarewell: (channel: CallId | LegId) => void;
  /** Both should be in the bridge by now, and we did not hear of it. */
  readonly checkJoin: (bridge: BridgeId, call: CallId, leg: LegId) => void;
  /** What an earlier daemon had left playing is over, and has ended the music. */
  readonly musicAgain: (call: CallId) => void;
  readonly replaced: () => void;
  /** A channel is gone that was not in our hands. */
  readonly otherGone: (channel: string) => void;
};

/** Without a record nobody says which announcement a caller hears that an earlier daemon started. It was one of the first. */
const firstPlaybacks = [1, 2, 3, 4];

/**
 * Who is in Asterisk right now, as far as we know. Takes what was seen there and tells the core what is new in it: Asterisk
 * tells everything at least once, and often twice.
 */
export class Switchboard {
  readonly callers = new Map<CallId, KnownCaller>();
  readonly legs = new Map<LegId, LegState>();
  /** Agents who have dialled a code. */
  readonly codes = new Set<ChannelId>();
  readonly joins: Joins;
  readonly #phones: Phones;
  readonly #help: SwitchboardHelp;
  readonly #log: Log;
  readonly #limits: SwitchboardLimits;
  readonly #farewells = new Map<string, NodeJS.Timeout>();
  /** Counts the snapshots: what was ordered before one may not be in it. */
  epoch = 0;

  constructor(phones: Phones, help: SwitchboardHelp, limits: SwitchboardLimits, log: Log) {
    this.#phones = phones;
    this.#help = help;
    this.#log = log;
    this.#limits = limits;
    this.joins = new Joins(
      limits.joinTimeoutMs,
      (bridge, { call }) => help.tell({ type: "connected", call, bridge }),
      (bridge, { call, leg }) => help.checkJoin(bridge, call, leg),
    );
  }

  /**
   * Starts over from what is alive. What callers hear is kept where it is known. Who has dialled a code is hung up: what came
   * of it is not known any more, and the agent dials again.
   */
  reset({ callers, legs, codes }: Pick<Snapshot, "callers" | "legs" | "codes">): void {
    this.epoch += 1;
    this.stop();
    const before = new Map(this.callers);
    this.callers.clear();
    for (const { call, answered } of callers) {
      const hears = before.get(call)?.hears ?? this.#inherited(call);
      this.callers.set(call, { answered, hears });
    }
    this.legs.clear();
    for (const { leg, state } of legs) this.legs.set(leg, state);
    this.codes.clear();
    for (const channel of codes) {
      this.codes.add(channel);
      this.#help.hangUpOther(channel);
    }
  }

  #inherited(call: CallId): KnownCaller["hears"] {
    const last = this.#help.lastHeard(call);
    if (last?.kind === "music") return { kind: "music", inherited: playbackId(call, last.playbacks) };
    // The next one: it may have been ordered before it was written down.
    const counts = last ? [last.playbacks, last.playbacks + 1] : firstPlaybacks;
    return { kind: "playback", playbacks: counts.map((count) => playbackId(call, count)) };
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.joins.dropAll();
    for (const timer of this.#farewells.values()) clearTimeout(timer);
    this.#farewells.clear();
  }

  take(sighting: Sighting): void {
    switch (sighting.kind) {
      case "caller_arrived":
        this.#callerArrived(sighting.caller);
        return;
      case "leg_ringing":
        this.#legRinging(sighting.leg);
        return;
      case "leg_answered":
        this.#legAnswered(sighting.leg);
        return;
      case "code_dialled":
        this.#codeDialled(sighting);
        return;
      case "stranger":
        this.#stranger(sighting);
        return;
      case "left_app":
        this.#leftApp(sighting.channel);
        return;
      case "channel_gone":
        this.#channelGone(sighting);
        return;
      case "entered_bridge":
        this.joins.entered(sighting.bridge, sighting.channel);
        return;
      case "playback_finished":
        this.#playbackFinished(sighting);
        return;
      case "phone":
        this.#phones.seen(sighting);
        return;
      case "transferred":
        this.#log.info({ channel: sighting.channel }, "a phone asks to transfer its call");
        return;
      case "replaced":
        this.#help.replaced();
        return;
      // Not ours, but the studio's.
      case "studio_answered":
      case "recording_over":
      case "nothing":
        return;
      default:
        unreachable(sighting);
    }
  }

  /** The caller is gone, or no longer ours. Told even when nobody here knew of the call: the core may. */
  callerGone(call: CallId): void {
    this.callers.delete(call);
    this.#forgetFarewell(call);
    this.#help.tell({ type: "caller_left", call });
  }

  /** Asterisk's fallback has the caller, who may come back. */
  callerElsewhere(call: CallId): void {
    this.callers.delete(call);
    this.#forgetFarewell(call);
    this.#help.tell({ type: "caller_elsewhere", call });
  }

  /** The agent's channel is gone. `cause` is Q.850; 0 where nobody knows. */
  legGone(leg: LegId, cause: number, sipCode: number | null): void {
    this.legs.delete(leg);
    this.#forgetFarewell(leg);
    this.#help.tell({ type: "leg_ended", leg, cause, sipCode });
  }

  #callerArrived({ call, number, from, arrivedMs, answered }: Caller): void {
    if (this.callers.has(call)) return;
    this.callers.set(call, { answered, hears: { kind: "nothing" } });
    this.#log.debug({ call, number, from: shortened(from) }, "a caller is here");
    this.#help.tell({ type: "call_arrived", call, number, from, arrivedMs });
  }

  #legRinging(leg: LegId): void {
    const state = this.legs.get(leg);
    if (state === undefined) this.#help.hangUpOther(leg);
    if (state !== "requested") return;
    this.legs.set(leg, "ringing");
    this.#help.tell({ type: "leg_ringing", leg });
  }

  #legAnswered(leg: LegId): void {
    const state = this.legs.get(leg);
    if (state === undefined) {
      this.#log.info({ leg }, "a phone has answered for an offer that is over");
      this.#help.hangUpOther(leg);
    } else if (state !== "up") {
      this.legs.set(leg, "up");
      this.#help.tell({ type: "leg_answered", leg });
    }
  }

  /** Who it was is said by the channel, never by the number that the phone gives. */
  #codeDialled({ channel, endpoint, code }: Extract<Sighting, { kind: "code_dialled" }>): void {
    if (this.codes.has(channel)) return;
    const agent = endpoint === null ? null : this.#phones.agentOf(endpoint);
    if (agent === null) {
      this.#log.warn({ channel, endpoint, code }, "a code was dialled with a phone that is no agent's");
      this.#help.hangUpOther(channel);
      return;
    }
    this.codes.add(channel);
    this.#help.tell({ type: "code_dialled", agent, channel, code });
  }

  #stranger({ channel, replaces }: { channel: string; replaces: string | null }): void {
    if (replaces) {
      // An attended transfer put another channel in the place of one of ours. Asterisk has joined the parties itself;
      // the end of the replaced channel is reported like any other.
      this.#log.warn({ channel, replaces }, "a channel has taken the place of another by a transfer");
      return;
    }
    this.#log.warn({ channel }, "a channel that nobody called for is hung up");
    this.#help.hangUpOther(channel);
  }

  #leftApp(channel: string): void {
    const id = channel as CallId & LegId;
    if (!this.callers.has(id) && !this.legs.has(id)) return;
    if (this.#farewells.has(channel)) return;
    const timer = setTimeout(() => {
      this.#farewells.delete(channel);
      if (this.callers.has(id) || this.legs.has(id)) this.#help.checkFarewell(id);
    }, this.#limits.farewellMs);
    this.#farewells.set(channel, timer);
  }

  #channelGone({ channel, cause, sipCode }: Extract<Sighting, { kind: "channel_gone" }>): void {
    if (this.callers.has(channel as CallId)) this.callerGone(channel as CallId);
    else if (this.legs.has(channel as LegId)) this.legGone(channel as LegId, cause, sipCode);
    else if (!this.codes.delete(channel as ChannelId)) this.#help.otherGone(channel);
  }

  #playbackFinished({ call, playback, failed }: Extract<Sighting, { kind: "playback_finished" }>): void {
    if (this.codes.has(call as string as ChannelId)) {
      this.#help.hangUpOther(call);
      return;
    }
    if (!failed) {
      this.#playbackOver(call, playback);
      return;
    }
    // An announcement fails too when the caller hangs up in the middle of it. That is nobody's fault, the call's end is about
    // to be reported, and there is nobody left to play music to.
    const stillHere = () => {
      if (this.#playbackOver(call, playback))
        this.#log.warn({ call, playback }, "an announcement could not be played");
    };
    setTimeout(stillHere, this.#limits.farewellMs).unref();
  }

  /** Returns whether the caller is here and was thought to hear it. */
  #playbackOver(call: CallId, playback: PlaybackId): boolean {
    const caller = this.callers.get(call);
    if (caller?.hears.kind === "music" && caller.hears.inherited === playback) {
      this.#help.musicAgain(call);
      return true;
    }
    if (caller?.hears.kind !== "playback" || !caller.hears.playbacks.includes(playback)) return false;
    const playbacks = caller.hears.playbacks.filter((other) => other !== playback);
    caller.hears = playbacks.length > 0 ? { kind: "playback", playbacks } : { kind: "nothing" };
    this.#help.tell({ type: "playback_finished", call, playback });
    return true;
  }

  #forgetFarewell(channel: string): void {
    clearTimeout(this.#farewells.get(channel));
    this.#farewells.delete(channel);
  }
}
