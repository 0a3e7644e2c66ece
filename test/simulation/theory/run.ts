import { nextDeadline } from "../../../src/core/deadlines.ts";
import type { Effect } from "../../../src/core/effects.ts";
import type { Event } from "../../../src/core/events.ts";
import {
  type AgentId,
  type CallId,
  type HotlineId,
  type LegId,
  type PbxRun,
  parseLegId,
} from "../../../src/core/ids.ts";
import { State } from "../../../src/core/state.ts";
import { step } from "../../../src/core/step.ts";
import type { CallStory } from "../../../src/core/story.ts";
import type { MonotonicMs, WallMs } from "../../../src/core/time.ts";
import { Calendar } from "./calendar.ts";
import { plainWay, theoreticalHotline, type Way } from "./hotline.ts";
import type { Caller } from "./traffic.ts";

/** What became of a caller, as the core's own story tells it. */
export type Fate = { readonly waitMs: number; readonly answered: boolean };

const number = "115";
const hotline = "theory" as HotlineId;
const mondayMs = Date.parse("2026-11-23T00:00:00Z");

/** What happens at the same moment: conversations end first, then patience does, then somebody calls. */
const ranks = { talkOver: 0, patienceOver: 1, arrival: 2 } as const;
type Entry = { readonly kind: keyof typeof ranks; readonly caller: number };

/**
 * Lets the core serve these callers (by arrival) with so many agents, on simulated time. Whatever the core orders happens in
 * the same millisecond: phones ring and are answered at once, hang-ups are confirmed at once, announcements have no length.
 * Returns what became of each. Throws when the core throws, ignores something, or leaves something undone.
 */
export function serve(callers: readonly Caller[], agents: number, way = plainWay): Fate[] {
  return new Run(callers).serve(agents, way);
}

class Run {
  readonly #callers: readonly Caller[];
  readonly #fates: (Fate | null)[];
  readonly #state = new State();
  readonly #calendar = new Calendar<Entry>();
  readonly #legs = new Map<CallId, LegId>();
  readonly #indexes = new Map<CallId, number>();
  /** Facts that follow at once from what the core has ordered. */
  #atOnce: Event[] = [];
  #nowMs = 0;

  constructor(callers: readonly Caller[]) {
    this.#callers = callers;
    this.#fates = callers.map(() => null);
  }

  serve(agents: number, way: Way): Fate[] {
    this.#open(agents, way);
    this.#plan("arrival", 0);
    while (this.#goOn());
    if (this.#state.calls.size > 0) throw new Error(`${this.#state.calls.size} calls never end`);
    return this.#fates.map((fate, i) => {
      if (!fate) throw new Error(`Caller ${i} has no fate`);
      return fate;
    });
  }

