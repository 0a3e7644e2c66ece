import type { CallId } from "./ids.ts";
import { after, type MonotonicMs, seconds } from "./time.ts";

/*
 * A daemon that dies again and again: what it starts without. A broken invariant does not come here, see fault.ts; this is for what
 * takes the whole process down, or keeps it from starting.
 */

/** The daemon died of a bug. `call`: what the last event it looked at was about; null: nobody, or it is not known. */
export type Crash = { readonly at: MonotonicMs; readonly call: CallId | null };

/**
 * as_usual      with all that is on record.
 * without       one call is set aside: its caller goes to the fallback, or goes on talking.
 * taken_anew    the record of all who do not talk is set aside; who is there is taken in as if just now, with the time of arrival.
 * to_fallback   and if that does not help: they all go to the fallback.
 */
export type StartPlan =
  | { readonly kind: "as_usual" }
  | { readonly kind: "without"; readonly call: CallId }
  | { readonly kind: "taken_anew" }
  | { readonly kind: "to_fallback" };

export type Tried = { readonly at: MonotonicMs; readonly plan: StartPlan };

const crashesMax = 3;
const within = seconds(60);

/** What matters of them now. */
export function recent<Item extends { readonly at: MonotonicMs }>(
  items: readonly Item[],
  now: MonotonicMs,
): readonly Item[] {
  return items.filter(({ at }) => at <= now && after(at, within) >= now);
}

/**
 * How to start. As long as the crashes name a call that was not set aside yet, one call goes at a time: who has nothing to do with it
 * must not suffer. Both lists are in the order of time.
 */
export function planStart(crashes: readonly Crash[], tried: readonly Tried[], now: MonotonicMs): StartPlan {
  const lately = recent(crashes, now);
  if (lately.length < crashesMax) return { kind: "as_usual" };
  const before = recent(tried, now).map(({ plan }) => plan);
  const call = lately.findLast((crash) => crash.call !== null)?.call ?? null;
  if (call !== null && !before.some((plan) => plan.kind === "without" && plan.call === call))
    return { kind: "without", call };
  const isNew = !before.some(({ kind }) => kind === "taken_anew" || kind === "to_fallback");
  return { kind: isNew ? "taken_anew" : "to_fallback" };
}
