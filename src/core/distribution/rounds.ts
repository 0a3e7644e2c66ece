import type { Agent } from "../agents.ts";
import { hotlineOf } from "../callers/due.ts";
import type { Call } from "../calls.ts";
import { newDesk } from "../desks.ts";
import type { Hotline } from "../hotlines.ts";
import { offer } from "../offers/offers.ts";
import { after } from "../time.ts";
import type { Turn } from "../turn.ts";
import { chooseOne, eligiblePools } from "./choose.ts";

/*
 * A round: ringing for one caller, from the first phone until somebody talks to them or all phones have stopped. Ring-all
 * rings everybody and takes in who becomes free; progressive adds one at a time; all others ring one.
 */

export function startRound(turn: Turn, call: Call, hotline: Hotline, agents: readonly Agent[]): void {
  // Nobody is asked twice before the others were asked once; ring-all asks everybody each time.
  const everybodyWasTried = agents.some(({ id }) => call.tried.includes(id));
  if (everybodyWasTried || hotline.strategy === "ring-all") turn.putCall({ ...call, tried: [] });
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

/** Ring-all: all who are free and have not been rung in this round join in. */
export function joinRing(turn: Turn, { id }: Call, hotline: Hotline): void {
  turn.subject = { kind: "call", id };
  for (const pool of eligiblePools(turn.state.staff(hotline.id), turn.call(id))) {
    for (const agent of pool.agents.ids()) {
      const call = turn.call(id);
      if (mayJoin(call) && !call.tried.includes(agent)) offer(turn, call, turn.agent(agent));
    }
  }
}

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