  #open(agents: number, way: Way): void {
    this.#tell({ type: "hotline_added", hotline: theoreticalHotline(hotline, way) });
    this.#tell({ type: "number_set", number, hotline, requires: [] });
    const ids = Array.from({ length: agents }, (_, i) => String(1_001 + i) as AgentId);
    for (const agent of ids) {
      this.#tell({
        type: "agent_added",
        agent,
        name: `Agent ${agent}`,
        memberships: [{ hotline, tier: 1, skills: [] }],
      });
      this.#tell({ type: "login_asked", agent });
    }
    const phones = ids.map((agent) => ({ agent, phone: "reachable" as const }));
    this.#tell({ type: "pbx_snapshot", run: "first" as PbxRun, callers: [], legs: [], talks: [], phones });
  }

  /** The next thing that happens, or the core's deadline before it. False: there is nothing more to come. */
  #goOn(): boolean {
    const next = this.#calendar.first();
    const due = nextDeadline(this.#state);
    if (due && (!next || due.atMs <= next.atMs)) {
      this.#nowMs = due.atMs;
      this.#tell({ type: "deadline_passed", of: due.of });
      return true;
    }
    if (!next) return false;
    this.#calendar.removeFirst();
    this.#nowMs = next.atMs;
    this.#happen(next.entry);
    return true;
  }

  #plan(kind: Entry["kind"], caller: number, inMs = 0): void {
    const atMs = kind === "arrival" ? this.#callers[caller]?.atMs : this.#nowMs + inMs;
    if (atMs !== undefined && atMs < Infinity) this.#calendar.add(atMs, ranks[kind], { kind, caller });
  }

  #happen({ kind, caller }: Entry): void {
    const call = callId(caller);
    const phase = this.#state.calls.get(call)?.phase.kind;
    switch (kind) {
      case "arrival":
        this.#indexes.set(call, caller);
        this.#plan("patienceOver", caller, this.#callers[caller]!.patienceMs);
        this.#tell({ type: "call_arrived", call, number, from: null });
        this.#plan("arrival", caller + 1);
        return;
      case "patienceOver":
        if (phase === "waiting") this.#tell({ type: "caller_left", call });
        return;
      case "talkOver":
        // Now the caller hangs up, now the agent.
        if (caller % 2 === 0) this.#tell({ type: "caller_left", call });
        else this.#tell(legEnded(this.#legs.get(call)!));
        return;
    }
  }

  /** Tells the core, and whatever follows at once from what it orders, until there is no more. */
  #tell(event: Event): void {
    this.#atOnce.push(event);
    for (let next = this.#atOnce.shift(); next; next = this.#atOnce.shift()) this.#step(next);
  }

  #step(event: Event): void {
    const now = {
      monotonicMs: this.#nowMs as MonotonicMs,
      wallMs: (mondayMs + this.#nowMs) as WallMs,
    };
    const { verdict, effects, story } = step(this.#state, event, now);
    if (verdict.kind !== "done")
      throw new Error(`${JSON.stringify(event)} at ${this.#nowMs}: ${JSON.stringify(verdict)}`);
    for (const line of story) if ("call" in line) this.#listen(line.call, line.told);
    for (const effect of effects) this.#obey(effect);
  }

  #listen(call: CallId, told: CallStory): void {
    const caller = this.#indexes.get(call)!;
    if (told.what === "connected") this.#plan("talkOver", caller, this.#callers[caller]!.talkMs);
    if (told.what !== "ended") return;
    const { outcome } = told.result;
    if (outcome !== "answered" && outcome !== "abandoned")
      throw new Error(`Caller ${caller}: ${outcome}, which theory does not know`);
    if (this.#fates[caller]) throw new Error(`Caller ${caller} has a second outcome`);
    this.#fates[caller] = { waitMs: told.waitMs, answered: outcome === "answered" };
  }

  /** Asterisk and the phones, who do everything at once. */
  #obey(effect: Effect): void {
    switch (effect.type) {
      case "play":
        this.#atOnce.push({ type: "playback_finished", call: effect.call, playback: effect.playback });
        return;
      case "ring_agent":
        this.#atOnce.push(
          { type: "leg_ringing", leg: effect.leg },
          { type: "leg_answered", leg: effect.leg },
        );
        return;
      case "connect":
        this.#legs.set(effect.call, effect.leg);
        this.#atOnce.push({ type: "connected", call: effect.call, bridge: effect.bridge });
        return;
      case "release_leg":
        this.#atOnce.push(legEnded(effect.leg));
        return;
      case "hang_up":
        this.#atOnce.push({ type: "caller_left", call: effect.call });
        return;
      case "answer":
      case "start_music":
      case "close_bridge":
        return;
      default:
        throw new Error(`The core orders ${effect.type}, where nothing goes wrong`);
    }
  }
}

/** In the order of arrival, also where ids break ties. */
const callId = (caller: number) => `c${String(caller).padStart(8, "0")}` as CallId;

const legEnded = (leg: LegId): Event => {
  if (!parseLegId(leg)) throw new Error(`${leg} is no leg`);
  return { type: "leg_ended", leg, cause: 16, sipCode: null };
};
