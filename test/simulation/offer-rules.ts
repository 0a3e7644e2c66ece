import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Effect } from "../../src/core/effects.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { AgentId, CallId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";

type Ring = Extract<Effect, { type: "ring_agent" }>;
/** As they were before the step. */
export type Rows = {
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly calls: ReadonlyMap<CallId, Call>;
};

type Violated = (rule: string, detail: string) => void;

/**
 * Who is rung for whom, worked out anew by the words of the strategies, over all agents and all callers. Looks only at
 * the rows after a step and at its offers: who is offered in it was free before.
 */
export class OfferRules {
  readonly #violated: Violated;
  readonly #idleSince: (agent: AgentId) => number;
  /** Who was rung for a call since everybody was. */
  readonly #tried = new Map<CallId, Set<AgentId>>();

  constructor(violated: Violated, idleSince: (agent: AgentId) => number) {
    this.#violated = violated;
    this.#idleSince = idleSince;
  }

  lifeBegins(calls: Iterable<Call>): void {
    this.#tried.clear();
    for (const call of calls) this.#tried.set(call.id, new Set(call.tried));
  }

  check(state: State, isUp: boolean, before: Rows, effects: readonly Effect[]): void {
    const offers = effects.filter((effect) => effect.type === "ring_agent");
    if (!isUp) {
      if (offers.length > 0) this.#violated("nobody is rung without Asterisk", offers[0]!.leg);
      return;
    }
    const free = [...state.agents.values()].filter(isFreeNow);
    const waiting = [...state.calls.values()].filter((call) => call.phase.kind === "waiting");
    this.#nobodyWaitsInVain(free, waiting);
    if (offers.length > 0) this.#checkOffers(state, before, offers, free, waiting);
    this.#everybodyRings(state, free);
  }

  #nobodyWaitsInVain(free: readonly Agent[], waiting: readonly Call[]): void {
    for (const call of waiting) {
      const idle = free.find((agent) => serves(agent, call));
      if (idle) this.#violated("nobody waits in vain", `${call.id} waits while agent ${idle.id} is free`);
    }
  }

  #checkOffers(
    state: State,
    before: Rows,
    offers: readonly Ring[],
    free: readonly Agent[],
    waiting: readonly Call[],
  ): void {
    const ringing = new Set<CallId>();
    for (const [at, offer] of offers.entries()) {
      const call = state.calls.get(offer.call);
      const hotline = call?.hotline ? state.hotlines.get(call.hotline) : null;
      const later = offers.slice(at);
      const pool = [
        ...free,
        ...later.map(({ agent }) => state.agents.get(agent)).filter((agent) => agent !== null),
      ];
      const agent = state.agents.get(offer.agent);
      if (!call || !hotline || !agent || !serves(agent, call)) {
        this.#violated(
          "only who serves a hotline",
          `${offer.leg} is rung for ${call?.hotline ?? "no hotline"}`,
        );
        continue;
      }
      if (offer.ringTimeoutMs !== hotline.ringTimeoutMs) this.#violated("ring timeout", offer.leg);
      const joinsARing = ringing.has(call.id) || ringsOn(before, state, call.id);
      if (!joinsARing) {
        const others = [
          ...waiting,
          ...later.map((one) => state.calls.get(one.call)).filter((one) => one !== null),
        ];
        this.#checkCallersTurn(call, agent, others);
      }
      this.#checkAgentsTurn(hotline, call, agent, pool, joinsARing);
      ringing.add(call.id);
    }
  }

  /** Nobody who came earlier and whom this agent could serve is passed over. */
  #checkCallersTurn(call: Call, agent: Agent, others: readonly Call[]): void {
    const passed = others.find(
      (other) => other.id !== call.id && serves(agent, other) && cameBefore(other, call),
    );
    if (passed)
      this.#violated(
        "the longest waiting caller first",
        `agent ${agent.id} is rung for ${call.id} before ${passed.id}`,
      );
  }

  #checkAgentsTurn(
    hotline: Hotline,
    call: Call,
    agent: Agent,
    pool: readonly Agent[],
    inRing: boolean,
  ): void {
    const tried = this.#triedFor(call.id);
    if (hotline.strategy === "ring-all") {
      if (!inRing) tried.clear();
      if (tried.has(agent.id))
        this.#violated("a ring group rings once a round", `agent ${agent.id} is rung again for ${call.id}`);
      tried.add(agent.id);
      return;
    }
    const eligible = pool.filter((one) => serves(one, call));
    const fresh = eligible.filter((one) => !tried.has(one.id));
    if (fresh.length === 0) tried.clear();
    const expected = (fresh.length > 0 ? fresh : eligible).reduce((best, one) =>
      this.#isIdleLonger(one, best) ? one : best,
    );
    if (expected.id !== agent.id)
      this.#violated(
        "the right agent",
        `agent ${agent.id} is rung for ${call.id}; it was the turn of ${expected.id}`,
      );
    tried.add(agent.id);
  }

  /** In a ring group, who is free rings too, as long as nobody has picked up. */
  #everybodyRings(state: State, free: readonly Agent[]): void {
    for (const call of state.calls.values()) {
      if (call.phase.kind !== "offering" || call.phase.claim.kind !== "none" || !call.hotline) continue;
      if (state.hotlines.get(call.hotline)?.strategy !== "ring-all") continue;
      const silent = free.find((agent) => serves(agent, call) && !this.#triedFor(call.id).has(agent.id));
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

  #isIdleLonger(a: Agent, b: Agent): boolean {
    const difference = this.#idleSince(a.id) - this.#idleSince(b.id);
    return difference === 0 ? a.id < b.id : difference < 0;
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

const serves = (agent: Agent, call: Call): boolean =>
  agent.memberships.some(({ hotline }) => hotline === call.hotline);

/** Ties by id. */
const cameBefore = (a: Call, b: Call): boolean =>
  a.arrivedAt.monotonicMs === b.arrivedAt.monotonicMs
    ? a.id < b.id
    : a.arrivedAt.monotonicMs < b.arrivedAt.monotonicMs;

/** Logged in, not paused, doing nothing, not left alone after a "no", with a phone that can be rung. */
export const isFreeNow = (agent: Agent): boolean =>
  agent.duty.kind === "on" &&
  agent.work.kind === "idle" &&
  agent.rest.kind !== "resting" &&
  (agent.phone === "reachable" || agent.phone === "unknown");
