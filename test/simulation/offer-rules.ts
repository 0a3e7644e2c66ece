import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Desk } from "../../src/core/desks.ts";
import type { Effect } from "../../src/core/effects.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { AgentId, CallId, HotlineId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";

type Ring = Extract<Effect, { type: "ring_agent" }>;
type Violated = (rule: string, detail: string) => void;

/** As they were before the step. */
export type Rows = {
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly calls: ReadonlyMap<CallId, Call>;
};

/** What the strategies compare, as the oracle has counted it. */
type Books = { readonly idleSince: number; readonly calls: number; readonly talkMs: number };

/**
 * Who is rung for whom, worked out anew by the words of the strategies, over all agents and all callers. Looks only at
 * the rows after a step and at its offers: who is offered in it was free before.
 */
export class OfferRules {
  readonly #violated: Violated;
  readonly #books: (agent: AgentId) => Books;
  /** Who was rung for a call since everybody was. */
  readonly #tried = new Map<CallId, Set<AgentId>>();
  readonly #lastInTurn = new Map<HotlineId, AgentId>();
  /** While phones ring progressively for a call: when the next one may join at the soonest. */
  readonly #nextRingMs = new Map<CallId, number>();

  constructor(violated: Violated, books: (agent: AgentId) => Books) {
    this.#violated = violated;
    this.#books = books;
  }

  lifeBegins(calls: Iterable<Call>, desks: Iterable<Desk>): void {
    this.#tried.clear();
    this.#lastInTurn.clear();
    this.#nextRingMs.clear();
    for (const call of calls) {
      this.#tried.set(call.id, new Set(call.tried));
      // Since when it has been ringing is not known.
      if (call.phase.kind === "offering") this.#nextRingMs.set(call.id, Number.NEGATIVE_INFINITY);
    }
    for (const { hotline, lastOffered } of desks) if (lastOffered) this.#lastInTurn.set(hotline, lastOffered);
  }

  check(now: Now, state: State, isUp: boolean, before: Rows, { effects, story }: StepResult): void {
    const moved = story.flatMap((line) => ("call" in line && line.told.what === "moved" ? [line.call] : []));
    for (const call of moved) this.#tried.delete(call);
    this.#checkStep(now, state, isUp, before, effects, new Set(moved));
    this.#notePace(now, state);
  }

