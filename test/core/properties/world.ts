import type { Agent, Membership, Phone } from "../../../src/core/agents.ts";
import type { Call } from "../../../src/core/calls.ts";
import { deadlineKey, nextDeadline } from "../../../src/core/deadlines.ts";
import type { Desk } from "../../../src/core/desks.ts";
import type { Effect } from "../../../src/core/effects.ts";
import type { Event } from "../../../src/core/events.ts";
import { defaultSettings, type Hotline } from "../../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../../src/core/hours/schedule.ts";
import type {
  AgentId,
  BridgeId,
  CallId,
  HotlineId,
  LegId,
  PbxRun,
  PlaybackId,
} from "../../../src/core/ids.ts";
import { State } from "../../../src/core/state.ts";
import { type StepResult, step } from "../../../src/core/step.ts";
import type { MonotonicMs, Now, WallMs } from "../../../src/core/time.ts";
import { describeResult } from "../../traces/format.ts";

/** What Asterisk would know: channels that live, and what was ordered. */
export class World {
  readonly state = new State();
  #monotonicMs = 1_000_000;
  #wallMs = Date.parse("2026-11-23T10:00:00+01:00");
  #arrivals = 0;
  #run = 1;
  readonly callers = new Set<CallId>();
  readonly legs = new Set<LegId>();
  readonly connects: { readonly call: CallId; readonly bridge: BridgeId }[] = [];
  readonly playbacks: { readonly call: CallId; readonly playback: PlaybackId }[] = [];
  readonly ended = new Map<CallId, string[]>();
  /** Calls that the core was told of. */
  readonly told = new Set<CallId>();
  /** For the message when something fails. */
  readonly log: string[] = [];
  readonly #check: (world: World, event: Event, before: Before, result: StepResult) => void;

  constructor(check: World["check"]) {
    this.#check = check;
  }

  get check(): (world: World, event: Event, before: Before, result: StepResult) => void {
    return this.#check;
  }

  get now(): Now {
    return { monotonicMs: this.#monotonicMs as MonotonicMs, wallMs: this.#wallMs as WallMs };
  }

  feed(event: Event): StepResult {
    const before: Before = {
      agents: new Map([...this.state.agents.values()].map((agent) => [agent.id, agent])),
      calls: new Map([...this.state.calls.values()].map((call) => [call.id, call])),
      desks: new Map([...this.state.desks.values()].map((desk) => [desk.hotline, desk])),
    };
    this.log.push(`${this.#monotonicMs / 1000} ${JSON.stringify(event)}`);
    if (event.type === "call_arrived") this.told.add(event.call);
    if (event.type === "pbx_snapshot") for (const { call } of event.callers) this.told.add(call);
    const result = step(this.state, event, this.now);
    this.log.push(...describeResult(result).map((line) => `    ${line}`));
    for (const effect of result.effects) this.#obey(effect);
    for (const line of result.story)
      if ("call" in line && line.told.what === "ended")
        this.ended.set(line.call, [...(this.ended.get(line.call) ?? []), line.told.result.outcome]);
    this.#check(this, event, before, result);
    return result;
  }

  arrive(number: string, from: string | null): void {
    const call = `c${++this.#arrivals}` as CallId;
    this.callers.add(call);
    if (this.state.loose.pbx === "up") this.feed({ type: "call_arrived", call, number, from });
  }

  leave(call: CallId): void {
    this.callers.delete(call);
    if (this.state.loose.pbx === "up") this.feed({ type: "caller_left", call });
  }

  endLeg(leg: LegId, sipCode: number | null): void {
    this.legs.delete(leg);
    if (this.state.loose.pbx === "up") this.feed({ type: "leg_ended", leg, cause: 16, sipCode });
  }

  /** Asterisk dies, and is started anew. */
  crash(): void {
    this.callers.clear();
    this.legs.clear();
    this.#run += 1;
  }

  /** What lives in Asterisk now. */
  snapshot(): void {
    this.feed({
      type: "pbx_snapshot",
      run: `run ${this.#run}` as PbxRun,
      callers: [...this.callers].map((call) => ({ call, number: "115", from: null })),
      legs: [...this.legs].map((leg) => ({ leg, state: "ringing" })),
      talks: [],
      phones: [],
    });
  }

  jumpWall(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Time passes, and what falls due meanwhile happens at its time. */
  pass(lengthMs: number): void {
    const until = this.#monotonicMs + lengthMs;
    let stuck = 0;
    for (let due = nextDeadline(this.state); due && due.atMs <= until; due = nextDeadline(this.state)) {
      this.#moveTo(Math.max(due.atMs, this.#monotonicMs));
      const key = `${deadlineKey(due.of)} ${due.atMs}`;
      this.feed({ type: "deadline_passed", of: due.of });
      const next = nextDeadline(this.state);
      stuck = next && `${deadlineKey(next.of)} ${next.atMs}` === key ? stuck + 1 : 0;
      if (stuck > 3) throw new Error(`The deadline ${key} comes again and again`);
    }
    this.#moveTo(until);
  }

  #moveTo(at: number): void {
    this.#wallMs += at - this.#monotonicMs;
    this.#monotonicMs = at;
  }

  #obey(effect: Effect): void {
    switch (effect.type) {
      case "ring_agent":
      case "ring_outside":
        this.legs.add(effect.leg);
        return;
      case "connect":
        this.connects.push({ call: effect.call, bridge: effect.bridge });
        return;
      case "play":
        this.playbacks.push({ call: effect.call, playback: effect.playback });
        return;
      case "to_fallback":
        this.callers.delete(effect.call);
        return;
      default:
        return;
    }
  }
}

/** As it was before the step. */
export type Before = {
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly calls: ReadonlyMap<CallId, Call>;
  readonly desks: ReadonlyMap<HotlineId, Desk>;
};

export const hotlineIds = ["a", "b", "c"].map((id) => id as HotlineId);
export const agentIds = ["99", "201", "202", "203", "204"].map((id) => id as AgentId);
export const numbers = ["115", "116", "117", "118"];

export function hotline(id: HotlineId, settings: Partial<Hotline>): Hotline {
  return {
    ...defaultSettings,
    id,
    name: `Hotline ${id}`,
    schedule: plainSchedule("Europe/Berlin", aroundTheClock),
    ...settings,
  };
}

export const addAgent = (agent: AgentId, memberships: readonly Membership[]): Event[] => [
  { type: "agent_added", agent, name: `Agent ${agent}`, memberships },
  { type: "phone_changed", agent, phone: "reachable" as Phone },
  { type: "login_asked", agent },
];
