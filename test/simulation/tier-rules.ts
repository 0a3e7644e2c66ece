import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { CallId, HotlineId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";

type Waiter = { hereSinceMs: number; joined: number };

/** When the agents of more tiers join for those who wait: not sooner, and not later either. */
export class TierRules {
  readonly #violated: (rule: string, detail: string) => void;
  readonly #waiters = new Map<CallId, Waiter>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(calls: Iterable<Call>): void {
    this.#waiters.clear();
    for (const { id, hereSince, tiersJoined } of calls)
      this.#waiters.set(id, { hereSinceMs: hereSince, joined: tiersJoined });
  }

  check(now: Now, state: State, { story, changes }: StepResult): void {
    const broughtIn = new Set<CallId>();
    for (const line of story) {
      if (!("call" in line)) continue;
      const { call, told } = line;
      const waiter = this.#waiters.get(call);
      if (told.what === "arrived" || told.what === "admitted" || told.what === "moved")
        this.#waiters.set(call, { hereSinceMs: now.monotonicMs, joined: 0 });
      if (told.what === "overflow" && told.action === "next_tier") broughtIn.add(call);
      if (told.what !== "tier_joined" || !waiter) continue;
      const dueMs = nextDueMs(waiter, state, call);
      if (!broughtIn.delete(call) && now.monotonicMs < dueMs)
        this.#violated(
          "tiers join in time",
          `a tier joins for ${call} ${dueMs - now.monotonicMs} ms too soon`,
        );
      waiter.joined += 1;
    }
    for (const [id, row] of changes.calls) if (!row) this.#waiters.delete(id);
    this.#checkWaiters(now, state);
  }

  #checkWaiters(now: Now, state: State): void {
    const known = state.deadlines.first()?.first ?? Number.POSITIVE_INFINITY;
    for (const { id, hotline, phase, tiersJoined } of state.calls.values()) {
      const waiter = this.#waiters.get(id);
      if (!waiter || !hotline || (phase.kind !== "waiting" && phase.kind !== "offering")) continue;
      if (tiersJoined !== waiter.joined)
        this.#violated("tiers join in time", `${tiersJoined} have joined for ${id}, not ${waiter.joined}`);
      const dueMs = Math.max(now.monotonicMs, nextDueMs(waiter, state, id));
      if (waiter.joined + 1 < tiersOf(state, hotline) && dueMs < known)
        this.#violated(
          "tiers join in time",
          `the next one for ${id} at ${dueMs}, nothing is due before ${known}`,
        );
    }
  }
}

function nextDueMs({ hereSinceMs, joined }: Waiter, state: State, call: CallId): number {
  const hotline = state.calls.get(call)?.hotline;
  const everyMs = (hotline && state.hotlines.get(hotline)?.nextTierAfterMs) ?? 0;
  return hereSinceMs + (joined + 1) * everyMs;
}

/** With or without anybody who takes calls. */
function tiersOf(state: State, hotline: HotlineId): number {
  const memberships = [...state.agents.values()].flatMap((agent: Agent) => agent.memberships);
  return new Set(memberships.filter((one) => one.hotline === hotline).map(({ tier }) => tier)).size;
}
