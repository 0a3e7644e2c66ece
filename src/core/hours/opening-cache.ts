import type { Hotline } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import type { WallMs } from "../time.ts";
import { type AdHoc, type Opening, openingUntil, type Schedule } from "./schedule.ts";

type Entry = {
  readonly hours: Schedule;
  readonly adHoc: AdHoc;
  readonly fromMs: WallMs;
  readonly untilMs: WallMs;
  readonly opening: Opening;
};

/** What the opening hours say, worked out once for the stretch of time in which it holds: calendars are slow. */
export class OpeningCache {
  readonly #entries = new Map<HotlineId, Entry>();

  /** `hours`: the schedule that counts for the hotline, its own or another's; ad-hoc is taken from its own. */
  at(
    { id, schedule: { adHoc } }: Hotline,
    hours: Schedule,
    at: WallMs,
  ): { readonly opening: Opening; readonly untilMs: WallMs } {
    const known = this.#entries.get(id);
    if (known?.hours === hours && known.adHoc === adHoc && known.fromMs <= at && at < known.untilMs)
      return known;
    const entry = { hours, adHoc, fromMs: at, ...openingUntil({ ...hours, adHoc }, at) };
    this.#entries.set(id, entry);
    return entry;
  }
}