  /** `moved`: who came to another hotline in this step, perhaps after others there were given their agent. */
  #checkStep(
    now: Now,
    state: State,
    isUp: boolean,
    before: Rows,
    effects: StepResult["effects"],
    moved: ReadonlySet<CallId>,
  ): void {
    const offers = effects.filter((effect) => effect.type === "ring_agent");
    if (!isUp) {
      if (offers.length > 0) this.#violated("nobody is rung without Asterisk", offers[0]!.leg);
      return;
    }
    const free = [...state.agents.values()].filter(isFreeNow);
    const waiting = [...state.calls.values()].filter((call) => call.phase.kind === "waiting");
    for (const call of waiting) {
      const idle = free.find((agent) => mayServe(state, agent, call));
      if (idle) this.#violated("nobody waits in vain", `${call.id} waits while agent ${idle.id} is free`);
    }
    this.#checkOffers(now, state, before, offers, free, waiting, moved);
    this.#everybodyRings(state, free);
  }

  #checkOffers(
    now: Now,
    state: State,
    before: Rows,
    offers: readonly Ring[],
    free: readonly Agent[],
    waiting: readonly Call[],
    moved: ReadonlySet<CallId>,
  ): void {
    const ringing = new Set<CallId>();
    for (const [at, offer] of offers.entries()) {
      const call = state.calls.get(offer.call);
      const hotline = call?.hotline ? state.hotlines.get(call.hotline) : null;
      const agent = state.agents.get(offer.agent);
      if (!call || !hotline || !agent || !mayServe(state, agent, call)) {
        this.#violated(
          "only who may serve the caller",
          `${offer.leg} is rung for ${call?.hotline ?? "no hotline"}`,
        );
        continue;
      }
      if (offer.ringTimeoutMs !== hotline.ringTimeoutMs) this.#violated("ring timeout", offer.leg);
      const later = offers.slice(at);
      const rangBefore = ringsOn(before, state, call.id);
      const joins = ringing.has(call.id) || rangBefore;
      const begun = later.filter((one) => !ringsOn(before, state, one.call));
      const others = [
        ...waiting,
        ...begun.map((one) => state.calls.get(one.call)).filter((one) => one !== null),
      ].filter(({ id }) => !moved.has(id));
      if (!joins) this.#checkCallersTurn(state, call, agent, others);
      if (rangBefore) this.#checkJoinersTurn(state, hotline, call, agent, others);
      const offered = later.map((one) => state.agents.get(one.agent)).filter((one) => one !== null);
      this.#checkAgentsTurn(state, hotline, call, agent, [...free, ...offered], joins);
      if (joins && hotline.strategy === "ring-all")
        this.#checkJoinersTier(state, before, call, agent, offers);
      if (joins) this.#checkPace(now, hotline, call, offer);
      this.#nextRingMs.set(call.id, now.monotonicMs + hotline.ringNextAfterMs);
      if (hotline.strategy === "round-robin") this.#lastInTurn.set(hotline.id, agent.id);
      ringing.add(call.id);
    }
  }

  /** Nobody is passed over whose hotline is more important, or who has waited longer, and whom this agent could serve. */
  #checkCallersTurn(state: State, call: Call, agent: Agent, others: readonly Call[]): void {
    const passed = others.find(
      (other) => other.id !== call.id && mayServe(state, agent, other) && comesBefore(state, other, call),
    );
    if (passed)
      this.#violated("the right caller", `agent ${agent.id} is rung for ${call.id} before ${passed.id}`);
  }

  /** Who joins a ring could serve nobody for whom nobody rings, and in a ring group joins the caller whose turn it is. */
  #checkJoinersTurn(
    state: State,
    hotline: Hotline,
    call: Call,
    agent: Agent,
    waiting: readonly Call[],
  ): void {
    const ringing = [...state.calls.values()].filter(
      ({ id, phase, ...other }) =>
        phase.kind === "offering" &&
        phase.claim.kind === "none" &&
        other.hotline !== null &&
        state.hotlines.get(other.hotline)?.strategy === "ring-all" &&
        tierAt(agent, other.hotline) <= ringingTier(state, { phase, ...other }) &&
        !this.#triedFor(id).has(agent.id),
    );
    const passed =
      waiting.find((other) => mayServe(state, agent, other)) ??
      (hotline.strategy === "ring-all"
        ? ringing.find((other) => mayServe(state, agent, other) && comesBefore(state, other, call))
        : undefined);
    if (passed)
      this.#violated("the right caller", `agent ${agent.id} joins for ${call.id}, not for ${passed.id}`);
  }

  /** In a ring group nobody joins from a worse tier than rings already. */
  #checkJoinersTier(state: State, before: Rows, call: Call, agent: Agent, offers: readonly Ring[]): void {
    const { hotline, phase } = call;
    if (hotline === null || phase.kind !== "offering") return;
    const first = offers.find((one) => one.call === call.id)?.agent;
    const beganNow = !ringsOn(before, state, call.id);
    const joined = new Set(offers.map((one) => one.agent));
    const agents = phase.agents.filter((id) => (beganNow ? id === first : !joined.has(id)));
    if (tierAt(agent, hotline) > ringingTier(state, { hotline, phase: { ...phase, agents } }))
      this.#violated("a ring group rings the best tier", `agent ${agent.id} joins for ${call.id}`);
  }

  #checkAgentsTurn(
    state: State,
    hotline: Hotline,
    call: Call,
    agent: Agent,
    pool: readonly Agent[],
    joins: boolean,
  ): void {
    const tried = this.#triedFor(call.id);
    const eligible = pool.filter((one) => mayServe(state, one, call));
    const untried = eligible.filter((one) => !tried.has(one.id));
    const candidates = untried.length > 0 ? untried : eligible;
    const bestTier = Math.min(...candidates.map((one) => tierAt(one, hotline.id)));
    if (hotline.strategy === "ring-all") {
      if (!joins && tierAt(agent, hotline.id) > bestTier)
        this.#violated("a ring group rings the best tier", `agent ${agent.id} is rung for ${call.id}`);
      if (!joins && untried.length === 0) tried.clear();
      // Who of this tier was asked in an earlier round is asked again.
      if (!joins)
        for (const one of state.agents.values())
          if (tierAt(one, hotline.id) === bestTier) tried.delete(one.id);
      if (tried.has(agent.id))
        this.#violated("a ring group rings once a round", `agent ${agent.id} is rung again for ${call.id}`);
      tried.add(agent.id);
      return;
    }
    if (untried.length === 0) tried.clear();
    const best = candidates.filter((one) => tierAt(one, hotline.id) === bestTier);
    const isRight =
      hotline.strategy === "random"
        ? best.some(({ id }) => id === agent.id)
        : this.#first(hotline, best) === agent.id;
    if (!isRight)
      this.#violated(
        "the right agent",
        `agent ${agent.id} is rung for ${call.id} by ${hotline.strategy}; it was the turn of ${this.#first(hotline, best)}`,
      );
    tried.add(agent.id);
  }

  /** Whose turn it is by the strategy. Ties by id. */
  #first(hotline: Hotline, agents: readonly Agent[]): AgentId | undefined {
    const by = (...keys: ((agent: Agent) => number)[]) =>
      agents.toSorted((a, b) => {
        for (const key of keys) if (key(a) !== key(b)) return key(a) - key(b);
        return a.id < b.id ? -1 : 1;
      })[0]?.id;
    const idle = (agent: Agent) => this.#books(agent.id).idleSince;
    const number = (agent: Agent) => Number(agent.id);
    switch (hotline.strategy) {
      case "fewest-calls":
        return by((agent) => this.#books(agent.id).calls, idle);
      case "least-talk":
        return by((agent) => this.#books(agent.id).talkMs, idle);
      case "fixed-order":
        return by(number);
      case "round-robin": {
        const last = Number(this.#lastInTurn.get(hotline.id) ?? 0);
        return by((agent) => (number(agent) > last ? 0 : 1), number);
      }
      default:
        return by(idle);
    }
  }

  /** More phones join while it rings: in a ring group at once, progressively one after the other, else never. */
  #checkPace(now: Now, { strategy }: Hotline, call: Call, offer: Ring): void {
    if (strategy === "ring-all") return;
    if (strategy !== "progressive")
      this.#violated("one phone at a time", `${offer.leg} is rung beside others by ${strategy}`);
    const nextAtMs = this.#nextRingMs.get(call.id);
    if (nextAtMs !== undefined && now.monotonicMs < nextAtMs)
      this.#violated("progressively", `${offer.leg} is rung ${nextAtMs - now.monotonicMs} ms too soon`);
  }

  /** Where the strategy becomes progressive while a phone rings, the time begins then. */
  #notePace({ monotonicMs }: Now, state: State): void {
    for (const { id, hotline: hotlineId, phase } of state.calls.values()) {
      const hotline = hotlineId === null ? null : state.hotlines.get(hotlineId);
      if (hotline?.strategy !== "progressive" || phase.kind !== "offering") this.#nextRingMs.delete(id);
      else if (!this.#nextRingMs.has(id)) this.#nextRingMs.set(id, monotonicMs + hotline.ringNextAfterMs);
    }
  }

  /** In a ring group, who is free in a tier that rings, or in a better one, rings too, as long as nobody has picked up. */
  #everybodyRings(state: State, free: readonly Agent[]): void {
    for (const call of state.calls.values()) {
      if (call.phase.kind !== "offering" || call.phase.claim.kind !== "none" || !call.hotline) continue;
      if (state.hotlines.get(call.hotline)?.strategy !== "ring-all") continue;
      const silent = free.find(
        (one) =>
          mayServe(state, one, call) &&
          tierAt(one, call.hotline!) <= ringingTier(state, call) &&
          !this.#triedFor(call.id).has(one.id),
      );
      if (silent)
        this.#violated("in a ring group everybody rings", `agent ${silent.id} does not ring for ${call.id}`);
    }
  }

  #triedFor(call: CallId): Set<AgentId> {
    let tried = this.#tried.get(call);
    if (!tried) {
      tried = new Set();
      this.#tried.set(call, tried);
    }
    return tried;
  }
}

