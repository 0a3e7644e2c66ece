import type { Outcome } from "./calls.ts";
import type { Announcement, Hotline } from "./hotlines.ts";
import { opening } from "./hours/schedule.ts";
import type { State } from "./state.ts";
import type { WallMs } from "./time.ts";

export type Admission =
  | { readonly kind: "admitted"; readonly hotline: Hotline }
  | {
      readonly kind: "turned_away";
      readonly hotline: Hotline;
      readonly outcome: Outcome;
      readonly announcement: Announcement;
    }
  | { readonly kind: "unknown_number" };

/**
 * What happens to a call that arrives now. The order of the checks: number known? ad-hoc closure? weekly hours?
 * anybody there? room in the queue?
 */
export function admission(state: State, number: string, at: WallMs): Admission {
  const row = state.numbers.get(number);
  const hotline = row && state.hotlines.get(row.hotline);
  if (!hotline) return { kind: "unknown_number" };
  const turnedAway = (outcome: Outcome, announcement: Announcement): Admission => ({
    kind: "turned_away",
    hotline,
    outcome,
    announcement,
  });
  const { open, rule } = opening(hotline.schedule, at);
  if (!open) {
    return rule === "ad_hoc" ? turnedAway("closed_adhoc", "closed_adhoc") : turnedAway("closed", "closed");
  }
  if (state.present.of(hotline.id).size === 0) return turnedAway("no_agents", "no_agents");
  if (state.queueLength(hotline.id) >= hotline.maxWaiting) return turnedAway("full", "full");
  return { kind: "admitted", hotline };
}
