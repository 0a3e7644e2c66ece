import { type Agent, isFree, isPresent, legOf } from "./agents.ts";
import type { Call } from "./calls.ts";
import { agentDeadline, callDeadline, deadlineKey, staffingDeadline } from "./deadlines.ts";
import type { Hotline } from "./hotlines.ts";
import type { AgentId, CallId, HotlineId, LegId } from "./ids.ts";
import { SortedList } from "./sorted-list.ts";
import { Table } from "./table.ts";
import type { MonotonicMs } from "./time.ts";

/** A number callers dial, and the hotline it leads to. */
export type NumberRow = { readonly number: string; readonly hotline: HotlineId };

/**
 * Since when nobody is there for a hotline (nobody logged in whose phone can be reached), null while somebody is.
 * Kept for hotlines that have callers waiting.
 */
export type Staffing = { readonly hotline: HotlineId; readonly unstaffedSince: MonotonicMs };

/**
 * lost: no connection to Asterisk. The core still takes notes, but offers nothing.
 * up: what lives in Asterisk has been compared with what we know.
 */
export type Pbx = "lost" | "up";

/**
 * All the core knows. The loop owns it; step() changes it in place. The tables are the truth, the indexes follow
 * them at every replacement and can be thrown away and made again from them.
 */
export class State {
  pbx: Pbx = "lost";

  readonly hotlines = new Table<HotlineId, Hotline>(() => undefined);
  readonly numbers = new Table<string, NumberRow>(() => undefined);
  readonly staffing = new Table<HotlineId, Staffing>((before, after) => {
    if (before) this.deadlines.remove(staffingDeadline(before), keyOfHotline(before.hotline));
    if (after) this.deadlines.add(staffingDeadline(after), keyOfHotline(after.hotline));
  });

  readonly agents = new Table<AgentId, Agent>((before, after) => {
    if (before) this.#unindexAgent(before);
    if (after) this.#indexAgent(after);
  });

  readonly calls = new Table<CallId, Call>((before, after) => {
    if (before) this.#unindexCall(before);
    if (after) this.#indexCall(after);
  });

  /** Admitted callers whom nobody rings for, longest waiting first. */
  readonly waiting = new Lists<CallId>();
  /** Callers for whom somebody rings, longest waiting first. */
  readonly offering = new Lists<CallId>();
  /** Agents who may be offered a call, longest idle first. */
  readonly free = new Lists<AgentId>();
  /** Agents who are there, paused or busy ones too. */
  readonly present = new Lists<AgentId>();
  /** What must happen when, soonest first. */
  readonly deadlines = new SortedList<string>();
  readonly #agentByLeg = new Map<LegId, AgentId>();

  agentByLeg(leg: LegId): Agent | null {
    const id = this.#agentByLeg.get(leg);
    return id === undefined ? null : this.agents.get(id);
  }

  /** Waiting and ringing callers of a hotline. */
  queueLength(hotline: HotlineId): number {
    return this.waiting.of(hotline).size + this.offering.of(hotline).size;
  }

  get tables() {
    return [this.hotlines, this.numbers, this.staffing, this.agents, this.calls] as const;
  }

  #indexAgent(agent: Agent): void {
    for (const { hotline } of agent.memberships) {
      if (isFree(agent)) this.free.of(hotline).add(agent.idleSince, agent.id);
      if (isPresent(agent)) this.present.of(hotline).add(0, agent.id);
    }
    const leg = legOf(agent);
    if (leg) this.#agentByLeg.set(leg, agent.id);
    const deadline = agentDeadline(agent);
    if (deadline !== null) this.deadlines.add(deadline, keyOfAgent(agent.id));
  }

  #unindexAgent(agent: Agent): void {
    for (const { hotline } of agent.memberships) {
      if (isFree(agent)) this.free.of(hotline).remove(agent.idleSince, agent.id);
      if (isPresent(agent)) this.present.of(hotline).remove(0, agent.id);
    }
    const leg = legOf(agent);
    if (leg) this.#agentByLeg.delete(leg);
    const deadline = agentDeadline(agent);
    if (deadline !== null) this.deadlines.remove(deadline, keyOfAgent(agent.id));
  }

  #indexCall(call: Call): void {
    this.#listOf(call)?.add(call.arrivedAt.monotonicMs, call.id);
    const deadline = callDeadline(call);
    if (deadline !== null) this.deadlines.add(deadline, keyOfCall(call.id));
  }

  #unindexCall(call: Call): void {
    this.#listOf(call)?.remove(call.arrivedAt.monotonicMs, call.id);
    const deadline = callDeadline(call);
    if (deadline !== null) this.deadlines.remove(deadline, keyOfCall(call.id));
  }

  #listOf(call: Call): SortedList<CallId> | null {
    if (call.hotline === null) return null;
    if (call.phase.kind === "waiting") return this.waiting.of(call.hotline);
    if (call.phase.kind === "offering") return this.offering.of(call.hotline);
    return null;
  }
}

/** One sorted list per hotline. */
class Lists<Id extends string> {
  readonly #lists = new Map<HotlineId, SortedList<Id>>();

  of(hotline: HotlineId): SortedList<Id> {
    let list = this.#lists.get(hotline);
    if (!list) {
      list = new SortedList<Id>();
      this.#lists.set(hotline, list);
    }
    return list;
  }
}

const keyOfHotline = (id: HotlineId) => deadlineKey({ kind: "hotline", id });
const keyOfAgent = (id: AgentId) => deadlineKey({ kind: "agent", id });
const keyOfCall = (id: CallId) => deadlineKey({ kind: "call", id });
