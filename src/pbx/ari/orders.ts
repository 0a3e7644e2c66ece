import type { Effect, ReleaseReason } from "../../core/effects.ts";
import type { BridgeId, CallId, ChannelId, LegId, PlaybackId } from "../../core/ids.ts";
import { unreachable } from "../../core/unreachable.ts";
import { type Log, reasonOf, shortened } from "../log.ts";
import type { PbxSurroundings } from "../port.ts";
import { trunkName } from "../render/trunk.ts";
import { callerIdText, dialString, outsideDialString } from "./caller-id.ts";
import { cause, hangUpCause } from "./causes.ts";
import { Chains } from "./chains.ts";
import { isAriError, isUncertain } from "./errors.ts";
import type { Operations } from "./operations.ts";
import { done, sure } from "./sure.ts";
import type { KnownCaller, Switchboard } from "./switchboard.ts";
import { callerIn, isInFallback } from "./translate.ts";
import type { AriChannel } from "./types.ts";

type Order<Type extends Effect["type"]> = Extract<Effect, { type: Type }>;

/** What is done to an agent's leg waits for nothing that is done to the caller. */
function chainOf(effect: Effect): string {
  switch (effect.type) {
    case "ring_agent":
    case "ring_outside":
    case "release_leg":
    case "verify_leg":
      return effect.leg;
    case "confirm_code":
      return effect.channel;
    default:
      return effect.call;
  }
}

/** Added to the ring time: the core ends the ringing, Asterisk only if the core does not. */
const ringTimeoutExtraSeconds = 5;

/**
 * Carries out orders. Those about one caller run in their order, so do those about one leg; everything else side by side.
 * An order that cannot be carried out is reported as the event that it amounts to; while there is no connection orders are
 * dropped, since the snapshot after it sets everything right.
 */
export class Orders {
  readonly #board: Switchboard;
  readonly #operations: () => Operations | null;
  readonly #surroundings: PbxSurroundings;
  readonly #app: string;
  readonly #log: Log;
  readonly #chains = new Chains();

  constructor(
    board: Switchboard,
    operations: () => Operations | null,
    surroundings: PbxSurroundings,
    app: string,
    log: Log,
  ) {
    this.#board = board;
    this.#operations = operations;
    this.#surroundings = surroundings;
    this.#app = app;
    this.#log = log;
  }

  carryOut(effect: Effect): void {
    // Known before the request: the phone may answer before Asterisk does.
    if (effect.type === "ring_agent" || effect.type === "ring_outside")
      this.#board.legs.set(effect.leg, "requested");
    if (effect.type === "close_bridge") this.#board.joins.drop(effect.bridge);
    this.#run(chainOf(effect), effect, (to) => this.#perform(to, effect));
  }

