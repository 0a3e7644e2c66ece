import type { Hotline, OverflowCondition } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import { done, refused, type Verdict } from "../turn.ts";

/** The hotlines as they are, or as they are going to be. */
export type HotlineLookup = { readonly get: (id: HotlineId) => Hotline | null };

const whyNoTier: Record<Exclude<OverflowCondition["kind"], "waited">, string> = {
  full: "nobody comes into the queue then",
  closed: "nobody comes into the queue then",
  no_agents: "there is nobody in any tier then",
  all_paused: "nobody takes calls in any tier then",
};

/** What is wrong with a hotline's overflow steps, seen together with those of all others; `done` when nothing is. */
export function checkOverflow(hotlines: HotlineLookup, hotline: Hotline): Verdict {
  for (const { when, action } of hotline.overflow) {
    if (action.kind === "move" && action.hotline !== hotline.id && !hotlines.get(action.hotline))
      return refused(
        "unknown_hotline",
        `An overflow step of "${hotline.id}" leads to hotline "${action.hotline}", which does not exist. See: hotline hotline list`,
      );
    if (action.kind === "next_tier" && when.kind !== "waited")
      return refused(
        "impossible_step",
        `An overflow step of "${hotline.id}" brings in the next tier when it is ${when.kind}: ${whyNoTier[when.kind]}. Only waited steps can do that, for example: waited 60s: next-tier`,
      );
    if (action.kind === "announce" && (when.kind === "full" || when.kind === "closed"))
      return refused(
        "impossible_step",
        `An overflow step of "${hotline.id}" lets callers stay when it is ${when.kind}: there they can only be moved, forwarded or let go.`,
      );
  }
  const loop = findLoop(hotlines, hotline);
  if (!loop) return done;
  const path = loop.map((id) => `"${id}"`).join(" to ");
  return refused("overflow_loop", `Overflow would go round in a circle: ${path}. Nothing was changed.`);
}

/** The way from a hotline back to itself over `move` steps; null when there is none. */
function findLoop(hotlines: HotlineLookup, start: Hotline): readonly HotlineId[] | null {
  const targets = (id: HotlineId): HotlineId[] => {
    const hotline = id === start.id ? start : hotlines.get(id);
    return (hotline?.overflow ?? []).flatMap(({ action }) =>
      action.kind === "move" ? [action.hotline] : [],
    );
  };
  const seen = new Set<HotlineId>();
  const walk = (path: readonly HotlineId[]): readonly HotlineId[] | null => {
    const last = path.at(-1)!;
    for (const next of targets(last)) {
      if (next === start.id) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const loop = walk([...path, next]);
      if (loop) return loop;
    }
    return null;
  };
  return walk([start.id]);
}
