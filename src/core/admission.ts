import type { TurnedAway } from "./calls.ts";
import type { Hotline, OverflowCondition } from "./hotlines.ts";
import type { Rule } from "./hours/schedule.ts";
import type { State } from "./state.ts";
import type { WallMs } from "./time.ts";
import { unreachable } from "./unreachable.ts";

export type Admission =
  | { readonly kind: "admitted" }
  /** All who are there are on a break: waits for them, unless an overflow step says better. */
  | { readonly kind: "all_paused" }
  | { readonly kind: "turned_away"; readonly because: OverflowCondition; readonly how: TurnedAway };

/**
 * What happens to a call that arrives at a hotline now. The order of the checks: ad-hoc? exception for the date? holiday? weekly
 * hours? anybody there? room in the queue?
 */
export function admission(state: State, hotline: Hotline, at: WallMs): Admission {
  const { opening } = state.opening(hotline, at);
  if (!opening.open) return turnedAway({ kind: "closed" }, closedBy(opening.rule));
  const staff = state.staff(hotline.id);
  if (staff.present.size === 0)
    return turnedAway({ kind: "no_agents" }, { outcome: "no_agents", announcement: "no_agents" });
  if (state.queue(hotline.id).length >= hotline.maxWaiting)
    return turnedAway({ kind: "full" }, { outcome: "full", announcement: "full" });
  return { kind: staff.staffed.size === 0 ? "all_paused" : "admitted" };
}

/** How a caller is let go whom this rule keeps out. */
export function closedBy(rule: Rule): TurnedAway {
  switch (rule.kind) {
    case "ad_hoc":
      return { outcome: "closed_adhoc", announcement: "closed_adhoc" };
    case "holiday":
      return { outcome: "closed_holiday", announcement: "closed_holiday" };
    case "exception":
      return { outcome: "closed", announcement: rule.announcement ?? "closed" };
    case "weekly":
      return { outcome: "closed", announcement: "closed" };
    default:
      return unreachable(rule);
  }
}

const turnedAway = (because: OverflowCondition, how: TurnedAway): Admission => ({
  kind: "turned_away",
  because,
  how,
});
