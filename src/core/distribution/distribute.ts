import { giveUp, hasToGiveUp, stepIsDue, takeDueSteps } from "../callers/due.ts";
import type { Call } from "../calls.ts";
import type { Hotline } from "../hotlines.ts";
import type { Pool } from "../staff.ts";
import type { Turn } from "../turn.ts";
import { chooseFirst, eligiblePools } from "./choose.ts";
import { joinRing, startRound } from "./rounds.ts";

/**
 * Brings waiting callers and free agents together until there is no more to do. Callers come by the priority of their
 * hotline, then by how long they have waited; those for whom nobody rings yet before those whom a ring group could ring
 * for with one more. Runs at the end of every step, so nobody is ever left waiting for a timer. True: somebody has left a
 * queue otherwise than by being rung for.
 */
export function distribute(turn: Turn): boolean {
  let hasLeft = false;
  for (let match = nextMatch(turn); match; match = nextMatch(turn)) {
    const { call, hotline, pools } = match;
    turn.subject = { kind: "call", id: call.id };
    // Comes up again only because phones have rung in vain all the while.
    if (hasToGiveUp(turn, call)) {
      giveUp(turn, call);
      hasLeft = true;
    } else if (call.tried.length > 0 && stepIsDue(turn, call)) {
      takeDueSteps(turn, call);
      hasLeft = true;
    } else startRound(turn, call, hotline, chooseFirst(turn, call, hotline, pools));
  }
  joinRings(turn);
  return hasLeft;
}

type Waiting = { readonly call: Call; readonly hotline: Hotline };
type Match = Waiting & { readonly pools: readonly Pool[] };

/** The caller whose turn it is among those for whom an agent is free. */
function nextMatch(turn: Turn): Match | null {
  let best: Match | null = null;
  for (const hotline of turn.state.hotlines.values()) {
    const staff = turn.state.staff(hotline.id);
    if (!staff.hasFree) continue;
    for (const line of turn.state.queue(hotline.id).lines()) {
      const first = line.callers.first();
      if (!first) continue;
      const pools = eligiblePools(staff, line);
      if (pools.length === 0) continue;
      const call = turn.call(first.id);
      if (!best || comesBefore({ call, hotline }, best)) best = { call, hotline, pools };
    }
  }
  return best;
}

/** Who is free joins the ring groups that ring, for the caller whose turn it is among those they may be rung for. */
function joinRings(turn: Turn): void {
  const ringing: Waiting[] = [];
  for (const hotline of turn.state.hotlines.values()) {
    if (hotline.strategy !== "ring-all" || !turn.state.staff(hotline.id).hasFree) continue;
    for (const id of turn.state.queue(hotline.id).offering.ids())
      ringing.push({ call: turn.call(id), hotline });
  }
  ringing.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  for (const { call, hotline } of ringing) joinRing(turn, call, hotline);
}

function comesBefore({ call, hotline }: Waiting, other: Waiting): boolean {
  if (hotline.priority !== other.hotline.priority) return hotline.priority > other.hotline.priority;
  const difference = call.waitingSince - other.call.waitingSince;
  return difference === 0 ? call.id < other.call.id : difference < 0;
}
