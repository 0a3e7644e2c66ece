import type { Agent } from "../agents.ts";
import type { Call } from "../calls.ts";
import type { Hotline } from "../hotlines.ts";
import type { AgentId } from "../ids.ts";
import { isBefore, type SortKey } from "../sorted-list.ts";
import { idKey, type Pool, type Staff } from "../staff.ts";
import type { State } from "../state.ts";
import type { Turn } from "../turn.ts";

/** What a caller asks of an agent. */
export type Wanted = { readonly requires: readonly string[]; readonly tiersJoined: number };

/** The free agents who may be rung for such a caller, in pools; empty when there are none. */
export function eligiblePools(staff: Staff, wanted: Wanted): Pool[] {
  if (!staff.hasFree) return [];
  const open = staff.openTier(wanted.tiersJoined);
  if (open === null) return [];
  return [...staff.pools()].filter(
    ({ tier, skills }) => tier <= open && wanted.requires.every((skill) => skills.includes(skill)),
  );
}

/** Whom to ring for a caller for whom nobody rings yet. Not empty when `pools` is not. */
export function chooseFirst(turn: Turn, call: Call, hotline: Hotline, pools: readonly Pool[]): Agent[] {
  if (hotline.strategy === "ring-all") return chooseAll(turn, call, pools);
  const chosen =
    chooseOne(turn, call, hotline, pools) ?? chooseOne(turn, { ...call, tried: [] }, hotline, pools);
  return chosen ? [chosen] : [];
}

/** All of the best tier in which somebody was not tried; when all were, of the best tier. */
function chooseAll(turn: Turn, { tried }: Call, pools: readonly Pool[]): Agent[] {
  const fresh = pools.filter((pool) => firstOf(pool, (id) => !tried.includes(id)) !== null);
  const best = bestTier(fresh.length > 0 ? fresh : pools);
  return pools
    .filter(({ tier }) => tier === best)
    .flatMap(({ agents }) => agents.ids().map((id) => turn.agent(id)));
}

const bestTier = (pools: readonly Pool[]) => Math.min(...pools.map(({ tier }) => tier));

/** The one to ring next by the hotline's strategy: of the best tier, and none who was tried. Null: all were. */
export function chooseOne(turn: Turn, call: Call, hotline: Hotline, pools: readonly Pool[]): Agent | null {
  const untried = (id: AgentId) => !call.tried.includes(id);
  const fresh = call.tried.length === 0 ? pools : pools.filter((pool) => firstOf(pool, untried) !== null);
  const best = bestTier(fresh);
  const candidates = fresh.filter(({ tier }) => tier === best);
  if (candidates.length === 0) return null;
  const id =
    hotline.strategy === "random"
      ? anyOf(turn, candidates, untried)
      : hotline.strategy === "round-robin"
        ? nextInTurn(turn.state, hotline, candidates, untried)
        : smallest(candidates.map((pool) => firstOf(pool, untried)));
  return id === null ? null : turn.agent(id);
}

/** Round robin: the first behind the one who was rung last, or else the first of all. */
function nextInTurn(
  state: State,
  hotline: Hotline,
  pools: readonly Pool[],
  fits: (id: AgentId) => boolean,
): AgentId | null {
  const last = state.desks.get(hotline.id)?.lastOffered ?? null;
  const behind = last === null ? [] : pools.map((pool) => firstOf(pool, fits, idKey(last)));
  return smallest(behind) ?? smallest(pools.map((pool) => firstOf(pool, fits)));
}

function firstOf({ agents }: Pool, fits: (id: AgentId) => boolean, behind?: SortKey<AgentId>) {
  let key = behind ? agents.firstAfter(behind) : agents.first();
  while (key && !fits(key.id)) key = agents.firstAfter(key);
  return key;
}

function smallest(keys: readonly (SortKey<AgentId> | null)[]): AgentId | null {
  let best: SortKey<AgentId> | null = null;
  for (const key of keys) if (key && (!best || isBefore(key, best))) best = key;
  return best?.id ?? null;
}

function anyOf(turn: Turn, pools: readonly Pool[], fits: (id: AgentId) => boolean): AgentId | null {
  const ids = pools.flatMap(({ agents }) => agents.ids().filter(fits));
  return ids[turn.chance(ids.length)] ?? null;
}