  #perform(to: Operations, effect: Effect): Promise<void> {
    switch (effect.type) {
      case "answer":
        return this.#forCaller(to, effect.call, (caller) => this.#answer(to, effect.call, caller));
      case "play":
        return this.#play(to, effect);
      case "start_music":
        return this.#startMusic(to, effect.call);
      case "ring_agent":
        return this.#ringAgent(to, effect);
      case "ring_outside":
        return this.#ringOutside(to, effect);
      case "release_leg":
        return this.#release(to, effect.leg, effect.reason);
      case "connect":
        return this.#connect(to, effect);
      case "close_bridge":
        return this.#closeBridge(to, effect.bridge);
      case "hang_up":
        return this.#hangUp(to, effect.call, hangUpCause[effect.reason]);
      case "to_fallback":
        return this.#toFallback(to, effect.call);
      case "verify_leg":
        return this.#verifyLeg(to, effect.leg);
      case "verify_caller":
        return this.#verifyCaller(to, effect.call);
      case "confirm_code":
        return this.#confirmCode(to, effect);
      default:
        return unreachable(effect);
    }
  }

  /** Resolves when all orders under way are through. */
  idle(): Promise<void> {
    return this.#chains.idle();
  }

  get underWay(): number {
    return this.#chains.size;
  }

  /** Hangs up a channel that is neither a caller's nor a leg that somebody waits for. */
  hangUpOther(channel: string): void {
    this.#run(channel, { type: "hang_up_other" }, async (to) => {
      await done(() => to.hangUp(channel as ChannelId, cause.normal));
    });
  }

  /** A channel has left our application and its end was not reported: whatever became of it, it is no longer ours. */
  checkFarewell(channel: CallId | LegId): void {
    this.#run(channel, { type: "check_farewell" }, async (to) => {
      const isLeg = this.#board.legs.has(channel as LegId);
      const found = await to.channel(channel);
      if (found && !isLeg && callerIn(found, this.#app)) return;
      if (!isLeg) this.#callerNotOurs(channel as CallId, found);
      else if (found) await this.#release(to, channel as LegId, "call_over");
      else this.#board.legGone(channel as LegId, cause.normal, null);
    });
  }

  /** Both should be in the bridge by now. Asterisk knows. */
  checkJoin(bridge: BridgeId, call: CallId, leg: LegId): void {
    this.#run(call, { type: "check_join" }, async (to) => {
      const inside = (await to.bridge(bridge))?.channels ?? [];
      if (!this.#board.joins.drop(bridge)) return;
      if (inside.includes(call) && inside.includes(leg)) {
        this.#surroundings.tell({ type: "connected", call, bridge });
      } else {
        const why = `${inside.length} of 2 came into the bridge in time`;
        this.#surroundings.tell({ type: "connect_failed", call, bridge, why });
      }
    });
  }

  #run(key: string, order: Effect | { type: string }, task: (to: Operations) => Promise<unknown>): void {
    this.#chains.run(key, async () => {
      const operations = this.#operations();
      if (!operations) {
        this.#log.debug({ order: order.type, key }, "not connected to Asterisk, the order is dropped");
        return;
      }
      try {
        await task(operations);
      } catch (error) {
        this.#log.warn({ order: order.type, key, why: reasonOf(error) }, "an order was not carried out");
      }
    });
  }

  async #ringAgent(to: Operations, order: Order<"ring_agent">): Promise<void> {
    const { agent, leg, show } = order;
    const name = this.#surroundings.endpointOf(agent);
    const endpoint = name === null ? null : dialString(name);
    if (!endpoint) {
      this.#log.warn({ agent, leg }, "the agent has no phone that could be called");
      this.#board.legGone(leg, cause.subscriberAbsent, null);
      return;
    }
    this.#log.debug({ leg, endpoint, shows: shortened(show.number) }, "ringing a phone");
    await this.#ring(to, order, endpoint, callerIdText(show.name, show.number));
  }

  async #ringOutside(to: Operations, order: Order<"ring_outside">): Promise<void> {
    const { leg, number, showNumber } = order;
    const endpoint = outsideDialString(number, trunkName);
    if (!endpoint) {
      this.#log.warn({ leg }, "a caller was to be forwarded to something that is no number");
      this.#board.legGone(leg, cause.invalidNumber, null);
      return;
    }
    this.#log.debug({ leg, number: shortened(number), shows: showNumber }, "ringing outside");
    await this.#ring(to, order, endpoint, callerIdText("", showNumber));
  }

  async #ring(
    to: Operations,
    { call, leg, ringTimeoutMs }: Order<"ring_agent"> | Order<"ring_outside">,
    endpoint: string,
    callerId: string,
  ): Promise<void> {
    const { epoch } = this.#board;
    const timeoutSeconds = Math.ceil(ringTimeoutMs / 1000) + ringTimeoutExtraSeconds;
    try {
      await to.originate({ leg, endpoint, originator: call, callerId, timeoutSeconds });
    } catch (error) {
      await this.#ringFailed(to, call, leg, error);
    }
    // Made before or after the list that the core was given meanwhile? If it is not in it, nobody waits for it.
    const now = this.#operations();
    if (now && epoch !== this.#board.epoch && !this.#board.legs.has(leg))
      await done(() => now.hangUp(leg, cause.normal));
  }

  async #ringFailed(to: Operations, call: CallId, leg: LegId, error: unknown): Promise<void> {
    // The id is taken: it rings already.
    if (isAriError(error, "conflict")) return;
    // The loss of the connection is noticed elsewhere.
    if (isAriError(error, "unavailable")) return;
    if (isUncertain(error)) {
      if (await to.channel(leg)) return;
      await done(() => to.hangUp(leg, cause.normal));
      this.#board.legGone(leg, cause.outOfOrder, null);
      return;
    }
    // The caller has hung up in this instant. Told first, so that the agent is not to blame.
    if (isAriError(error, "not_found")) await this.#callerStillHere(to, call);
    const isAbsent = isAriError(error, "no_contact");
    this.#board.legGone(leg, isAbsent ? cause.subscriberAbsent : cause.outOfOrder, null);
  }

  async #release(to: Operations, leg: LegId, reason: ReleaseReason): Promise<void> {
    const code = reason === "answered_elsewhere" ? cause.answeredElsewhere : cause.normal;
    const wasThere = await done(() => to.hangUp(leg, code));
    if (!wasThere) this.#board.legGone(leg, cause.unknown, null);
  }

  async #verifyLeg(to: Operations, leg: LegId): Promise<void> {
    if (await to.channel(leg)) await this.#release(to, leg, "call_over");
    else this.#board.legGone(leg, cause.unknown, null);
  }

  async #verifyCaller(to: Operations, call: CallId): Promise<void> {
    if (await to.channel(call)) await this.#hangUp(to, call, cause.normal);
    else this.#board.callerGone(call);
  }

  async #hangUp(to: Operations, call: CallId, code: number): Promise<void> {
    const wasThere = await done(() => to.hangUp(call, code));
    if (!wasThere) this.#board.callerGone(call);
  }

  async #closeBridge(to: Operations, bridge: BridgeId): Promise<void> {
    try {
      await done(() => to.destroyBridge(bridge));
    } catch (error) {
      // On its way out already: Asterisk still lists it, but gives nobody access to it (res/ari/resource_bridges.c, find_bridge).
      if (!isAriError(error, "not_in_app")) throw error;
    }
  }

  async #answer(to: Operations, call: CallId, caller: KnownCaller): Promise<void> {
    if (caller.answered) return;
    await sure(() => to.answer(call));
    caller.answered = true;
  }

  async #play(to: Operations, order: Order<"play">): Promise<void> {
    const { call, playback, hotline, announcement, spoken } = order;
    await this.#forCaller(to, call, async (caller) => {
      await this.#answer(to, call, caller);
      await this.#silence(to, call, caller);
      caller.hears = { kind: "playback", playbacks: [playback] };
      try {
        await to.play(call, playback, this.#surroundings.mediaOf(call, hotline, announcement, spoken));
      } catch (error) {
        if (isUncertain(error) && (await to.playback(playback))) return;
        if (!(await this.#callerStillHere(to, call))) return;
        this.#log.warn({ call, announcement, why: reasonOf(error) }, "an announcement was not played");
        caller.hears = { kind: "nothing" };
        this.#surroundings.tell({ type: "playback_finished", call, playback });
      }
    });
  }

  async #startMusic(to: Operations, call: CallId): Promise<void> {
    await this.#forCaller(to, call, async (caller) => {
      const { hears } = caller;
      await this.#answer(to, call, caller);
      // Music over music is no harm, and one request for each caller when all are taken over. It is asked for also where it should
      // play already: an earlier request may have been lost with the connection. That it may play is noted first, so that it is
      // stopped before a conversation whatever became of the request.
      if (hears.kind !== "music") await this.#silence(to, call, caller);
      caller.hears = hears.kind === "music" ? hears : { kind: "music", inherited: null };
      await sure(() => to.startMusic(call));
    });
  }

  /** An announcement that an earlier daemon had left playing has ended the music. */
  musicAgain(call: CallId): void {
    this.#run(call, { type: "music_again" }, (to) =>
      this.#forCaller(to, call, async (caller) => {
        if (caller.hears.kind !== "music") return;
        caller.hears = { kind: "music", inherited: null };
        await sure(() => to.startMusic(call));
      }),
    );
  }

  /** Ends what the caller hears. A playback that is stopped is reported as finished, like any other. */
  async #silence(to: Operations, call: CallId, caller: KnownCaller): Promise<void> {
    const { hears } = caller;
    if (hears.kind === "nothing") return;
    if (hears.kind === "music") {
      caller.hears = { kind: "nothing" };
      await sure(() => to.stopMusic(call));
      const { inherited } = hears;
      if (inherited !== null) await done(() => to.stopPlayback(inherited));
      return;
    }
    // More than one: started by an earlier daemon, and it may as well be music.
    if (hears.playbacks.length > 1) await sure(() => to.stopMusic(call));
    await Promise.all(hears.playbacks.map((playback) => done(() => to.stopPlayback(playback))));
  }

  /**
   * The requests that do not need each other go out at once; each of them is time in which nobody hears anything. The caller comes
   * last: a caller who is found alone in the bridge has talked (see snapshot.ts).
   */
  async #connect(to: Operations, { call, leg, bridge }: Order<"connect">): Promise<void> {
    const { joins } = this.#board;
    const fail = (why: string) => {
      if (joins.drop(bridge)) this.#surroundings.tell({ type: "connect_failed", call, bridge, why });
    };
    joins.begin(bridge, call, leg);
    await this.#forCaller(to, call, async (caller) => {
      const bridgeMade = sure(() => to.createBridge(bridge), "conflict");
      const callerReady = this.#answer(to, call, caller).then(() => this.#silence(to, call, caller));
      const legIn = bridgeMade.then(() => sure(() => to.addChannel(bridge, leg)));
      const callerIn = Promise.all([legIn, callerReady]).then(() => sure(() => to.addChannel(bridge, call)));
      try {
        await Promise.all([legIn, callerIn]);
      } catch (error) {
        await Promise.allSettled([legIn, callerIn]);
        await this.#callerStillHere(to, call);
        fail(reasonOf(error));
      }
    });
    if (!this.#board.callers.has(call)) fail("the caller is gone");
  }

  /** The agent hears what came of it; the end of that ends the call (see Switchboard). */
  async #confirmCode(to: Operations, { channel, confirmation }: Order<"confirm_code">): Promise<void> {
    if (!this.#board.codes.has(channel)) {
      this.#log.debug({ channel }, "an agent who has dialled a code has hung up already");
      return;
    }
    try {
      await sure(() => to.answer(channel));
      const media = this.#surroundings.confirmationMedia(confirmation);
      await sure(() => to.play(channel, `${channel}~play` as PlaybackId, media), "conflict");
    } catch (error) {
      const wasThere = await done(() => to.hangUp(channel, cause.normal));
      if (wasThere) throw error;
    }
  }

  async #toFallback(to: Operations, call: CallId): Promise<void> {
    const caller = this.#board.callers.get(call);
    // From here on the call is the dialplan's; if it comes back, it is a new one.
    this.#board.callers.delete(call);
    if (caller) await this.#silence(to, call, caller).catch(() => {});
    await done(() => to.continueInDialplan(call));
    this.#log.warn({ call }, "a call was handed to the fallback in the dialplan");
  }

  /** Does something for a caller; a caller who is gone is reported. Nothing is done for one who is not known (any more). */
  async #forCaller(to: Operations, call: CallId, act: (caller: KnownCaller) => Promise<void>): Promise<void> {
    const caller = this.#board.callers.get(call);
    if (!caller) {
      this.#log.debug({ call }, "an order for a caller who is gone");
      return;
    }
    try {
      await act(caller);
    } catch (error) {
      if (await this.#callerStillHere(to, call)) throw error;
    }
  }

  /** The channel, if any, is not in our application. */
  #callerNotOurs(call: CallId, found: AriChannel | null): void {
    if (found && isInFallback(found)) this.#board.callerElsewhere(call);
    else this.#board.callerGone(call);
  }

  /** Asks Asterisk. Reports the end of the call if it is not there, or not with us. */
  async #callerStillHere(to: Operations, call: CallId): Promise<boolean> {
    const channel = await to.channel(call);
    if (channel && callerIn(channel, this.#app)) return true;
    if (this.#board.callers.has(call)) this.#callerNotOurs(call, channel);
    return false;
  }
}
