import type { Agent } from "../agents.ts";
import { hotlineOf } from "../callers/due.ts";
import type { Call } from "../calls.ts";
import { newDesk } from "../desks.ts";
import type { Hotline } from "../hotlines.ts";
import type { AgentId } from "../ids.ts";
import { offer } from "../offers/offers.ts";
import { after } from "../time.ts";
import type { Turn } from "../turn.ts";
import { chooseOne, eligiblePools } from "./choose.ts";

/*
 * A round: ringing for one caller, from the first phone until somebody talks to them or all phones have stopped. Ring-all
 * rings all of one tier and takes in who becomes free there or in a better one; progressive adds one at a time; all others ring
 * one.
 */

export function startRound(turn: Turn, call: Call, hotline: Hotline, agents: readonly Agent[]): void {
  // Nobody is asked twice before the others were asked once; a ring group asks a whole tier each time.
  if (agents.every(({ id }) => call.tried.includes(id))) turn.putCall({ ...call, tried: [] });
  else if (hotline.strategy === "ring-all")
    turn.putCall({ ...call, tried: ofOtherTiers(turn, call, hotline, agents) });
  for (const agent of agents) offer(turn, turn.call(call.id), agent);
  const last = agents.at(-1);
  if (hotline.strategy === "round-robin" && last) rememberLast(turn, hotline, last);
  if (hotline.strategy === "progressive") scheduleNext(turn, turn.call(call.id), hotline);
}

/** Progressive: it has rung for a while, one more phone rings beside the others. */
export function ringOneMore(turn: Turn, call: Call): void {
  const hotline = hotlineOf(turn, call);
  if (hotline.strategy !== "progressive") {
    turn.putCall({ ...call, due: { ...call.due, ringNextMs: null } });
    return;
  }
  const mayRing = turn.state.loose.pbx === "up" && mayJoin(call);
  const pools = eligiblePools(turn.state.staff(hotline.id), call);
  const next = mayRing ? chooseOne(turn, call, hotline, pools) : null;
  if (next) offer(turn, call, next);
  scheduleNext(turn, turn.call(call.id), hotline);
}

/** Ring-all: all who are free and have not been rung in this round join in, unless only a better tier rings. */
export function joinRing(turn: Turn, { id }: Call, hotline: Hotline): void {
  turn.subject = { kind: "call", id };
  const ringing = ringingTier(turn, turn.call(id), hotline);
  for (const pool of eligiblePools(turn.state.staff(hotline.id), turn.call(id))) {
    if (pool.tier > ringing) continue;
    for (const agent of pool.agents.ids()) {
      const call = turn.call(id);
      if (mayJoin(call) && !call.tried.includes(agent)) offer(turn, call, turn.agent(agent));
    }
  }
}

/** Those who were tried in other tiers than these agents'. */
function ofOtherTiers(turn: Turn, { tried }: Call, hotline: Hotline, agents: readonly Agent[]): AgentId[] {
  const tier = agents[0] && tierOf(turn, agents[0].id, hotline);
  return tried.filter((id) => tierOf(turn, id, hotline) !== tier);
}

/** Of the tiers that ring, the last. */
function ringingTier(turn: Turn, { phase }: Call, hotline: Hotline): number {
  const agents = phase.kind === "offering" ? phase.agents : [];
  return Math.max(...agents.map((id) => tierOf(turn, id, hotline) ?? 0));
}

/** None: does not serve the hotline any more. */
const tierOf = (turn: Turn, id: AgentId, hotline: Hotline): number | undefined =>
  turn.state.agents.get(id)?.memberships.find((one) => one.hotline === hotline.id)?.tier;

/** Once somebody has picked up, no more phones start to ring. */
const mayJoin = ({ phase }: Call) => phase.kind === "offering" && phase.claim.kind === "none";

function scheduleNext(turn: Turn, call: Call, hotline: Hotline): void {
  const ringNextMs = after(turn.now.monotonicMs, hotline.ringNextAfterMs);
  turn.putCall({ ...call, due: { ...call.due, ringNextMs } });
}

function rememberLast(turn: Turn, hotline: Hotline, agent: Agent): void {
  const desk = turn.state.desks.get(hotline.id) ?? newDesk(hotline.id);
  turn.state.desks.put(hotline.id, { ...desk, lastOffered: agent.id });
}
