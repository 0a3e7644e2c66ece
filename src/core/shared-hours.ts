import type { Hotline } from "./hotlines.ts";
import type { HotlineId } from "./ids.ts";
import { done, refused, type Verdict } from "./turn.ts";

/** Whether a hotline can have the hours that it says, seen together with all others. One step only: who shares has its own. */
export function checkSharedHours(hotlines: Iterable<Hotline>, { id, hoursOf }: Hotline): Verdict {
  if (hoursOf === null) return done;
  const others = new Map<HotlineId, Hotline>([...hotlines].map((hotline) => [hotline.id, hotline]));
  const shared = others.get(hoursOf);
  if (!shared)
    return refused("unknown_hotline", `There is no hotline "${hoursOf}". See: hotline hotline list`);
  if (hoursOf === id)
    return refused(
      "in_use",
      `Hotline "${id}" cannot share hours with itself; name another hotline, or none. See: hotline hotline list`,
    );
  if (shared.hoursOf !== null)
    return refused(
      "in_use",
      `Hotline "${hoursOf}" has the hours of "${shared.hoursOf}" itself. Share with that one.`,
    );
  const follower = [...others.values()].find((other) => other.id !== id && other.hoursOf === id);
  return follower
    ? refused("in_use", `Hotline "${follower.id}" has the hours of "${id}", so "${id}" needs its own.`)
    : done;
}
