import type { Effect } from "../../src/core/effects.ts";
import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId, BridgeId, CallId, LegId } from "../../src/core/ids.ts";
import { lostWithAsterisk, Unseen } from "../../src/pbx/unseen.ts";
import type { AdapterParts } from "./adapter-parts.ts";
import type { Asterisk } from "./asterisk.ts";
import { Chains } from "./chains.ts";
import { listAlive } from "./listing.ts";
import { Luck } from "./luck.ts";
import { silent } from "./nothing.ts";
import { channelOf, mayBeLost, type Sight } from "./sights.ts";

/**
 * In the place of src/pbx: what ARI requests and events come to. Keeps the same knowledge as the switchboard there (who is
 * there, who is being joined), carries orders about one caller or one leg out one after the other, drops them while there is
 * no connection, and asks when something was to be verified. On top of that it is late, forgets and repeats itself.
 */
export class Adapter {
  readonly #parts: AdapterParts;
  #alive = true;
  #up = false;
  /** Counts connections. */
  #epoch = 0;
  readonly #callers = new Set<CallId>();
  readonly #legs = new Map<LegId, "requested" | "ringing" | "up">();
  readonly #joins = new Map<BridgeId, { readonly call: CallId; readonly leg: LegId }>();
  readonly #chains = new Chains();
  readonly #lastFactAtMs = new Map<string, number>();
  readonly #luck: Luck;
  readonly #unseen: Unseen;