/** Somebody who rang for the call before the step still does: an offer joins them. */
function ringsOn(before: Rows, state: State, call: CallId): boolean {
  const phase = before.calls.get(call)?.phase;
  if (phase?.kind !== "offering") return false;
  return phase.agents.some((agent) => {
    const leg = offeredLeg(before.agents.get(agent));
    return leg !== null && leg === offeredLeg(state.agents.get(agent));
  });
}

const offeredLeg = (agent: Agent | null | undefined) =>
  agent?.work.kind === "offered" ? agent.work.leg : null;

/** Serves the hotline, has the skills, and is of a tier that has joined. */
function mayServe(state: State, agent: Agent, call: Call): boolean {
  const membership = agent.memberships.find(({ hotline }) => hotline === call.hotline);
  if (!membership || !call.hotline) return false;
  return (
    call.requires.every((skill) => membership.skills.includes(skill)) &&
    membership.tier <= openTier(state, call.hotline, call.tiersJoined)
  );
}

/** The first tier in which somebody takes calls, and as many more such tiers as have joined. */
function openTier(state: State, hotline: HotlineId, joined: number): number {
  const tiers = new Set<number>();
  for (const agent of state.agents.values())
    if (agent.duty.kind === "on" && agent.phone !== "unreachable") tiers.add(tierAt(agent, hotline));
  tiers.delete(Number.NaN);
  const inOrder = [...tiers].sort((a, b) => a - b);
  return inOrder[Math.min(joined, inOrder.length - 1)] ?? Number.NEGATIVE_INFINITY;
}

