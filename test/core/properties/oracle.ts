import type { Agent } from "../../../src/core/agents.ts";
import type { Call } from "../../../src/core/calls.ts";
import type { Hotline } from "../../../src/core/hotlines.ts";
import type { AgentId, CallId, HotlineId } from "../../../src/core/ids.ts";
import type { State } from "../../../src/core/state.ts";
import type { StepResult } from "../../../src/core/step.ts";
import type { Before } from "./world.ts";

/*
 * The rules of distribution, written down a second time, plainly and slowly, from nothing but the rows of the tables. No
 * code is shared with the core, so that they can disagree.
 */

const free = (agent: Agent): boolean =>
  agent.duty.kind === "on" &&
  agent.work.kind === "idle" &&
  agent.rest.kind !== "resting" &&
  agent.phone !== "unreachable" &&
  agent.phone !== "in_use";

const takesCalls = (agent: Agent): boolean => agent.duty.kind === "on" && agent.phone !== "unreachable";

/** May this agent be rung for this caller, if free? */
function mayServe(state: State, agent: Agent, call: Call): boolean {
  const membership = agent.memberships.find(({ hotline }) => hotline === call.hotline);
  if (!membership || !call.requires.every((skill) => membership.skills.includes(skill))) return false;
  const tiers = [...state.agents.values()]
    .filter(takesCalls)
    .flatMap(({ memberships }) => memberships.filter(({ hotline }) => hotline === call.hotline))
    .map(({ tier }) => tier);
  const inOrder = [...new Set(tiers)].sort((a, b) => a - b);
  return inOrder.slice(0, call.tiersJoined + 1).includes(membership.tier);
}

const tierOf = (agent: Agent, hotline: HotlineId): number =>
  agent.memberships.find((membership) => membership.hotline === hotline)?.tier ?? Number.NaN;

/** Nobody waits whom a free agent could serve. */
export function assertNobodyIsForgotten(state: State): void {
  if (state.loose.pbx !== "up") return;
  for (const call of state.calls.values()) {
    if (call.phase.kind !== "waiting") continue;
    for (const agent of state.agents.values())
      if (free(agent) && mayServe(state, agent, call))
        throw new Error(`${call.id} waits at ${call.hotline} while ${agent.id} is free`);
  }
}

/** Nobody is with two, and both sides know of each other. */
export function assertOneToOne(state: State): void {
  const takenBy = new Map<AgentId, string>();
  for (const call of state.calls.values()) {
    const agents =
      call.phase.kind === "offering"
        ? call.phase.agents
        : call.phase.kind === "connected"
          ? [call.phase.agent]
          : [];
    for (const id of agents) {
      if (takenBy.has(id)) throw new Error(`${id} is with ${takenBy.get(id)} and ${call.id}`);
      takenBy.set(id, call.id);
    }
  }
  for (const { id, work } of state.agents.values()) {
    const call = work.kind === "offered" || work.kind === "talking" ? work.call : null;
    if ((takenBy.get(id) ?? null) !== call)
      throw new Error(`${id} thinks of ${call}, calls say ${takenBy.get(id)}`);
  }
}

/**
 * The offers of a step, one after the other: each to the caller whose turn it was, and to the agent whom the strategy
 * names. What was so before the offers is worked out backwards from what is so after them.
 */
export function assertRightOffers(state: State, before: Before, result: StepResult): void {
  const offers = result.effects.filter((effect) => effect.type === "ring_agent");
  const freeNow = new Set([...state.agents.values()].filter(free).map(({ id }) => id));
  for (const { agent } of offers) freeNow.add(agent);
  const waiting = new Set<CallId>(
    [...state.calls.values()].filter(({ phase }) => phase.kind === "waiting").map(({ id }) => id),
  );
  for (const { call } of offers) waiting.add(call);
  const triedNow = new Map<string, readonly AgentId[]>();
  const lastOf = new Map([...before.desks].map(([id, desk]) => [id, desk.lastOffered]));
  for (let i = 0; i < offers.length; i++) {
    const { call: id, agent } = offers[i]!;
    const call = state.calls.get(id)!;
    const hotline = state.hotlines.get(call.hotline!)!;
    const callBefore = before.calls.get(id);
    const stayed = callBefore?.hotline === call.hotline;
    const tried = triedNow.get(id) ?? (stayed ? callBefore.tried : []);
    const eligible = (other: Call) =>
      [...freeNow].map((one) => state.agents.get(one)!).filter((one) => mayServe(state, one, other));
    if (!eligible(call).some((one) => one.id === agent))
      throw new Error(`${agent} may not be rung for ${id}`);
    freeNow.delete(agent);
    if (!waiting.has(id) || joinsRinging(callBefore, call, hotline)) {
      assertJoinsRightCaller(state, before, call, state.agents.get(agent)!, waiting, triedNow);
      triedNow.set(id, [...tried, agent]);
      waiting.delete(id);
      continue;
    }
    freeNow.add(agent);
    const turn = nextInLine(state, [...waiting], (other) => eligible(other).length > 0);
    if (turn?.id !== id) throw new Error(`it was ${turn?.id}'s turn, not ${id}'s`);
    if (hotline.strategy === "ring-all") {
      const all = eligible(call).map((one) => one.id);
      const rung = offers.slice(i).filter((offer) => offer.call === id);
      if (rung.length !== all.length) throw new Error(`${all} are ready for ${id}, ${rung.length} were rung`);
      for (const offer of rung) freeNow.delete(offer.agent);
      i += rung.length - 1;
    } else {
      const fresh = eligible(call).filter((one) => !tried.includes(one.id));
      const candidates = fresh.length > 0 ? fresh : eligible(call);
      const right = byStrategy(candidates, hotline, lastOf.get(hotline.id) ?? null);
      if (!right.includes(agent))
        throw new Error(`${hotline.strategy}: ${right} should ring for ${id}, not ${agent}`);
      triedNow.set(id, fresh.length > 0 ? [...tried, agent] : [agent]);
      freeNow.delete(agent);
      if (hotline.strategy === "round-robin") lastOf.set(hotline.id, agent);
    }
    waiting.delete(id);
  }
}

