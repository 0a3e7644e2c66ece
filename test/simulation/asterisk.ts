import type { Phone } from "../../src/core/agents.ts";
import type { DialCode } from "../../src/core/events.ts";
import {
  type AgentId,
  type BridgeId,
  type CallId,
  type ChannelId,
  type LegId,
  type PlaybackId,
  parseLegId,
} from "../../src/core/ids.ts";
import type { WallMs } from "../../src/core/time.ts";
import type { Chance } from "./chance.ts";
import type { Caller, Leg, Witness } from "./channels.ts";
import type { CallerPlan, Temper } from "./moves.ts";
import { Notes } from "./notes.ts";
import { answerTime, mannerOf, obliging, outside, refusals } from "./people.ts";
import type { Sight } from "./sights.ts";
import type { Timeline } from "./timeline.ts";

/** Nobody stays alone on the line for longer. */
const aloneMs = 30_000;

/**
 * Asterisk, the callers and the agents' phones: what is true, whatever the daemon believes. Ends of channels take a moment,
 * as they do there, so that an answer may cross a hang-up.
 */
export class Asterisk {
  running = true;
  /** The daemon's socket; null: nobody listens. */
  socket: ((sight: Sight) => void) | null = null;
  readonly callers = new Map<CallId, Caller>();
  readonly legs = new Map<LegId, Leg>();
  readonly bridges = new Set<BridgeId>();
  readonly phones = new Map<AgentId, Phone>();
  readonly tempers = new Map<AgentId, Temper>();
  /** Who was really put together, for ever. */
  readonly joined = new Set<string>();
  /** Counts its starts. */
  run = 1;
  /** By the clock on the wall. */
  startedMs: number;
  /** In which run a caller came. */
  readonly bornIn = new Map<CallId, number>();
  /** Callers whose call went down with Asterisk, and when. */
  readonly wentDown = new Map<CallId, number>();
  /** Callers who ended the call themselves; not by an order. */
  readonly leftByThemselves = new Set<CallId>();
  /** Ends of channels, as the dialplan writes them down. */
  readonly notes: Notes;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #witness: Witness;

  constructor(timeline: Timeline, chance: Chance, wallMs: () => WallMs, witness: Witness) {
    this.notes = new Notes(wallMs);
    this.startedMs = wallMs();
    this.#timeline = timeline;
    this.#chance = chance;
    this.#witness = witness;
  }

  // What people do.

