import type { AdminEvent } from "../../src/core/events.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import type { HoursChange, Until } from "../../src/core/hours/change.ts";
import type { DateException, Holiday, Interval } from "../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../src/core/ids.ts";
import { ms, type WallMs } from "../../src/core/time.ts";
import type { Chance } from "./chance.ts";
import { addDays, dateAt, minuteAt } from "./open-by-hand.ts";

/** Makes up changes of opening hours whose edges fall into the scenario, whatever the clock on the wall shows. */

/** What the wall's clock begins with: a morning, midnight in Berlin, and half a minute before both changes of the clock. */
export const beginnings = [
  "2026-11-23T09:00:00Z",
  "2026-11-23T22:59:30Z",
  "2026-10-25T00:59:30Z",
  "2027-03-28T00:59:30Z",
] as const;

const zones = ["Europe/Berlin", "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"] as const;

export type HoursMove = { readonly afterMs: number; readonly event: AdminEvent };

export class HoursAuthor {
  readonly #chance: Chance;
  readonly #hotlines: readonly HotlineId[];
  /** What the clock shows when a move is made. */
  readonly #wallMs: number;

  constructor(chance: Chance, hotlines: readonly HotlineId[], wallMs: number) {
    this.#chance = chance;
    this.#hotlines = hotlines;
    this.#wallMs = wallMs;
  }

