import type { Outcome } from "../core/calls.ts";
import type { CallId, HotlineId } from "../core/ids.ts";
import type { StoryLine } from "../core/story.ts";
import type { WallMs } from "../core/time.ts";

/*
 * A day's figures of each hotline, kept up to date line by line. A call belongs to the hotline and the day at which it
 * arrived, and counts from the moment that its fate is known: when somebody talks to the caller, or when it ends.
 *
 *   offered         all calls but the closed kinds and unknown_number
 *   reachability    answered ÷ offered
 *   service level   answered within the target ÷ (offered − abandoned_short)
 *   ASA             mean wait of answered calls, from admission to connection
 */

/** The promise of the German 115: 75 of 100 within 30 seconds. */
export const target = { percent: 75, withinMs: 30_000 } as const;

/** What the call log has about a call, as far as figures need it. */
export type CountedCall = {
  readonly id: CallId;
  /** Where it arrived. */
  readonly hotline: HotlineId;
  readonly arrivedAtMs: WallMs;
  /** Null: nobody has been reached yet, and the caller is still there. */
  readonly fate: Outcome | null;
  /** Null: not known yet. */
  readonly waitMs: number | null;
};

export type Day = { readonly fromMs: WallMs; readonly untilMs: WallMs };

export type DayFigures = {
  readonly offered: number;
  readonly answered: number;
  readonly answeredInTime: number;
  readonly abandoned: number;
  readonly abandonedShort: number;
  /** Offered, and neither answered nor abandoned: full, no_agents, timed_out, forwarded, failed. */
  readonly otherwise: number;
  /** 0..1; null: nobody has called. */
  readonly reachability: number | null;
  readonly serviceLevel: number | null;
  readonly asaMs: number | null;
};

type Sums = {
  offered: number;
  answered: number;
  answeredInTime: number;
  abandoned: number;
  abandonedShort: number;
  answeredWaitMs: number;
};

const notOffered: ReadonlySet<Outcome> = new Set([
  "closed",
  "closed_holiday",
  "closed_adhoc",
  "unknown_number",
]);

/** The longest day there is, and a little more: older calls are of no day that is today anywhere. */
export const keptMs = 26 * 3_600_000;
const tidyEveryMs = 3_600_000;

/** The calls of today. Times of arrival and the days are those of the clock on the wall. */
export class TodaysCalls {
  readonly #calls = new Map<CallId, CountedCall>();
  readonly #days = new Map<HotlineId, { day: Day; sums: Sums }>();
  #tidyAtMs = 0;

  /** A call as it is in the log; in place of what is known of it. */
  put(call: CountedCall): void {
    this.#take(call.id);
    this.#calls.set(call.id, call);
    this.#count(call, 1);
  }

  /** What the loop tells. Lines may come twice, and the lines of a call may be followed by another arrival of it. */
  tell(line: StoryLine): void {
    if (!("call" in line)) return;
    const { call: id, told, at } = line;
    if (told.what === "arrived") {
      this.#tidyUp(at.wallMs);
      if (told.hotline === null) this.#take(id);
      else {
        // Set aside after a fault and found alive: it is one call, and arrived when it first did.
        const arrivedAtMs = this.#calls.get(id)?.arrivedAtMs ?? at.wallMs;
        this.put({ id, hotline: told.hotline, arrivedAtMs, fate: null, waitMs: null });
      }
      return;
    }
    const known = this.#calls.get(id);
    if (!known) return;
    if (told.what === "connected") this.put({ ...known, fate: "answered", waitMs: told.waitMs });
    else if (told.what === "forwarded") this.put({ ...known, fate: "forwarded", waitMs: told.waitMs });
    else if (told.what === "ended") this.put({ ...known, fate: told.result.outcome, waitMs: told.waitMs });
  }

  /** Figures of the calls that arrived at the hotline on that day. Quick as long as the day is that of the last question. */
  of(hotline: HotlineId, day: Day): DayFigures {
    const known = this.#days.get(hotline);
    if (known?.day.fromMs === day.fromMs && known.day.untilMs === day.untilMs) return figuresOf(known.sums);
    const fresh = { day, sums: nothing() };
    this.#days.set(hotline, fresh);
    for (const call of this.#calls.values()) if (call.hotline === hotline) count(fresh.sums, day, call, 1);
    return figuresOf(fresh.sums);
  }

  #take(id: CallId): void {
    const known = this.#calls.get(id);
    if (!known) return;
    this.#calls.delete(id);
    this.#count(known, -1);
  }

  #count(call: CountedCall, sign: 1 | -1): void {
    const known = this.#days.get(call.hotline);
    if (known) count(known.sums, known.day, call, sign);
  }

  /** Forgets the calls of the days before; the sums of their day, should anybody still look at it, stay. */
  #tidyUp(nowMs: WallMs): void {
    if (nowMs < this.#tidyAtMs) return;
    this.#tidyAtMs = nowMs + tidyEveryMs;
    for (const call of this.#calls.values())
      if (call.arrivedAtMs < nowMs - keptMs) this.#calls.delete(call.id);
  }
}

const nothing = (): Sums => ({
  offered: 0,
  answered: 0,
  answeredInTime: 0,
  abandoned: 0,
  abandonedShort: 0,
  answeredWaitMs: 0,
});

function count(sums: Sums, day: Day, { fate, waitMs, arrivedAtMs }: CountedCall, sign: 1 | -1): void {
  if (arrivedAtMs < day.fromMs || arrivedAtMs >= day.untilMs) return;
  if (fate === null || notOffered.has(fate)) return;
  sums.offered += sign;
  if (fate === "abandoned") sums.abandoned += sign;
  if (fate === "abandoned_short") sums.abandonedShort += sign;
  if (fate !== "answered") return;
  sums.answered += sign;
  sums.answeredWaitMs += sign * (waitMs ?? 0);
  if ((waitMs ?? 0) <= target.withinMs) sums.answeredInTime += sign;
}

function figuresOf({ answeredWaitMs, ...sums }: Sums): DayFigures {
  const { offered, answered, answeredInTime, abandoned, abandonedShort } = sums;
  const share = (part: number, of: number) => (of === 0 ? null : part / of);
  return {
    ...sums,
    otherwise: offered - answered - abandoned - abandonedShort,
    reachability: share(answered, offered),
    serviceLevel: share(answeredInTime, offered - abandonedShort),
    asaMs: answered === 0 ? null : Math.round(answeredWaitMs / answered),
  };
}
