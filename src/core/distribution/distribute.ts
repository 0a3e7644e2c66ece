import type { Agent } from "../agents.ts";
import type { Call } from "../calls.ts";
import type { Hotline } from "../hotlines.ts";
import type { AgentId } from "../ids.ts";
import { offer } from "../offers/offers.ts";
import type { Turn } from "../turn.ts";

/**
 * Brings waiting callers and free agents together until there is no more to do: the longest waiting caller first,
 * whichever hotline it is. Runs at the end of every step, so nobody is ever left waiting for a timer.
 */
export function distribute(turn: Turn): void {
  for (let call = nextCaller(turn); call; call = nextCaller(turn)) {
    turn.subject = { kind: "call", id: call.id };
    const hotline = hotlineOf(turn, call);
    for (const agent of chooseAgents(turn, call, hotline)) offer(turn, turn.call(call.id), agent);
  }
  for (const hotline of turn.state.hotlines.values())
    if (hotline.strategy === "ring-all") joinRing(turn, hotline);
}

/** The longest waiting caller for whom an agent is free. */
function nextCaller(turn: Turn): Call | null {
  let best: Call | null = null;
  for (const { id } of turn.state.hotlines.values()) {
    const first = turn.state.waiting.of(id).first();
    if (!first || turn.state.free.of(id).size === 0) continue;
    const call = turn.call(first.id);
    if (!best || isEarlier(call, best)) best = call;
  }
  return best;
}

/** Ties are broken by id. */
function isEarlier(a: Call, b: Call): boolean {
  const difference = a.arrivedAt.monotonicMs - b.arrivedAt.monotonicMs;
  return difference === 0 ? a.id < b.id : difference < 0;
}

/** Whom to ring for this caller now. Never empty while somebody is free. */
function chooseAgents(turn: Turn, call: Call, hotline: Hotline): Agent[] {
  const free = turn.state.free.of(hotline.id).ids();
  if (hotline.strategy === "ring-all") {
    // Each round rings everybody.
    turn.putCall({ ...call, tried: [] });
    return free.map((id) => turn.agent(id));
  }
  // Nobody is asked twice before the others were asked once.
  const fresh = free.find((id) => !call.tried.includes(id));
  if (fresh === undefined) turn.putCall({ ...call, tried: [] });
  const chosen = fresh ?? free[0];
  return chosen === undefined ? [] : [turn.agent(chosen)];
}

/** In a ring group, who becomes free joins in for the longest waiting caller. */
function joinRing(turn: Turn, hotline: Hotline): void {
  for (const agentId of [...turn.state.free.of(hotline.id).ids()]) {
    const call = turn.state.offering
      .of(hotline.id)
      .ids()
      .map((id) => turn.call(id))
      .find((ringing) => canJoin(ringing, agentId));
    if (!call) continue;
    turn.subject = { kind: "call", id: call.id };
    offer(turn, call, turn.agent(agentId));
  }
}

const canJoin = (call: Call, agent: AgentId) =>
  call.phase.kind === "offering" && call.phase.claim.kind === "none" && !call.tried.includes(agent);

function hotlineOf(turn: Turn, call: Call): Hotline {
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  if (!hotline) throw new Error(`Call ${call.id} waits at no hotline`);
  return hotline;
}
