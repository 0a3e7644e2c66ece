import type { Call } from "./calls.ts";
import { type Hotline, lastSpokenPosition, spokenMinutes } from "./hotlines.ts";
import type { HotlineId } from "./ids.ts";
import { handlingNeeded } from "./limits.ts";
import type { State } from "./state.ts";

/** The caller's place in the hotline, 1 being next; not told more exactly than `lastSpokenPosition`. */
export function spokenPosition(state: State, call: Call): number {
  return Math.min(placeInQueue(state, call), lastSpokenPosition);
}

/**
 * How long this caller will wait from now on, in minutes as they are said; null when that cannot be told honestly.
 *
 * As long as all agents are busy, one of n becomes free every (mean handling time / n), so the caller at place p waits
 * about p times that (the mean wait in M/M/n given that one waits). The handling time is talk and wrap-up of the latest
 * conversations here, the agents are those who take calls now. With too few conversations, with nobody taking calls,
 * where not everybody may serve everybody, and beyond an hour, nothing is said.
 */
export function expectedMinutes(state: State, hotline: Hotline, call: Call): number | null {
  const handlingMs = state.desks.get(hotline.id)?.handlingMs ?? [];
  const agents = state.staff(hotline.id).staffed.size;
  if (handlingMs.length < handlingNeeded || agents === 0) return null;
  if (!isServedByAll(state, hotline, call)) return null;
  const meanMs = handlingMs.reduce((sum, length) => sum + length, 0) / handlingMs.length;
  const minutes = (placeInQueue(state, call) * meanMs) / agents / 60_000;
  return spokenMinutes.find((spoken) => spoken >= minutes) ?? null;
}

function placeInQueue(state: State, call: Call): number {
  return call.hotline === null ? 1 : state.queue(call.hotline).ahead(call) + 1;
}

/**
 * Whether one free agent is as good as another for this caller and those before them: all tiers have joined, all agents have
 * all skills that are asked for, and nobody waits for them elsewhere who would be served first.
 */
function isServedByAll(state: State, hotline: Hotline, call: Call): boolean {
  const staff = state.staff(hotline.id);
  if (staff.openTier(call.tiersJoined) !== staff.staffed.last()?.first) return false;
  const lines = [...state.queue(hotline.id).lines()];
  const asked = [...call.requires, ...lines.flatMap(({ requires }) => requires)];
  const rivals = new Set<HotlineId>();
  for (const { id, priority } of state.hotlines.values())
    if (id !== hotline.id && priority >= hotline.priority && state.queue(id).length > 0) rivals.add(id);
  if (asked.length === 0 && rivals.size === 0) return true;
  return staff.staffed.ids().every((id) => {
    const memberships = state.agents.get(id)?.memberships ?? [];
    const skills = memberships.find((each) => each.hotline === hotline.id)?.skills ?? [];
    const isWanted = memberships.some((each) => rivals.has(each.hotline));
    return !isWanted && asked.every((skill) => skills.includes(skill));
  });
}
