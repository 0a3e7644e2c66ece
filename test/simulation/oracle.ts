import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Effect } from "../../src/core/effects.ts";
import type { Event } from "../../src/core/events.ts";
import { type AgentId, type CallId, type LegId, parseLegId } from "../../src/core/ids.ts";
import { brokenInvariants } from "../../src/core/invariants.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import { GreetingRules } from "./greeting-rules.ts";
import { HoursRules } from "./hours-rules.ts";
import { isFreeNow, OfferRules } from "./offer-rules.ts";
import { OverflowRules } from "./overflow-rules.ts";
import { PlaceRules } from "./place-rules.ts";
import { RefusalRules } from "./refusal-rules.ts";
import { TalkRules } from "./talk-rules.ts";
import { TallyRules } from "./tally-rules.ts";
import { TierRules } from "./tier-rules.ts";

/** `agent` null: a number outside. */
type RungLeg = { readonly agent: AgentId | null; readonly call: CallId; isReleased: boolean };

/**
 * Judges every step by the rules of the house, with books of its own: it looks at events, orders and the rows before and
 * after, works everything out anew in the simplest way, and never asks the core's indexes or helpers.
 */
export class Oracle {
  readonly #violated: (rule: string, detail: string) => void;
  #agents = new Map<AgentId, Agent>();
  #calls = new Map<CallId, Call>();
  readonly #idleSince = new Map<AgentId, number>();
  readonly #legs = new Map<LegId, RungLeg>();
  /** Callers whose end the core was told. */
  readonly #gone = new Set<CallId>();
  readonly #decided = new Set<CallId>();
  readonly #talks: TalkRules;
  readonly #offers: OfferRules;
  readonly #refusals: RefusalRules;
  readonly #hours: HoursRules;
  readonly #greetings: GreetingRules;
  readonly #tallies: TallyRules;
  readonly #tiers: TierRules;
  readonly #places: PlaceRules;
  readonly #overflow: OverflowRules;
  #isUp = false;
  /** When the connection broke, by the monotonic clock; null: not in this life. */
  #lostAtMs: number | null = null;

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
    this.#talks = new TalkRules(violated);
    this.#refusals = new RefusalRules(violated);
    this.#hours = new HoursRules(violated);
    this.#greetings = new GreetingRules(violated);
    this.#tallies = new TallyRules(violated);
    this.#tiers = new TierRules(violated);
    this.#places = new PlaceRules(violated);
    this.#overflow = new OverflowRules(violated);
    this.#offers = new OfferRules(violated, (agent) => ({
      idleSince: this.#idleSince.get(agent) ?? Number.NaN,
      ...this.#tallies.of(agent),
    }));
  }

  /** A daemon has started with these rows, which are what was committed. */
  lifeBegins(state: State, now: Now): void {
    this.#agents = new Map([...state.agents.values()].map((agent) => [agent.id, agent]));
    this.#calls = new Map([...state.calls.values()].map((call) => [call.id, call]));
    this.#idleSince.clear();
    this.#legs.clear();
    this.#gone.clear();
    this.#decided.clear();
    this.#isUp = false;
    this.#lostAtMs = null;
    for (const call of this.#calls.values())
      if (call.arrivedAt.monotonicMs > now.monotonicMs)
        this.#violated("clocks survive", `${call.id} came in the future`);
    for (const agent of this.#agents.values()) {
      if (agent.idleSince > now.monotonicMs)
        this.#violated("clocks survive", `${agent.id} is idle since the future`);
      this.#idleSince.set(agent.id, agent.idleSince);
      const leg = "leg" in agent.work ? agent.work.leg : null;
      const call = leg && parseLegId(leg)?.call;
      if (leg && call)
        this.#legs.set(leg, {
          agent: agent.id,
          call,
          isReleased: agent.work.kind !== "offered" && agent.work.kind !== "talking",
        });
    }
    for (const { id, phase } of this.#calls.values()) {
      if (phase.kind === "ended") this.#decided.add(id);
      if (phase.kind === "forwarding" || phase.kind === "forwarded")
        this.#legs.set(phase.leg, { agent: null, call: id, isReleased: false });
    }
    this.#talks.lifeBegins(this.#calls.values());
    this.#refusals.lifeBegins(this.#agents.values());
    this.#hours.lifeBegins(state);
    this.#greetings.lifeBegins(this.#calls.values());
    this.#tallies.lifeBegins(state);
    this.#tiers.lifeBegins(this.#calls.values());
    this.#places.lifeBegins(state);
    this.#overflow.lifeBegins(this.#calls.values());
    this.#offers.lifeBegins(this.#calls.values(), state.desks.values());
  }

  afterStep(event: Event, now: Now, state: State, result: StepResult): void {
    const violated = this.#violated;
    for (const broken of brokenInvariants(state)) violated("the core's own invariants", broken);
    this.#noteEnds(event);
    this.#noteStory(result);
    if (event.type === "pbx_lost") {
      this.#isUp = false;
      this.#lostAtMs = now.monotonicMs;
    }
    if (event.type === "pbx_snapshot") this.#isUp = true;
    this.#checkLosses(now, result);
    this.#checkIdleClocks(now, result);
    this.#checkOrders(result.effects);
    const rows = { agents: this.#agents, calls: this.#calls };
    this.#refusals.check(event, now, state, rows, result);
    this.#checkAbandonedLegs(event, state, result);
    this.#tallies.check(event, now, state, rows, result);
    this.#offers.check(now, state, this.#isUp, rows, result);
    this.#greetings.check(event, now, state, result);
    this.#tiers.check(now, state, result);
    this.#places.check(now, state, rows, result);
    this.#overflow.check(now, state, rows, result);
    this.#talks.check(event, now, state, rows, result);
    this.#hours.check(event, now, state, this.#isUp, rows, result);
    this.#checkDeadlines(state);
    for (const [id, agent] of result.changes.agents) {
      if (agent) this.#agents.set(id, agent);
      else this.#agents.delete(id);
    }
    for (const [id, call] of result.changes.calls) {
      if (call) this.#calls.set(id, call);
      else this.#calls.delete(id);
    }
  }

  #noteEnds(event: Event): void {
    if (event.type === "caller_left") this.#gone.add(event.call);
    if (event.type === "call_arrived") this.#gone.delete(event.call);
    if (event.type === "leg_ended") this.#legs.delete(event.leg);
    if (event.type === "pbx_snapshot") {
      const callers = new Set(event.callers.map(({ call }) => call));
      for (const call of this.#calls.keys()) if (!callers.has(call)) this.#gone.add(call);
      const legs = new Set(event.legs.map(({ leg }) => leg));
      for (const leg of this.#legs.keys()) if (!legs.has(leg)) this.#legs.delete(leg);
    }
  }

  #noteStory({ story }: StepResult): void {
    for (const line of story) {
      if (!("call" in line)) continue;
      const { told, call } = line;
      if (told.what === "arrived") this.#decided.delete(call);
      if (told.what === "ended") {
        if (this.#decided.has(call)) this.#violated("one outcome", `${call} has ended twice`);
        this.#decided.add(call);
      }
    }
  }

  /**
   * The clock of an agent moves at the end of wrap-up, at login and resume, and when the phone said no or rang out. After a
   * failure of ours it may or may not.
   */
  #checkIdleClocks(now: Now, { changes, story }: StepResult): void {
    const nowMs = now.monotonicMs;
    for (const [id, agent] of changes.agents) {
      if (!agent) {
        this.#idleSince.delete(id);
        continue;
      }
      const before = this.#agents.get(id);
      const wasBusy = before?.work.kind === "talking" || before?.work.kind === "wrap_up";
      const results = story.map((line) =>
        "call" in line && line.told.what === "offer_ended" && line.told.agent === id
          ? line.told.result
          : null,
      );
      const refused = results.some(
        (r) => r === "no_answer" || r === "declined" || r === "busy" || r === "unreachable",
      );
      const moves =
        !before ||
        (before.duty.kind !== "on" && agent.duty.kind === "on") ||
        // Through being idle, perhaps for no longer than this step.
        (wasBusy && agent.work.kind !== "talking" && agent.work.kind !== "wrap_up") ||
        (before.phone === "in_use" && agent.phone !== "in_use") ||
        refused;
      const expected = moves ? nowMs : this.#idleSince.get(id);
      const mayMove = results.includes("failed");
      const isUsed = agent.duty.kind === "on" || agent.duty.kind === "paused";
      if (isUsed && agent.idleSince !== expected && !(mayMove && agent.idleSince === nowMs))
        this.#violated("idle clock", `agent ${id} is idle since ${agent.idleSince}, not since ${expected}`);
      this.#idleSince.set(id, agent.idleSince);
    }
  }

  #checkOrders(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "release_leg") {
        const leg = this.#legs.get(effect.leg);
        if (leg) leg.isReleased = true;
      }
      if (effect.type !== "ring_agent" && effect.type !== "ring_outside") continue;
      const { call, leg } = effect;
      const agent = effect.type === "ring_agent" ? effect.agent : null;
      if (this.#gone.has(call))
        this.#violated("no ringing for the dead", `${leg} is rung for a caller who has left`);
      if (this.#decided.has(call))
        this.#violated("no ringing for the dead", `${leg} is rung, but ${call} has its outcome`);
      for (const [other, rung] of this.#legs)
        if (agent ? rung.agent === agent : rung.agent === null && rung.call === call && !rung.isReleased)
          this.#violated("one offer at a time", `${leg} is rung, but ${other} has not ended`);
      this.#legs.set(leg, { agent, call, isReleased: false });
    }
  }

  /** Once a caller has left or is connected, all phones that ring for them are told to stop in that very step. */
  #checkAbandonedLegs(event: Event, state: State, result: StepResult): void {
    for (const [id, { call, agent, isReleased }] of this.#legs) {
      if (isReleased) continue;
      const row = state.calls.get(call);
      const talks = row?.phase.kind === "connected" && row.phase.agent === agent;
      const rings = row?.phase.kind === "offering" && agent !== null && row.phase.agents.includes(agent);
      const isOutside = row && "leg" in row.phase && row.phase.leg === id;
      if (!talks && !rings && !isOutside)
        this.#violated(
          "lost release",
          `${id} still rings after ${event.type}; ${call} is ${row?.phase.kind ?? "gone"}`,
        );
    }
    if (result.verdict.kind !== "ignored") return;
    for (const { type, ...about } of result.effects) {
      const isAboutIt = ("leg" in event && "leg" in about && event.leg === about.leg) || type === "connect";
      if (isAboutIt) this.#violated("no-ops do nothing", `${event.type} was ignored and ordered ${type}`);
    }
  }

  /** Who went down with Asterisk has ended when the connection broke, or, if nobody saw that or the call, at some time before. */
  #checkLosses(now: Now, { story }: StepResult): void {
    const unseen = new Set<CallId>();
    for (const line of story)
      if ("call" in line && line.told.what === "while_away" && line.told.reached === "lost")
        unseen.add(line.call);
    for (const line of story) {
      if (!("call" in line) || line.told.what !== "ended" || line.told.result.endedBy !== "pbx_lost")
        continue;
      const { at, talk } = line.told.result;
      // The past of an unseen call is known by the clock on the wall, which may have been set since.
      if (unseen.has(line.call) && at.monotonicMs <= now.monotonicMs && line.at === at) continue;
      const since = talk?.since.monotonicMs ?? this.#calls.get(line.call)?.arrivedAt.monotonicMs ?? 0;
      const isRight =
        this.#lostAtMs === null
          ? since <= at.monotonicMs && at.monotonicMs <= now.monotonicMs
          : at.monotonicMs === this.#lostAtMs;
      if (!isRight || line.at !== at)
        this.#violated("lost calls end when they were lost", `${line.call} ended at ${at.monotonicMs}`);
    }
  }

  /** What must happen by itself at some time has a deadline. */
  #checkDeadlines(state: State): void {
    const times: (number | null)[] = [];
    for (const { work, rest } of state.agents.values()) {
      if (work.kind === "offered" || work.kind === "releasing") times.push(work.deadlineMs);
      if (work.kind === "wrap_up") times.push(work.confirmByMs ?? work.untilMs);
      if (work.kind === "idle" && rest.kind === "resting") times.push(rest.untilMs);
    }
    for (const { phase, due } of state.calls.values()) {
      if (phase.kind === "waiting") times.push(due.giveUpMs, due.tierMs, due.stepMs, due.announcementMs);
      if (phase.kind === "offering") times.push(due.tierMs, due.ringNextMs, due.announcementMs);
      if ("deadlineMs" in phase) times.push(phase.deadlineMs);
    }
    const soonest = Math.min(...times.filter((time) => time !== null));
    const known = firstDeadline(state)?.atMs ?? Number.POSITIVE_INFINITY;
    if (soonest < known)
      this.#violated("deadlines", `something is due at ${soonest}, and the core knows of ${known}`);
  }
}