  /** One change, or several that make something of each other; half of them where the hotline is in the zone that they have in mind. */
  write(name: string): HoursMove[] {
    const chance = this.#chance;
    const hotline = chance.pick(`${name} hotline`, this.#hotlines);
    const zone = chance.pick(`${name} zone`, zones);
    const change: HoursChange = { kind: "time_zone", timeZone: zone };
    const moved = { type: "hours_changed", hotline, change, releaseWaiting: false } as const;
    const isThere = chance.happens(`${name} there`, 0.5);
    return [...(isThere ? [{ afterMs: 0, event: moved }] : []), ...this.#changes(name, hotline, zone)];
  }

  #changes(name: string, hotline: HotlineId, zone: string): HoursMove[] {
    const chance = this.#chance;
    const change = (what: HoursChange, afterMs = 0, releaseWaiting = false): HoursMove => ({
      afterMs,
      event: { type: "hours_changed", hotline, change: what, releaseWaiting },
    });
    const laterMs = chance.between(`${name} later`, 50, 20_000);
    const kinds = [
      "except",
      "except",
      "holidays",
      "week",
      "night",
      "close",
      "close",
      "open",
      "zone",
      "share",
    ] as const;
    switch (chance.pick(name, kinds)) {
      case "except": {
        const exception = this.#exception(name, zone);
        const { from, to } = exception;
        const back = { kind: "no_exception", from, to } as const;
        return [
          change({ kind: "except", exception }),
          ...(chance.happens(`${name} back`, 0.3) ? [change(back, laterMs)] : []),
        ];
      }
      case "holidays":
        return [
          change({ kind: "holidays", holidays: this.#holidays(name, zone) }),
          ...(chance.happens(`${name} anew`, 0.5)
            ? [
                change(
                  { kind: "holiday_days", region: "TH", days: this.#holidayDays(`${name} anew`, zone) },
                  laterMs,
                ),
              ]
            : []),
        ];
      case "week": {
        const from = chance.pick(`${name} from`, [null, this.#day(name, zone, 0), this.#day(name, zone, 1)]);
        const days = [{ days: [0, 1, 2, 3, 4, 5, 6], intervals: this.#intervals(`${name} week`, zone) }];
        return [change({ kind: "week", days, from })];
      }
      case "night": {
        // What runs in from the day before, and a day that is closed as a whole.
        const days = [{ days: [0, 1, 2, 3, 4, 5, 6], intervals: [{ fromMinute: 1200, toMinute: 2640 }] }];
        const exception = { ...this.#exception(name, zone), intervals: [] };
        return [
          change({ kind: "time_zone", timeZone: zone }),
          change({ kind: "week", days, from: null }),
          chance.happens(`${name} holiday`, 0.5)
            ? change({ kind: "holidays", holidays: this.#holidays(name, zone) }, laterMs)
            : change({ kind: "except", exception }, laterMs),
        ];
      }
      case "close":
      case "open": {
        const kind = chance.happens(`${name} opens`, 0.3) ? "open" : "close";
        const until = this.#until(name, zone);
        const isNow = kind === "close" && chance.happens(`${name} now`, 0.3);
        const resumes = until.kind === "resumed" || chance.happens(`${name} resumes`, 0.4);
        return [
          change({ kind, reason: "fire", until }, 0, isNow),
          ...(resumes ? [change({ kind: "resume" }, laterMs)] : []),
        ];
      }
      case "zone":
        return [change({ kind: "time_zone", timeZone: zone })];
      case "share": {
        const others = this.#hotlines.filter((id) => id !== hotline);
        if (others.length === 0) return [];
        const other = chance.pick(`${name} with`, others);
        const closing: HoursChange = { kind: "close", reason: "fire", until: this.#until(name, zone) };
        const closed = { hotline: other, change: closing, releaseWaiting: false } as const;
        return [
          { afterMs: 0, event: { type: "hours_shared", hotline, with: other } },
          // Which is that one's alone.
          ...(chance.happens(`${name} closed`, 0.5)
            ? [{ afterMs: laterMs >> 2, event: { type: "hours_changed", ...closed } as const }]
            : []),
          ...(chance.happens(`${name} parts`, 0.5)
            ? [{ afterMs: laterMs, event: { type: "hours_shared", hotline, with: null } as const }]
            : []),
        ];
      }
    }
  }

  #day(name: string, zone: string, more: number): LocalDate {
    const days = this.#chance.pick(`${name} day`, [0, 0, 0, -1, 1]) + more;
    return addDays(dateAt(zone, this.#wallMs), days) as LocalDate;
  }

  /** Closed, or hours that begin, end or pause within minutes; some of them run over midnight. */
  #intervals(name: string, zone: string): Interval[] {
    const minute = minuteAt(zone, this.#wallMs);
    const edge = minute + this.#chance.between(`${name} edge`, 0, 2);
    const before = edge > 0 ? [{ fromMinute: 0, toMinute: Math.min(edge, 1440) }] : [];
    const after = edge < 1440 ? [{ fromMinute: edge, toMinute: 1440 }] : [];
    const pause = edge + 1 < 1440 ? [...before, { fromMinute: edge + 1, toMinute: 1440 }] : before;
    const overnight = [{ fromMinute: 1380, toMinute: 1440 + Math.min(edge, 1380) }];
    return this.#chance.pick(`${name} hours`, [[], before, after, pause, overnight]);
  }

  #exception(name: string, zone: string): DateException {
    const from = this.#day(name, zone, 0);
    return {
      from,
      to: addDays(from, this.#chance.pick(`${name} days`, [0, 0, 1])) as LocalDate,
      intervals: this.#intervals(name, zone),
      reason: "move",
      announcement: this.#chance.pick(`${name} says`, [null, "special_1"]),
    };
  }

  #holidays(name: string, zone: string) {
    const [, month, day] = this.#day(`${name} own`, zone, 0).split("-").map(Number);
    const own = { month: month!, day: day!, name: "our own" };
    return {
      region: this.#chance.pick(`${name} region`, ["TH", "TH", null]),
      days: this.#holidayDays(name, zone),
      workedOn: this.#chance.happens(`${name} works`, 0.3) ? ["Feiertag"] : [],
      own: this.#chance.happens(`${name} own`, 0.3) ? [own] : [],
    };
  }

  #holidayDays(name: string, zone: string): Holiday[] {
    return [{ date: this.#day(`${name} holiday`, zone, 0), name: "Feiertag" }];
  }

  #until(name: string, zone: string): Until {
    const chance = this.#chance;
    const lengthMs = ms(chance.between(`${name} for`, 1_000, 60_000));
    const minute = minuteAt(zone, this.#wallMs) + chance.between(`${name} minute`, 0, 2);
    return chance.pick<Until>(`${name} until`, [
      { kind: "duration", lengthMs },
      { kind: "instant", atMs: (this.#wallMs + lengthMs) as WallMs },
      { kind: "minute_of_day", minute: Math.min(minute, 1439) },
      { kind: "next_change" },
      { kind: "resumed" },
    ]);
  }
}
