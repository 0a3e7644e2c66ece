import { defaultSettings, type Hotline } from "../../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../../src/core/hours/schedule.ts";
import type { HotlineId } from "../../../src/core/ids.ts";
import { ms } from "../../../src/core/time.ts";

const never = ms(1e12);

/** What theory leaves open. */
export type Way = Pick<Hotline, "strategy" | "wrapUpMs">;

export const plainWay: Way = { strategy: "longest-idle", wrapUpMs: ms(0) };

/** As theory has it: always open, room for everybody, and nobody is sent away for waiting. */
export function theoreticalHotline(id: HotlineId, way: Way): Hotline {
  return {
    id,
    name: "Theory",
    ...defaultSettings,
    ...way,
    ringTimeoutMs: ms(20_000),
    autoPauseAfter: 0,
    maxWaiting: Number.MAX_SAFE_INTEGER,
    maxWaitMs: never,
    shortAbandonMs: ms(0),
    schedule: plainSchedule("UTC", aroundTheClock),
  };
}
