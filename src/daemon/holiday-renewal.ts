import type { Hotline } from "../core/hotlines.ts";
import { localDate } from "../core/hours/calendar.ts";
import { firstUnknownYear } from "../core/hours/known-holidays.ts";
import type { HoursEvent } from "../core/hours-change.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import type { Alarms } from "./alarms.ts";
import type { Clock } from "./clock.ts";
import { holidaysFrom } from "./holidays.ts";

/** What could not be looked up is looked up again after this. */
const retryAfterMs = 3_600_000;

export type HolidayRenewalParts = {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly ask: (event: HoursEvent) => Promise<unknown>;
  /** Public holidays of a region, see holidaysFrom(). */
  readonly lookUp?: typeof holidaysFrom;
};

/**
 * Keeps the public holidays of each hotline's region known years ahead: looked up at each start, when the region is another one,
 * and when years are missing. What is known stays until something better is found.
 */
export class HolidayRenewal {
  readonly #parts: HolidayRenewalParts;
  readonly #lookUp: typeof holidaysFrom;
  readonly #lookedUp = new Map<HotlineId, { readonly region: string; readonly atMs: number }>();

  constructor(parts: HolidayRenewalParts) {
    this.#parts = parts;
    this.#lookUp = parts.lookUp ?? holidaysFrom;
  }

  /** Looks up what is due. Never throws: what goes wrong is an alarm. */
  async look(hotline: Hotline): Promise<void> {
    const { region } = hotline.schedule.holidays;
    if (region === null) {
      this.forget(hotline.id);
      return;
    }
    const { monotonicMs } = this.#parts.clock.now();
    const last = this.#lookedUp.get(hotline.id);
    const isNew = last?.region !== region;
    const isToRetry = last !== undefined && monotonicMs - last.atMs >= retryAfterMs;
    if (!isNew && !(isToRetry && this.#isIncomplete(hotline))) return;
    this.#lookedUp.set(hotline.id, { region, atMs: monotonicMs });
    await this.#renew(hotline, region);
  }

  forget(hotline: HotlineId): void {
    this.#lookedUp.delete(hotline);
    this.#parts.alarms.clear(codeOf(hotline));
  }

  #isIncomplete({ id, schedule }: Hotline): boolean {
    const { alarms, clock } = this.#parts;
    const today = localDate(schedule.timeZone, clock.now().wallMs);
    const isAlarmed = alarms.list().some(({ code }) => code === codeOf(id));
    return isAlarmed || firstUnknownYear(schedule.holidays, today) !== null;
  }

  async #renew({ id, schedule }: Hotline, region: string): Promise<void> {
    const { alarms, ask, clock, state } = this.#parts;
    const today = localDate(schedule.timeZone, clock.now().wallMs);
    try {
      const days = this.#lookUp(region, today);
      const missing = firstUnknownYear({ region, days }, today);
      if (missing !== null) throw new Error(`none are found in ${missing}`);
      await ask({
        type: "hours_changed",
        hotline: id,
        change: { kind: "holiday_days", region, days },
        releaseWaiting: false,
      });
      alarms.clear(codeOf(id));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const known = state.hotlines.get(id)?.schedule.holidays ?? schedule.holidays;
      const unknown = firstUnknownYear(known, today);
      const until =
        unknown === null
          ? `Those known go on being kept, until ${known.days.at(-1)?.date}.`
          : `From ${unknown} on none are known: ${id} would be open on them. Name them yourself: hotline hours except 01.01.${unknown} closed --reason Neujahr --hotline ${id}`;
      alarms.raise(
        codeOf(id),
        `The public holidays of ${id} (${region}) could not be renewed (${why}). ${until}`,
      );
    }
  }
}

const codeOf = (hotline: HotlineId) => `holidays:${hotline}`;
