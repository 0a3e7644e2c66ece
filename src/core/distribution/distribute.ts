import { giveUp, hasToGiveUp } from "../callers/due.ts";
import type { Call } from "../calls.ts";
import type { Hotline } from "../hotlines.ts";
import type { Pool } from "../staff.ts";
import type { Turn } from "../turn.ts";
import { chooseFirst, eligiblePools } from "./choose.ts";
import { joinRing, startRound } from "./rounds.ts";

/**
 * Brings waiting callers and free agents together until there is no more to do. Callers come by the priority of their
 * hotline, then by how long they have waited. Runs at the end of every step, so nobody is ever left waiting for a timer.
 * True: somebody has left the queue for good.
 */
export function distribute(turn: Turn): boolean {
  let letGo = false;
  for (let match = nextMatch(turn); match; match = nextMatch(turn)) {
    const { call, hotline, pools } = match;
    turn.subject = { kind: "call", id: call.id };
    // Comes up again only because phones have rung in vain all the while.
    if (hasToGiveUp(turn, call)) {
      giveUp(turn, call);
      letGo = true;
    } else startRound(turn, call, hotline, chooseFirst(turn, call, hotline, pools));
  }
  for (const hotline of turn.state.hotlines.values())
    if (hotline.strategy === "ring-all") joinRing(turn, hotline);
  return letGo;
}

type Match = { readonly call: Call; readonly hotline: Hotline; readonly pools: readonly Pool[] };

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
      if (!best || comesBefore(call, hotline, best)) best = { call, hotline, pools };
    }
  }
  return best;
}

function comesBefore(call: Call, hotline: Hotline, other: Match): boolean {
  if (hotline.priority !== other.hotline.priority) return hotline.priority > other.hotline.priority;
  const difference = call.waitingSince - other.call.waitingSince;
  return difference === 0 ? call.id < other.call.id : difference < 0;
}