  arrive(plan: CallerPlan): void {
    if (!this.running) return;
    const { call } = plan;
    if (!this.socket && this.#chance.happens(`to the apology ${call}`, 0.5)) return;
    const caller: Caller = {
      plan,
      arrivedMs: this.notes.callerArrived(plan),
      inApp: true,
      hears: null,
      bridge: null,
      leaving: false,
      hasTalked: false,
    };
    this.callers.set(call, caller);
    this.bornIn.set(call, this.run);
    this.#say({ kind: "caller_arrived", call, number: plan.number, from: plan.from });
    this.#timeline.after(plan.patienceMs, () => {
      if (!caller.hasTalked) this.#leaves(call, "is out of patience");
    });
  }

  setPhone(agent: AgentId, phone: Phone): void {
    if (this.phones.get(agent) === phone) return;
    this.phones.set(agent, phone);
    if (this.running) this.#say({ kind: "phone", agent, phone });
  }

  /** The phone is in use for as long as it takes. */
  dial(agent: AgentId, code: DialCode): void {
    if (!this.running || this.phones.get(agent) !== "reachable") return;
    this.setPhone(agent, "in_use");
    const channel = `${agent} ${code} ${this.#timeline.nowMs}` as ChannelId;
    this.#say({ kind: "code", agent, channel, code });
    this.#timeline.after(2_500, () => {
      if (this.phones.get(agent) === "in_use") this.setPhone(agent, "reachable");
    });
  }

  /** Everybody goes home. */
  everybodyLeaves(): void {
    for (const call of this.callers.keys())
      this.#timeline.after(this.#chance.between(`home ${call}`, 0, 3_000), () =>
        this.#leaves(call, "goes home"),
      );
  }

  // What happens to Asterisk itself.

  crash(): void {
    this.running = false;
    this.socket = null;
    this.run += 1;
    for (const [call, { inApp }] of this.callers) if (inApp) this.wentDown.set(call, this.#timeline.nowMs);
    this.callers.clear();
    this.legs.clear();
    this.bridges.clear();
  }

  start(): void {
    this.running = true;
    this.startedMs = this.notes.now();
  }

  // What the adapter can ask for.

  originate(
    leg: LegId,
    ringTimeoutMs: number,
    isStray: boolean,
  ): "made" | "conflict" | "no_contact" | "no_caller" {
    const { agent, call } = parseLegId(leg)!;
    if (this.legs.has(leg)) return "conflict";
    if (!this.callers.has(call)) return "no_caller";
    for (const other of this.legs.values())
      if (agent !== null && other.agent === agent && !isStray && !other.isStray)
        this.#witness.violated("one phone, one call", `${leg} is rung while ${other.id} is ${other.state}`);
    const phone = agent === null ? this.#outside(leg) : (this.phones.get(agent) ?? "unreachable");
    if (phone === "unreachable") return "no_contact";
    this.legs.set(leg, { id: leg, agent, call, state: "dialing", bridge: null, ending: false, isStray });
    this.#phoneIsRung(leg, agent, call, phone);
    this.#timeline.after(ringTimeoutMs + 5_000, () => {
      if (this.legs.get(leg)?.state !== "up") this.#endLeg(leg, 19, null, "is given up by Asterisk");
    });
    return "made";
  }

  /** Now and then the trunk is down. */
  #outside(leg: LegId): Phone {
    return this.#chance.happens(`trunk ${leg}`, 0.1) ? "unreachable" : "reachable";
  }

  /** False: there was no such leg. */
  hangUpLeg(leg: LegId, cause: number): boolean {
    const found = this.legs.get(leg);
    if (!found) return false;
    if (found.ending) return true;
    found.ending = true;
    const waitMs = this.#chance.between(`end of ${leg}`, 0, 20);
    this.#timeline.after(waitMs, () => this.#endLeg(leg, cause, null, "is hung up"));
    return true;
  }

  hangUpCaller(call: CallId): boolean {
    const found = this.callers.get(call);
    if (!found?.inApp) return false;
    if (found.leaving) return true;
    found.leaving = true;
    const waitMs = this.#chance.between(`end of ${call}`, 0, 20);
    this.#timeline.after(waitMs, () => this.#endCaller(call, "is hung up"));
    return true;
  }

  /** False: the caller is not there (any more). */
  play(call: CallId, playback: PlaybackId, lengthMs: number): boolean {
    const caller = this.#ours(call);
    if (!caller) return false;
    this.silence(call);
    caller.hears = playback;
    this.#timeline.after(lengthMs, () => {
      if (caller.hears === playback) this.silence(call);
    });
    return true;
  }

  startMusic(call: CallId): boolean {
    const caller = this.#ours(call);
    if (!caller) return false;
    this.silence(call);
    caller.hears = "music";
    return true;
  }

  /** A playback that is stopped is reported as finished, like any other. */
  silence(call: CallId): void {
    const caller = this.#ours(call);
    if (!caller) return;
    const { hears } = caller;
    caller.hears = null;
    if (hears !== null && hears !== "music") this.#say({ kind: "playback_finished", call, playback: hears });
  }

  makeBridge(bridge: BridgeId): void {
    this.bridges.add(bridge);
  }

  legIn(bridge: BridgeId, leg: LegId): boolean {
    const found = this.legs.get(leg);
    if (found?.state !== "up" || !this.bridges.has(bridge)) return false;
    found.bridge = bridge;
    this.#joinIfBoth(bridge);
    return true;
  }

  callerIn(bridge: BridgeId, call: CallId): boolean {
    const caller = this.#ours(call);
    if (!caller || !this.bridges.has(bridge)) return false;
    caller.bridge = bridge;
    this.#joinIfBoth(bridge);
    return true;
  }

  areTogether(bridge: BridgeId, call: CallId, leg: LegId): boolean {
    return this.callers.get(call)?.bridge === bridge && this.legs.get(leg)?.bridge === bridge;
  }

  destroyBridge(bridge: BridgeId): void {
    this.bridges.delete(bridge);
    for (const caller of this.callers.values()) if (caller.bridge === bridge) caller.bridge = null;
    for (const leg of this.legs.values()) if (leg.bridge === bridge) leg.bridge = null;
  }

  /** Bridges with nobody in them, as the adapter sweeps them away after it has connected. */
  sweep(): void {
    for (const bridge of this.bridges) {
      const inside = [...this.callers.values(), ...this.legs.values()].some((one) => one.bridge === bridge);
      if (!inside) this.bridges.delete(bridge);
    }
  }

  /** The apology, then the end; the daemon hears no more of it. */
  toDialplan(call: CallId): void {
    const caller = this.#ours(call);
    if (!caller) return;
    caller.inApp = false;
    caller.bridge = null;
    caller.hears = null;
    this.#timeline.after(5_000, () => this.#endCaller(call, "has heard the apology"));
  }

  isHere(call: CallId): boolean {
    return this.#ours(call) !== null;
  }

  #ours(call: CallId): Caller | null {
    const caller = this.callers.get(call);
    return caller?.inApp ? caller : null;
  }

  #say(sight: Sight): void {
    this.socket?.(sight);
  }

  // What phones and people do in answer.

  #phoneIsRung(leg: LegId, agent: AgentId | null, call: CallId, phone: Phone): void {
    const chance = this.#chance;
    const temper = agent === null ? outside : (this.tempers.get(agent) ?? obliging);
    const manner = mannerOf(chance.of(`manner ${leg}`) * 100, temper, phone);
    if (manner === "dead") return;
    const signMs = chance.happens(`slow phone ${leg}`, 0.03)
      ? chance.between(`sign ${leg}`, 3_900, 5_000)
      : chance.between(`sign ${leg}`, 5, 300);
    if (manner === "declines" || manner === "busy" || manner === "unreachable") {
      const [cause, sipCode] = chance.pick(`refusal ${leg}`, refusals[manner]);
      // A person declines a phone that rings, a machine says no at once.
      const saysMs = manner === "declines" ? signMs + chance.between(`says ${leg}`, 100, 8_000) : signMs;
      if (manner === "declines") this.#timeline.after(signMs, () => this.#rings(leg, call));
      this.#timeline.after(saysMs, () => this.#endLeg(leg, cause, sipCode, `says ${sipCode ?? "nothing"}`));
      return;
    }
    this.#timeline.after(signMs, () => this.#rings(leg, call));
    if (manner === "ringsOut") return;
    const answerMs = signMs + answerTime(chance, leg);
    this.#timeline.after(answerMs, () => this.#picksUp(leg, call));
    if (chance.happens(`hangs up at once ${leg}`, temper.hangsUpAtOnce / 100))
      this.#timeline.after(answerMs + chance.between(`at once ${leg}`, 0, 60), () =>
        this.#endLeg(leg, 16, null, "hangs up at once"),
      );
  }

  #rings(leg: LegId, call: CallId): void {
    const found = this.legs.get(leg);
    if (found?.state !== "dialing") return;
    found.state = "ringing";
    this.#witness.note(`${leg} rings`);
    this.#say({ kind: "leg_ringing", leg });
    this.#leavesOn(call, "ringing");
  }

  #picksUp(leg: LegId, call: CallId): void {
    const found = this.legs.get(leg);
    if (!found || found.state === "up") return;
    found.state = "up";
    this.#witness.note(`${leg} is picked up`);
    this.#say({ kind: "leg_answered", leg });
    this.#leavesOn(call, "answered");
    this.#hangsUpWhenAlone(leg);
  }

  #hangsUpWhenAlone(leg: LegId): void {
    this.#timeline.after(aloneMs, () => {
      const found = this.legs.get(leg);
      if (found && (!found.bridge || !this.#callerIn(found.bridge)))
        this.#endLeg(leg, 16, null, "hangs up, nobody is there");
    });
  }

  #leavesOn(call: CallId, what: "ringing" | "answered" | "joined"): void {
    const on = this.callers.get(call)?.plan.leavesOn;
    if (on?.what === what) this.#timeline.after(on.afterMs, () => this.#leaves(call, "hangs up"));
  }

  #leaves(call: CallId, how: string): void {
    const caller = this.callers.get(call);
    if (!caller) return;
    if (!caller.leaving) this.leftByThemselves.add(call);
    this.#endCaller(call, how);
  }

  #endCaller(call: CallId, how: string): void {
    const caller = this.callers.get(call);
    if (!caller) return;
    this.#witness.note(`caller ${call} ${how}`);
    this.callers.delete(call);
    const { plan, arrivedMs, inApp } = caller;
    this.notes.callerEnded(
      plan,
      arrivedMs,
      inApp ? "handed_over" : "failed",
      this.leftByThemselves.has(call),
    );
    this.#say({ kind: "caller_gone", call });
    for (const leg of this.legs.values())
      if (caller.bridge && leg.bridge === caller.bridge) this.#hangsUpWhenAlone(leg.id);
  }

  #endLeg(leg: LegId, cause: number, sipCode: number | null, how: string): void {
    const found = this.legs.get(leg);
    if (!found) return;
    this.#witness.note(`${leg} ${how}`);
    this.legs.delete(leg);
    this.#say({ kind: "leg_gone", leg, cause, sipCode });
    const { bridge, call } = found;
    if (bridge && this.callers.get(call)?.bridge === bridge)
      this.#timeline.after(aloneMs, () => {
        if (this.callers.get(call)?.bridge === bridge) this.#leaves(call, "hears nobody");
      });
  }

  #callerIn(bridge: BridgeId): Caller | null {
    for (const caller of this.callers.values()) if (caller.bridge === bridge) return caller;
    return null;
  }

  #joinIfBoth(bridge: BridgeId): void {
    const caller = this.#callerIn(bridge);
    const legs = [...this.legs.values()].filter((leg) => leg.bridge === bridge);
    const leg = legs[0];
    if (!caller || !leg) return;
    const { call } = caller.plan;
    if (legs.length > 1 || leg.call !== call)
      this.#witness.violated("two in a bridge", `${call} is with ${legs.map(({ id }) => id).join(" and ")}`);
    caller.hasTalked = true;
    this.joined.add(`${call} ${leg.agent ?? "outside"}`);
    this.#witness.note(`${call} and ${leg.id} are together`);
    this.#say({ kind: "both_in", bridge, call });
    this.#leavesOn(call, "joined");
    this.#timeline.after(caller.plan.talkMs, () => {
      if (!this.areTogether(bridge, call, leg.id)) return;
      if (caller.plan.endsTalk === "caller") this.#leaves(call, "has talked enough");
      else this.#endLeg(leg.id, 16, null, "has talked enough");
    });
  }
}
