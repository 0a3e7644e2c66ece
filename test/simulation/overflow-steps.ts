import type { OverflowAction, OverflowCondition, OverflowStep } from "../../src/core/hotlines.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { seconds } from "../../src/core/time.ts";
import type { Chance } from "./chance.ts";

/** Overflow steps of hotline number `n`, known to chance as `id`. They lead to hotlines with smaller numbers only: no circle. */
export function overflowOf(
  chance: Chance,
  id: string,
  hotlines: readonly HotlineId[],
  n: number,
): OverflowStep[] {
  const count = chance.pick(`steps ${id}`, [0, 0, 0, 1, 2, 4]);
  return Array.from({ length: count }, (_, step) => overflowStep(chance, `${id} step ${step}`, hotlines, n));
}

function overflowStep(chance: Chance, name: string, hotlines: readonly HotlineId[], n: number): OverflowStep {
  const conditions: readonly OverflowCondition[] = [
    { kind: "waited", afterMs: chance.pick(`${name} after`, [seconds(5), seconds(20)]) },
    { kind: "waited", afterMs: seconds(12) },
    { kind: "no_agents" },
    { kind: "all_paused" },
    { kind: "full" },
    { kind: "closed" },
  ];
  const when = chance.pick(`${name} when`, conditions);
  const actions: OverflowAction[] = [
    { kind: "forward", number: "0301234567" },
    { kind: "hang_up", announcement: "overflow" },
  ];
  const lower = hotlines[n - 1];
  if (lower) actions.push({ kind: "move", hotline: lower }, { kind: "move", hotline: hotlines[0]! });
  if (when.kind !== "full" && when.kind !== "closed")
    actions.push({ kind: "announce", announcement: "overflow" });
  if (when.kind === "waited") actions.push({ kind: "next_tier" });
  return { when, action: chance.pick(`${name} action`, actions) };
}