  constructor(parts: AdapterParts) {
    this.#parts = parts;
    this.#luck = new Luck(parts.chance, parts.troubles);
    const { isKnown, onRecord, wallMs: nowMs, timeline } = parts;
    const tell = (event: PbxEvent) => {
      if (this.#alive) parts.submit(event);
    };
    const agentOf = (phone: string) => phone as AgentId;
    const startTimer = (run: () => void, afterMs: number) => {
      timeline.after(afterMs, () => {
        if (!this.#alive || !this.#up) return;
        parts.touched();
        run();
      });
      return () => undefined;
    };
    const surroundings = { tell, isKnown, onRecord, agentOf };
    this.#unseen = new Unseen(parts.asterisk.notes, surroundings, silent, { nowMs, startTimer });
  }

  start(): void {
    this.#connect();
  }

  /** At what ended and was never seen. Of calls that the core knows, the list of who is alive tells here. */
  look(): void {
    if (!this.#alive || !this.#up) return;
    this.#parts.touched();
    void this.#unseen.look();
  }

  /** The daemon was killed. */
  die(): void {
    this.#alive = false;
    this.#chains.end();
    this.#up = false;
    this.#parts.asterisk.socket = null;
  }

  /** The socket ends, or Asterisk with it. */
  lose(backAfterMs: number): void {
    const { asterisk, timeline, submit } = this.#parts;
    asterisk.socket = null;
    this.#epoch += 1;
    const epoch = this.#epoch;
    if (this.#up) {
      this.#up = false;
      this.#joins.clear();
      submit({ type: "pbx_lost" });
    }
    timeline.after(backAfterMs, () => {
      if (this.#alive && epoch === this.#epoch) this.#connect();
    });
  }

  carryOut(effect: Effect): void {
    if (effect.type === "ring_agent" || effect.type === "ring_outside")
      this.#legs.set(effect.leg, "requested");
    if (effect.type === "close_bridge") this.#joins.delete(effect.bridge);
    const key =
      "leg" in effect && effect.type !== "connect" ? effect.leg : "call" in effect ? effect.call : "";
    this.#chains.run(key, (finish) => {
      if (!this.#up) {
        if (effect.type === "close_bridge") this.#parts.leaked(effect.bridge);
        finish();
        return;
      }
      if (this.#luck.has("lost_orders", effect.type, key)) {
        this.#parts.note(`(lost: ${effect.type} ${key})`);
        if (effect.type === "close_bridge") this.#parts.leaked(effect.bridge);
        finish();
        return;
      }
      this.#perform(effect, finish);
    });
  }

  #perform(effect: Effect, finish: () => void): void {
    const { asterisk, chance } = this.#parts;
    switch (effect.type) {
      case "answer":
        this.#ask(effect.type, effect.call, () => this.#callerStillHere(effect.call), finish);
        return;
      case "play": {
        const lengthMs = chance.between(`length ${effect.playback}`, 500, 7_000);
        const act = () => {
          if (this.#callers.has(effect.call)) asterisk.play(effect.call, effect.playback, lengthMs);
          this.#callerStillHere(effect.call);
        };
        this.#ask(effect.type, effect.call, act, finish);
        return;
      }
      case "start_music": {
        const act = () => {
          if (this.#callers.has(effect.call)) asterisk.startMusic(effect.call);
          this.#callerStillHere(effect.call);
        };
        this.#ask(effect.type, effect.call, act, finish);
        return;
      }
      case "ring_agent":
      case "ring_outside":
        this.#ring(effect, finish);
        return;
      case "release_leg":
        this.#release(effect.leg, effect.reason === "answered_elsewhere" ? 26 : 16, finish);
        return;
      case "verify_leg":
        this.#release(effect.leg, 16, finish);
        return;
      case "hang_up":
      case "verify_caller": {
        const act = () => {
          if (!asterisk.hangUpCaller(effect.call)) this.#callerGone(effect.call);
        };
        this.#ask(effect.type, effect.call, act, finish);
        return;
      }
      case "connect":
        this.#join(effect, finish);
        return;
      case "close_bridge":
        this.#ask(effect.type, effect.bridge, () => asterisk.destroyBridge(effect.bridge), finish);
        return;
      case "to_fallback": {
        this.#callers.delete(effect.call);
        this.#ask(effect.type, effect.call, () => asterisk.toDialplan(effect.call), finish);
        return;
      }
      case "confirm_code":
        this.#ask(effect.type, effect.channel, () => undefined, finish);
        return;
      default:
        throw new Error(`The simulation does not know this order: ${JSON.stringify(effect)}`);
    }
  }

  #ring(
    { leg, call, ringTimeoutMs }: Extract<Effect, { type: "ring_agent" | "ring_outside" }>,
    finish: () => void,
  ): void {
    const { asterisk } = this.#parts;
    const epoch = this.#epoch;
    const { run } = asterisk;
    const waitMs = this.#luck.requestMs("ring_agent", leg);
    let made: ReturnType<Asterisk["originate"]> = "no_caller";
    this.#later(waitMs >> 1, () => {
      made =
        asterisk.running && asterisk.run === run
          ? asterisk.originate(leg, ringTimeoutMs, !this.#alive || epoch !== this.#epoch)
          : "no_caller";
    });
    this.#later(waitMs, () => {
      if (this.#alive) {
        // Made before or after the list that the core was given meanwhile? If it is not in it, nobody waits for it.
        if (epoch !== this.#epoch) {
          if (!this.#legs.has(leg)) asterisk.hangUpLeg(leg, 16);
        } else if (made === "no_caller") {
          if (this.#callers.has(call)) this.#callerGone(call);
          this.#legGone(leg, 38, null);
        } else if (made === "no_contact") this.#legGone(leg, 20, null);
      }
      finish();
    });
  }

  #release(leg: LegId, cause: number, finish: () => void): void {
    const act = () => {
      if (!this.#parts.asterisk.hangUpLeg(leg, cause)) this.#legGone(leg, 0, null);
    };
    this.#ask("release", leg, act, finish);
  }

  /** Either may take its time; only when both are in, it is a conversation. */
  #join({ call, leg, bridge }: Extract<Effect, { type: "connect" }>, finish: () => void): void {
    const { asterisk } = this.#parts;
    const epoch = this.#epoch;
    this.#joins.set(bridge, { call, leg });
    const fail = (why: string) => {
      if (this.#alive && this.#joins.delete(bridge))
        this.#tell({ type: "connect_failed", call, bridge, why });
    };
    if (!this.#callers.has(call)) {
      fail("the caller is gone");
      finish();
      return;
    }
    const legMs = this.#luck.requestMs("leg into bridge", bridge);
    const callerMs = this.#luck.requestMs("caller into bridge", bridge);
    let why = "";
    asterisk.makeBridge(bridge);
    this.#later(legMs, () => {
      if (!asterisk.legIn(bridge, leg)) why = "the leg is gone";
    });
    this.#later(callerMs, () => {
      asterisk.silence(call);
      if (!asterisk.callerIn(bridge, call)) why = "the caller is gone";
    });
    this.#later(Math.max(legMs, callerMs), () => {
      if (this.#alive && epoch === this.#epoch && why !== "") {
        this.#callerStillHere(call);
        fail(why);
      }
      finish();
    });
    this.#later(5_000, () =>
      this.#chains.run(call, (checked) => {
        if (this.#up && epoch === this.#epoch && this.#joins.has(bridge)) {
          if (!asterisk.areTogether(bridge, call, leg)) fail("not both came into the bridge in time");
          else if (this.#joins.delete(bridge)) this.#tell({ type: "connected", call, bridge });
        }
        checked();
      }),
    );
  }

  /**
   * A request that acts at once when it arrives, half-way. What was sent arrives even when the daemon dies, but not at an
   * Asterisk that was started later.
   */
  #ask(what: string, about: string, act: () => void, finish: () => void): void {
    const { asterisk } = this.#parts;
    const { run } = asterisk;
    const waitMs = this.#luck.requestMs(what, about);
    this.#later(waitMs, () => {
      if (asterisk.running && asterisk.run === run) act();
      finish();
    });
  }

  #callerStillHere(call: CallId): void {
    if (!this.#parts.asterisk.isHere(call) && this.#callers.has(call)) this.#callerGone(call);
  }

  #connect(): void {
    const { asterisk, timeline, chance, agents } = this.#parts;
    this.#epoch += 1;
    const epoch = this.#epoch;
    const goOn = (waitMs: number, run: () => void) =>
      timeline.after(waitMs, () => {
        if (this.#alive && epoch === this.#epoch) run();
      });
    if (!asterisk.running) {
      goOn(300, () => this.#connect());
      return;
    }
    const openedMs = this.#parts.wallMs();
    const kept: Sight[] = [];
    asterisk.socket = (sight) => kept.push(sight);
    goOn(chance.between(`reads ${epoch} ${timeline.nowMs}`, 0, 60), () => {
      const alive = listAlive(asterisk, agents());
      const channels = new Set<string>([...asterisk.callers.keys(), ...asterisk.legs.keys()]);
      const lost = lostWithAsterisk(asterisk.notes.noted(), channels, openedMs, asterisk.startedMs);
      goOn(chance.between(`tells ${epoch} ${timeline.nowMs}`, 0, 20), () => {
        this.#callers.clear();
        this.#legs.clear();
        this.#joins.clear();
        for (const { call } of alive.callers) this.#callers.add(call);
        for (const { leg, state } of alive.legs) this.#legs.set(leg, state);
        this.#up = true;
        this.#parts.submit({ type: "pbx_snapshot", ...alive });
        this.#parts.touched();
        this.#unseen.connected(openedMs, lost);
        // In life every minute; here there must be an end.
        this.#later(60_000, () => this.look());
        asterisk.sweep();
        for (const sight of kept) this.#take(sight);
        asterisk.socket = (sight) => this.#arrives(sight, epoch);
      });
    });
  }

  /** One socket, but what comes of different channels may take different ways through the adapter. */
  #arrives(sight: Sight, epoch: number): void {
    const { timeline, troubles, chance, note } = this.#parts;
    if (mayBeLost(sight, chance) && this.#luck.has("lost_facts", sight.kind, channelOf(sight))) {
      note(`(lost: ${sight.kind} ${channelOf(sight)})`);
      return;
    }
    const reordered = chance.happens(
      `reordered ${this.#luck.count("sight")}`,
      troubles.get("reordered_facts") ?? 0,
    );
    const stream = reordered || troubles.has("reordered_facts") ? channelOf(sight) : "all";
    const waitMs = reordered
      ? chance.between(`way ${this.#luck.count("way")}`, 0, 400)
      : chance.between(`way ${this.#luck.count("way")}`, 0, 3);
    const atMs = Math.max(this.#lastFactAtMs.get(stream) ?? 0, timeline.nowMs + waitMs);
    this.#lastFactAtMs.set(stream, atMs);
    timeline.after(atMs - timeline.nowMs, () => {
      if (this.#alive && this.#up && epoch === this.#epoch) this.#take(sight);
    });
  }

  #take(sight: Sight): void {
    const { asterisk } = this.#parts;
    switch (sight.kind) {
      case "caller_arrived": {
        const { call, number, from } = sight;
        if (this.#callers.has(call)) return;
        this.#callers.add(call);
        this.#tell({ type: "call_arrived", call, number, from });
        return;
      }
      case "caller_gone":
        if (this.#callers.has(sight.call)) this.#callerGone(sight.call);
        else this.#unseen.channelGone(sight.call);
        return;
      case "leg_ringing":
        if (!this.#legs.has(sight.leg)) asterisk.hangUpLeg(sight.leg, 16);
        if (this.#legs.get(sight.leg) !== "requested") return;
        this.#legs.set(sight.leg, "ringing");
        this.#tell({ type: "leg_ringing", leg: sight.leg });
        return;
      case "leg_answered":
        if (!this.#legs.has(sight.leg)) asterisk.hangUpLeg(sight.leg, 16);
        else if (this.#legs.get(sight.leg) !== "up") {
          this.#legs.set(sight.leg, "up");
          this.#tell({ type: "leg_answered", leg: sight.leg });
        }
        return;
      case "leg_gone":
        if (this.#legs.has(sight.leg)) this.#legGone(sight.leg, sight.cause, sight.sipCode);
        return;
      case "both_in":
        if (this.#joins.delete(sight.bridge))
          this.#tell({ type: "connected", call: sight.call, bridge: sight.bridge });
        return;
      case "playback_finished":
        if (this.#callers.has(sight.call))
          this.#tell({ type: "playback_finished", call: sight.call, playback: sight.playback });
        return;
      case "phone":
        this.#tell({ type: "phone_changed", agent: sight.agent, phone: sight.phone });
        return;
      case "code":
        this.#tell({ type: "code_dialled", agent: sight.agent, channel: sight.channel, code: sight.code });
    }
  }

  #callerGone(call: CallId): void {
    if (!this.#alive) return;
    this.#callers.delete(call);
    this.#tell({ type: "caller_left", call });
  }

  #legGone(leg: LegId, cause: number, sipCode: number | null): void {
    if (!this.#alive) return;
    this.#legs.delete(leg);
    this.#tell({ type: "leg_ended", leg, cause, sipCode });
  }

  #tell(event: PbxEvent): void {
    if (!this.#alive) return;
    const { timeline, submit } = this.#parts;
    const about = "leg" in event ? event.leg : "call" in event ? event.call : "";
    submit(event);
    if (
      event.type === "phone_changed" ||
      event.type === "code_dialled" ||
      !this.#luck.has("doubled_facts", event.type, about)
    )
      return;
    const again = this.#parts.chance.between(`again ${event.type} ${about}`, 0, 3_000);
    timeline.after(again, () => {
      // Whoever has left does not arrive again.
      if (!this.#alive || !this.#up || (event.type === "call_arrived" && !this.#callers.has(event.call)))
        return;
      submit(event);
    });
  }

  #later(waitMs: number, run: () => void): void {
    this.#parts.timeline.after(waitMs, run);
  }
}
