import type { Hotline } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import type { WallMs } from "../time.ts";
import { type Opening, openingUntil, type Schedule } from "./schedule.ts";

type Entry = {
  readonly schedule: Schedule;
  readonly fromMs: WallMs;
  readonly untilMs: WallMs;
  readonly opening: Opening;
};

/** What the opening hours say, worked out once for the stretch of time in which it holds: calendars are slow. */
export class OpeningCache {
  readonly #entries = new Map<HotlineId, Entry>();

  at(hotline: Hotline, at: WallMs): { readonly opening: Opening; readonly untilMs: WallMs } {
    const known = this.#entries.get(hotline.id);
    if (known && known.schedule === hotline.schedule && known.fromMs <= at && at < known.untilMs)
      return known;
    const entry = { schedule: hotline.schedule, fromMs: at, ...openingUntil(hotline.schedule, at) };
    this.#entries.set(hotline.id, entry);
    return entry;
  }
}