/** When all callers have left and time has run out: nothing may be left. */
export function leftovers(state: State, nowMs: number): string[] {
  const left: string[] = [];
  for (const call of state.calls.values()) left.push(`call ${call.id} is still ${call.phase.kind}`);
  for (const agent of state.agents.values())
    if (agent.work.kind !== "idle") left.push(`agent ${agent.id} is still ${agent.work.kind}`);
  for (const agent of state.agents.values())
    if (agent.duty.kind === "leaving") left.push(`agent ${agent.id} is still leaving`);
  for (const { hotline, unstaffedSince, allPausedSince, closing } of state.desks.values())
    if (unstaffedSince !== null || allPausedSince !== null || closing.kind !== "unwatched")
      left.push(`hotline ${hotline} is still watched, with nobody waiting`);
  const due = firstDeadline(state);
  if (due) left.push(`${due.id} is still due, in ${due.atMs - nowMs} ms`);
  for (const { id } of state.hotlines.values()) {
    if (state.queue(id).length > 0) left.push(`the queue of ${id} is not empty`);
    const free = [...state.agents.values()].filter(
      (agent) => isFreeNow(agent) && agent.memberships.some(({ hotline }) => hotline === id),
    );
    const listed = [...state.staff(id).pools()].reduce((sum, { agents }) => sum + agents.size, 0);
    if (listed !== free.length) left.push(`the list of free agents of ${id} is wrong`);
  }
  return left;
}

/** What the core's list of deadlines says is due first. */
export function firstDeadline(state: State): { readonly id: string; readonly atMs: number } | null {
  const first = state.deadlines.first();
  return first && { id: first.id, atMs: first.first };
}