/** The last of the tiers in which phones ring for a call. */
function ringingTier(state: State, { hotline, phase }: Pick<Call, "hotline" | "phase">): number {
  if (phase.kind !== "offering" || hotline === null) return Number.NEGATIVE_INFINITY;
  const agents = phase.agents.map((id) => state.agents.get(id)).filter((agent) => agent !== null);
  return Math.max(...agents.map((agent) => tierAt(agent, hotline)).filter((tier) => !Number.isNaN(tier)));
}

const tierAt = (agent: Agent, hotline: HotlineId): number =>
  agent.memberships.find((one) => one.hotline === hotline)?.tier ?? Number.NaN;

/** By the hotlines' priorities, then by waiting time. Ties by id. */
function comesBefore(state: State, a: Call, b: Call): boolean {
  const priority = (call: Call) => (call.hotline && state.hotlines.get(call.hotline)?.priority) ?? 0;
  if (priority(a) !== priority(b)) return Number(priority(a)) > Number(priority(b));
  return a.waitingSince === b.waitingSince ? a.id < b.id : a.waitingSince < b.waitingSince;
}

/** Logged in, not paused, doing nothing, not left alone after a "no", with a phone that can be rung. */
export const isFreeNow = (agent: Agent): boolean =>
  agent.duty.kind === "on" &&
  agent.work.kind === "idle" &&
  agent.rest.kind !== "resting" &&
  (agent.phone === "reachable" || agent.phone === "unknown");
