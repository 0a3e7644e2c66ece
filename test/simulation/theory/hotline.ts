import type { Hotline } from "../../../src/core/hotlines.ts";
import type { HotlineId } from "../../../src/core/ids.ts";
import { ms } from "../../../src/core/time.ts";

const never = ms(1e12);

/** Around the clock, said so that the look at yesterday's hours, which comes first, finds it: that is the faster way. */
const alwaysOpen = Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 48 * 60 }]);

/** What theory leaves open. */
export type Way = Pick<Hotline, "strategy" | "wrapUpMs">;

export const plainWay: Way = { strategy: "longest-idle", wrapUpMs: ms(0) };

/** As theory has it: always open, room for everybody, and nobody is sent away for waiting. */
export function theoreticalHotline(id: HotlineId, way: Way): Hotline {
  return {
    id,
    name: "Theory",
    ...way,
    ringTimeoutMs: ms(20_000),
    autoPauseAfter: 0,
    maxWaiting: Number.MAX_SAFE_INTEGER,
    maxWaitMs: never,
    shortAbandonMs: ms(0),
    schedule: { timeZone: "UTC", weekly: alwaysOpen, adHoc: { kind: "none" } },
  };
}