/**
 * Who joins a ring could serve nobody for whom nobody rings, and in a ring group joins the caller whose turn it is of those
 * whose phones ring.
 */
function assertJoinsRightCaller(
  state: State,
  before: Before,
  call: Call,
  agent: Agent,
  waiting: ReadonlySet<CallId>,
  triedNow: ReadonlyMap<string, readonly AgentId[]>,
): void {
  const hotlineOf = (of: Call) => state.hotlines.get(of.hotline!)!;
  const rang = (of: Call) => joinsRinging(before.calls.get(of.id), of, hotlineOf(of));
  const silent = [...waiting].find(
    (id) => !rang(state.calls.get(id)!) && mayServe(state, agent, state.calls.get(id)!),
  );
  if (silent) throw new Error(`${agent.id} joins for ${call.id}, and nobody rings for ${silent}`);
  if (hotlineOf(call).strategy !== "ring-all") return;
  const ringing = [...state.calls.values()]
    .filter(({ phase }) => phase.kind === "offering" && phase.claim.kind === "none")
    .filter((other) => hotlineOf(other).strategy === "ring-all" && rang(other))
    .filter(({ id }) => !(triedNow.get(id) ?? before.calls.get(id)!.tried).includes(agent.id))
    .map(({ id }) => id);
  const turn = nextInLine(state, [...ringing, call.id], (other) => mayServe(state, agent, other));
  if (turn?.id !== call.id) throw new Error(`${agent.id} joins for ${call.id}; it was ${turn?.id}'s turn`);
}

/** Phones were ringing for this caller all the while, and one more was added. */
function joinsRinging(before: Call | undefined, call: Call, hotline: Hotline): boolean {
  return (
    before?.phase.kind === "offering" &&
    call.phase.kind === "offering" &&
    before.phase.agents.some((agent) => call.phase.kind === "offering" && call.phase.agents[0] === agent) &&
    (hotline.strategy === "ring-all" || hotline.strategy === "progressive")
  );
}

function nextInLine(state: State, ids: readonly string[], fits: (call: Call) => boolean): Call | null {
  const priority = (call: Call) => state.hotlines.get(call.hotline!)?.priority ?? 0;
  const [first] = ids
    .map((id) => state.calls.get(id as Call["id"])!)
    .filter(fits)
    .sort((a, b) => priority(b) - priority(a) || a.waitingSince - b.waitingSince || (a.id < b.id ? -1 : 1));
  return first ?? null;
}

/** Whom the strategy names; several for `random`. */
function byStrategy(candidates: readonly Agent[], hotline: Hotline, last: AgentId | null): AgentId[] {
  const best = Math.min(...candidates.map((agent) => tierOf(agent, hotline.id)));
  const team = candidates.filter((agent) => tierOf(agent, hotline.id) === best);
  const inOrder = (a: Agent, b: Agent) => Number(a.id) - Number(b.id);
  const firstBy = (order: (a: Agent, b: Agent) => number) =>
    team
      .toSorted((a, b) => order(a, b) || (a.id < b.id ? -1 : 1))
      .slice(0, 1)
      .map(({ id }) => id);
  switch (hotline.strategy) {
    case "longest-idle":
    case "progressive":
      return firstBy((a, b) => a.idleSince - b.idleSince);
    case "fewest-calls":
      return firstBy((a, b) => a.today.calls - b.today.calls || a.idleSince - b.idleSince);
    case "least-talk":
      return firstBy((a, b) => a.today.talkMs - b.today.talkMs || a.idleSince - b.idleSince);
    case "fixed-order":
      return firstBy(inOrder);
    case "round-robin": {
      const sorted = team.toSorted(inOrder);
      const behind = sorted.find(({ id }) => last !== null && Number(id) > Number(last));
      return [(behind ?? sorted[0]!).id];
    }
    default:
      return team.map(({ id }) => id);
  }
}
