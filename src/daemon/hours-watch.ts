import type { Logger } from "pino";
import type { Hotline } from "../core/hotlines.ts";
import { localDate } from "../core/hours/calendar.ts";
import { opening } from "../core/hours/schedule.ts";
import type { HoursEvent } from "../core/hours-change.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { WallMs } from "../core/time.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock, StartTimer } from "./clock.ts";
import { holidaysFrom } from "./holidays.ts";
import { localTime, reasonOf } from "./hours-views.ts";

/** Also looks when nothing should have changed: clocks are set. */
const longestWaitMs = 60_000;
/** Public holidays are looked up again at each start, and when fewer years than this are left. */
const yearsAheadMin = 2;

type Seen = {
  readonly open: boolean;
  /** What the hours say without ad-hoc closing and opening. */
  readonly regular: boolean;
  readonly rule: string;
  /** When an opening was swallowed by a closing until resumed. */
  readonly swallowedAt: WallMs | null;
};

export type HoursWatchParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly log: Logger;
  readonly startTimer: StartTimer;
  readonly ask: (event: HoursEvent) => Promise<unknown>;
  /** Public holidays of a region, see holidaysFrom(). */
  readonly lookUp?: typeof holidaysFrom;
};

/**
 * Tells when hotlines open and close and by which rule, raises an alarm for each opening that a closing without an end swallows,
 * and keeps public holidays known years ahead. Decides nothing: the core looks at the hours itself.
 */
export class HoursWatch {
  readonly #parts: HoursWatchParts;
  readonly #lookUp: typeof holidaysFrom;
  readonly #seen = new Map<HotlineId, Seen>();
  #isStarted = false;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: HoursWatchParts) {
    this.#parts = parts;
    this.#lookUp = parts.lookUp ?? holidaysFrom;
  }

  start(): void {
    this.#isStarted = true;
    for (const hotline of this.#parts.state.hotlines.values()) void this.#renewHolidays(hotline);
    this.look();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancelTimer();
  }

  /** At the start, at the moment that something may change by itself, and after every change. */
  look(): void {
    if (!this.#isStarted) return;
    const { state, clock, startTimer } = this.#parts;
    this.#cancelTimer();
    const now = clock.now().wallMs;
    let nextMs = longestWaitMs;
    for (const id of this.#seen.keys()) if (!state.hotlines.get(id)) this.#forget(id);
    for (const hotline of state.hotlines.values()) {
      this.#lookAt(hotline, now);
      nextMs = Math.min(nextMs, state.opening(hotline, now).untilMs - now);
    }
    this.#cancelTimer = startTimer(() => this.look(), Math.max(1, nextMs));
  }

  #lookAt(hotline: Hotline, now: WallMs): void {
    const { state, log } = this.#parts;
    const before = this.#seen.get(hotline.id);
    const schedule = state.schedule(hotline);
    const { open, rule } = state.opening(hotline, now).opening;
    const { adHoc } = schedule;
    const regular =
      rule.kind === "ad_hoc" ? opening({ ...schedule, adHoc: { kind: "none" } }, now).open : open;
    const isEndless = adHoc.kind === "closed" && adHoc.untilMs === null;
    // After a start nobody knows whether it was open when it was closed: rather one alarm too many.
    const opensInVain = isEndless && regular && before?.regular !== true;
    const swallowedAt = opensInVain ? now : isEndless ? (before?.swallowedAt ?? null) : null;
    this.#seen.set(hotline.id, { open, regular, rule: rule.kind, swallowedAt });
    this.#alarm(hotline, swallowedAt, adHoc.kind === "closed" ? adHoc.reason : "");
    if (before && before.open === open && before.rule === rule.kind) return;
    const ended = before?.rule === "ad_hoc" && rule.kind !== "ad_hoc" ? ", what was set for now is over" : "";
    const reason = reasonOf(schedule, now);
    log.info(
      { hotline: hotline.id, open, rule: rule.kind },
      `${hotline.id} is ${open ? "open" : "closed"}${ended}: ${reason}`,
    );
    const yearsAhead = Number(schedule.holidays.days.at(-1)?.date.slice(0, 4)) - yearOf(hotline, now);
    if (before && yearsAhead < yearsAheadMin) void this.#renewHolidays(hotline);
  }

  #alarm(hotline: Hotline, swallowedAt: WallMs | null, reason: string): void {
    const { alarms, state } = this.#parts;
    const code = `closed_until_resumed:${hotline.id}`;
    if (swallowedAt === null) {
      alarms.clear(code);
      return;
    }
    const at = localTime(state.schedule(hotline).timeZone, swallowedAt);
    alarms.raise(
      code,
      `${hotline.id} should be open since ${at}, but is closed until somebody resumes the hours: ${reason}. To open: hotline hours resume --hotline ${hotline.id}`,
    );
  }

  async #renewHolidays(hotline: Hotline): Promise<void> {
    const { alarms, ask, clock } = this.#parts;
    const { holidays, timeZone } = hotline.schedule;
    const code = `holidays:${hotline.id}`;
    if (holidays.region === null) {
      alarms.clear(code);
      return;
    }
    try {
      const days = this.#lookUp(holidays.region, localDate(timeZone, clock.now().wallMs));
      await ask({
        type: "hours_changed",
        hotline: hotline.id,
        change: { kind: "holiday_days", region: holidays.region, days },
        releaseWaiting: false,
      });
      alarms.clear(code);
    } catch (error) {
      const known = holidays.days.at(-1)?.date ?? "no day at all";
      alarms.raise(
        code,
        `The public holidays of ${hotline.id} (${holidays.region}) could not be looked up (${error instanceof Error ? error.message : String(error)}); known until ${known}.`,
      );
    }
  }

  #forget(id: HotlineId): void {
    this.#seen.delete(id);
    this.#parts.alarms.clear(`closed_until_resumed:${id}`);
    this.#parts.alarms.clear(`holidays:${id}`);
  }
}

const yearOf = ({ schedule }: Hotline, now: WallMs): number =>
  Number(localDate(schedule.timeZone, now).slice(0, 4));
