import { setImmediate as others } from "node:timers/promises";
import { addDays, instantAt, localDate } from "../core/hours/calendar.ts";
import type { Schedule } from "../core/hours/schedule.ts";
import { openSpans } from "../core/hours/spans.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { Changes } from "../core/step.ts";
import type { WallMs } from "../core/time.ts";
import { isAriError } from "../pbx/ari/errors.ts";
import type { FallbackHotline } from "../pbx/render/fallback.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock, StartTimer } from "./clock.ts";

/** So far ahead Asterisk knows the opening hours. */
const daysAhead = 14;
/** Several changes make one new plan. */
const gatherMs = 1_000;
/** Also when nothing was changed: a day later there is one day more to know. */
const renewEveryMs = 3_600_000;
/** The disk was full, say. */
const retryMs = 60_000;

export type FallbackParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly startTimer: StartTimer;
  /** The path of what callers of a closed hotline hear at any time from now on, without an ending. */
  readonly closedSound: (hotline: HotlineId) => string;
  /** The PJSIP endpoint of an agent's phone; null: there is none. */
  readonly endpointOf: (agent: AgentId) => string | null;
  /** Writes the plan; true when it differs from before. */
  readonly write: (hotlines: readonly FallbackHotline[]) => boolean;
  /** Has Asterisk read it. */
  readonly reload: () => Promise<void>;
};

type Hours = Pick<FallbackHotline, "open" | "knownUntilSeconds">;

/**
 * Keeps Asterisk's plan for the time without the daemon up to date: which number is open when in the coming two weeks (the
 * core's own rules say so; the dialplan only compares times), and who is there to answer.
 */
export class Fallback {
  readonly #parts: FallbackParts;
  /** Worked out once a day: calendars are slow. */
  readonly #hours = new Map<
    HotlineId,
    { readonly schedule: Schedule; readonly day: string; readonly hours: Hours }
  >();
  /** What was last seen of each agent that matters here. */
  readonly #agents = new Map<AgentId, string>();
  #cancelTimer: () => void = () => undefined;
  #isConnected = false;
  #isStale = true;
  #underWay: Promise<void> | null = null;

  constructor(parts: FallbackParts) {
    this.#parts = parts;
  }

  /** Asterisk is there (again): what it has read is not known. */
  connected(): void {
    this.#isConnected = true;
    this.#isStale = true;
    this.#renewIn(0);
  }

  /** Nothing can be read by Asterisk before it is connected again. */
  lost(): void {
    this.#isConnected = false;
    this.#cancelTimer();
  }

  changed({ hotlines, numbers, agents }: Pick<Changes, "hotlines" | "numbers" | "agents">): void {
    let isOther = hotlines.size > 0 || numbers.size > 0;
    for (const [id, agent] of agents) {
      const seen = agent ? `${agent.duty.kind} ${JSON.stringify(agent.memberships)}` : "";
      if (this.#agents.get(id) !== seen) isOther = true;
      this.#agents.set(id, seen);
    }
    if (isOther) this.#renewIn(gatherMs);
  }

  /** What callers of a closed hotline hear is another sound. */
  announcementChanged(): void {
    this.#renewIn(gatherMs);
  }

  async stop(): Promise<void> {
    this.lost();
    await this.#underWay;
  }

  #renewIn(waitMs: number): void {
    if (!this.#isConnected) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.startTimer(() => {
      const before = this.#underWay ?? Promise.resolve();
      this.#underWay = before.then(() => this.#renew());
      this.#renewIn(renewEveryMs);
    }, waitMs);
  }

  async #renew(): Promise<void> {
    const { alarms, write, reload } = this.#parts;
    try {
      if (write(await this.#plan())) this.#isStale = true;
      if (this.#isStale) await reload();
      this.#isStale = false;
      alarms.clear("fallback");
    } catch (error) {
      // Asterisk is going or gone: told elsewhere, and it is handed the plan at the next connection.
      if (!this.#isConnected || isAriError(error, "unavailable", "broken")) return;
      const why = error instanceof Error ? error.message : String(error);
      alarms.raise(
        "fallback",
        `Asterisk does not know what to do while the daemon is away: ${why}. Tried again every minute.`,
      );
      this.#renewIn(retryMs);
    }
  }

  async #plan(): Promise<FallbackHotline[]> {
    const { state, closedSound, endpointOf } = this.#parts;
    const hotlines: FallbackHotline[] = [];
    for (const { id, name, strategy } of [...state.hotlines.values()]) {
      // Calls come first.
      await others();
      const hotline = state.hotlines.get(id);
      if (!hotline) continue;
      const phones = [...state.agents.values()]
        .filter(({ duty }) => duty.kind === "on")
        .flatMap((agent) => {
          const tier = agent.memberships.find((each) => each.hotline === id)?.tier;
          const endpoint = endpointOf(agent.id);
          return tier === undefined || endpoint === null ? [] : [{ endpoint, tier }];
        });
      hotlines.push({
        id,
        name,
        numbers: [...state.numbers.values()].filter((row) => row.hotline === id).map(({ number }) => number),
        ...this.#hoursOf(id, state.schedule(hotline)),
        closedSound: closedSound(id),
        ring: strategy === "ring-all" ? "all" : "in turn",
        phones,
      });
    }
    return hotlines;
  }

  #hoursOf(hotline: HotlineId, schedule: Schedule): Hours {
    const { timeZone } = schedule;
    const today = localDate(timeZone, this.#parts.clock.now().wallMs);
    const known = this.#hours.get(hotline);
    if (known?.day === today && sameSchedule(known.schedule, schedule)) return known.hours;
    const midnight = instantAt(timeZone, today, 0, "earlier");
    const until = instantAt(timeZone, addDays(today, daysAhead), 0, "earlier");
    const open = openSpans(schedule, midnight, until).map(({ fromMs, toMs }) => ({
      fromSeconds: inSeconds(fromMs),
      toSeconds: inSeconds(toMs),
    }));
    const hours = { open, knownUntilSeconds: inSeconds(until) };
    this.#hours.set(hotline, { schedule, day: today, hours });
    return hours;
  }
}

/** With shared hours the schedule is put together anew each time, of the same parts. */
const sameSchedule = (a: Schedule, b: Schedule): boolean =>
  (Object.keys(a) as (keyof Schedule)[]).every((key) => a[key] === b[key]);

const inSeconds = (at: WallMs): number => Math.floor(at / 1000);
