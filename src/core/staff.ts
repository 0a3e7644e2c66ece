import { type Agent, isFree, isPresent, isStaffed, type Membership } from "./agents.ts";
import type { Strategy } from "./hotlines.ts";
import type { AgentId } from "./ids.ts";
import { SortedList, type SortKey } from "./sorted-list.ts";

/** Free agents of one hotline who can do the same, in the order of the hotline's strategy. */
export type Pool = {
  readonly tier: number;
  readonly skills: readonly string[];
  readonly agents: SortedList<AgentId>;
};

/** The agents of one hotline. */
export class Staff {
  #strategy: Strategy;
  readonly #pools = new Map<string, Pool>();
  /** All of them, by tier. */
  readonly members = new SortedList<AgentId>();
  /** Those who are there, paused ones too. */
  readonly present = new SortedList<AgentId>();
  /** Those who take calls, now or after the present one; by tier. */
  readonly staffed = new SortedList<AgentId>();

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  /** Those who may be offered a call now. Only pools with somebody in them. */
  pools(): IterableIterator<Pool> {
    return this.#pools.values();
  }

  get hasFree(): boolean {
    return this.#pools.size > 0;
  }

  get strategy(): Strategy {
    return this.#strategy;
  }

  /** Puts the free agents into the order of another strategy. `agentOf` looks up a member. */
  reorder(strategy: Strategy, agentOf: (id: AgentId) => Agent): void {
    const free = [...this.#pools.values()].flatMap(({ tier, skills, agents }) =>
      agents.ids().map((id) => ({ tier, skills, agent: agentOf(id) })),
    );
    this.#pools.clear();
    this.#strategy = strategy;
    for (const { tier, skills, agent } of free) this.#addFree(agent, tier, skills);
  }

  add(agent: Agent, { tier, skills }: Membership): void {
    const byTier: SortKey<AgentId> = { first: tier, second: 0, id: agent.id };
    this.members.add(byTier);
    if (isPresent(agent)) this.present.add(byTier);
    if (isStaffed(agent)) this.staffed.add(byTier);
    if (isFree(agent)) this.#addFree(agent, tier, skills);
  }

  remove(agent: Agent, { tier, skills }: Membership): void {
    const byTier: SortKey<AgentId> = { first: tier, second: 0, id: agent.id };
    this.members.remove(byTier);
    if (isPresent(agent)) this.present.remove(byTier);
    if (isStaffed(agent)) this.staffed.remove(byTier);
    if (isFree(agent)) this.#removeFree(agent, tier, skills);
  }

  /**
   * The highest tier that takes calls of who has seen `joined` tiers join the first. Tiers in which nobody takes calls at
   * present are not counted: nobody waits for an empty room. Null: nobody takes calls at all.
   */
  openTier(joined: number): number | null {
    let tier = this.staffed.first()?.first ?? null;
    for (let more = joined; tier !== null && more > 0; more--) {
      const next = this.staffed.firstAfter({
        first: tier,
        second: Number.POSITIVE_INFINITY,
        id: "" as AgentId,
      });
      if (!next) break;
      tier = next.first;
    }
    return tier;
  }

  /** How many tiers there are, with or without anybody taking calls. */
  get tiers(): number {
    let tiers = 0;
    for (let key = this.members.first(); key; tiers++)
      key = this.members.firstAfter({ ...key, second: Number.POSITIVE_INFINITY });
    return tiers;
  }

  #addFree(agent: Agent, tier: number, skills: readonly string[]): void {
    const name = poolName(tier, skills);
    let pool = this.#pools.get(name);
    if (!pool) {
      pool = { tier, skills, agents: new SortedList<AgentId>() };
      this.#pools.set(name, pool);
    }
    pool.agents.add(orderKey(this.#strategy, agent));
  }

  #removeFree(agent: Agent, tier: number, skills: readonly string[]): void {
    const name = poolName(tier, skills);
    const pool = this.#pools.get(name);
    if (!pool) throw new Error(`Agent ${agent.id} is in no pool ${name}`);
    pool.agents.remove(orderKey(this.#strategy, agent));
    if (pool.agents.size === 0) this.#pools.delete(name);
  }
}

const poolName = (tier: number, skills: readonly string[]) => `${tier} ${skills.join()}`;

/** Where an agent stands among the free ones; the smallest rings first. */
export function orderKey(strategy: Strategy, agent: Agent): SortKey<AgentId> {
  const { id, idleSince, today } = agent;
  switch (strategy) {
    case "longest-idle":
    case "ring-all":
    case "progressive":
      return { first: idleSince, second: 0, id };
    case "fewest-calls":
      return { first: today.calls, second: idleSince, id };
    case "least-talk":
      return { first: today.talkMs, second: idleSince, id };
    case "round-robin":
    case "fixed-order":
    case "random":
      return idKey(id);
  }
}

/** In the order of ids: 99 comes before 201; those that are no numbers come last, by the alphabet. */
export function idKey(id: AgentId): SortKey<AgentId> {
  return { first: /^\d{1,15}$/.test(id) ? Number(id) : Number.MAX_SAFE_INTEGER, second: 0, id };
}
