import type { Database } from "better-sqlite3";
import type { HotlineId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";

/** Which calls to count: those offered to a hotline that arrived in [from, to). */
export type ArrivalsWanted = {
  readonly hotline: HotlineId;
  /** IANA name. */
  readonly timeZone: string;
  readonly fromMs: WallMs;
  readonly toMs: WallMs;
};

/** Offered calls are all but those outside the opening hours; calls in progress are among them. */
export type Arrivals = {
  /** By hour of the week in that zone, Monday first; hours of the week that did not occur are left out. */
  readonly week: readonly {
    /** 1 Monday to 7 Sunday. */
    readonly weekday: number;
    readonly hour: number;
    /** How often this hour has passed from its first minute to its last. */
    readonly hours: number;
    /** In all of these hours. */
    readonly calls: number;
  }[];
  readonly answeredCalls: number;
  /** Of the answered calls; null: there are none. */
  readonly meanTalkMs: number | null;
};

/** All zones are so many quarters of an hour away from UTC. */
const quarterMs = 900_000;
const quartersPerHour = 4;
const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const notOffered = "'closed', 'closed_holiday', 'closed_adhoc', 'unknown_number'";

/** Counts from the hotline's first call on, should that be later: before it there was nothing to be counted. */
export function countArrivals(db: Database, wanted: ArrivalsWanted): Arrivals {
  const read = db.transaction(() => {
    const oldest = db
      .prepare<[HotlineId], number>(
        "SELECT arrived_ms FROM calls WHERE hotline = ? ORDER BY arrived_ms LIMIT 1",
      )
      .pluck()
      .get(wanted.hotline);
    const talk = db
      .prepare<ArrivalsWanted, { calls: number; meanMs: number | null }>(
        `SELECT count(*) AS calls, avg(talk_ms) AS meanMs FROM calls
         WHERE arrived_ms >= :fromMs AND arrived_ms < :toMs AND hotline = :hotline
           AND outcome = 'answered' AND talk_ms IS NOT NULL`,
      )
      .get(wanted)!;
    const fromMs = Math.max(wanted.fromMs, oldest ?? wanted.toMs);
    return {
      week: countByHour(callsByQuarter(db, wanted), { ...wanted, fromMs }),
      answeredCalls: talk.calls,
      meanTalkMs: talk.meanMs,
    };
  });
  return read();
}

function callsByQuarter(db: Database, wanted: ArrivalsWanted): Map<number, number> {
  const rows = db
    .prepare<ArrivalsWanted, [quarter: number, calls: number]>(
      `SELECT arrived_ms / ${quarterMs} AS quarter, count(*) FROM calls
       WHERE arrived_ms >= :fromMs AND arrived_ms < :toMs AND hotline = :hotline
         AND (outcome IS NULL OR outcome NOT IN (${notOffered}))
       GROUP BY quarter`,
    )
    .raw()
    .all(wanted);
  return new Map(rows);
}

/** Walks through the local hours that lie wholly in between; a doubled hour in autumn counts as two. */
function countByHour(
  calls: ReadonlyMap<number, number>,
  { timeZone, fromMs, toMs }: Pick<ArrivalsWanted, "timeZone"> & { fromMs: number; toMs: number },
): Arrivals["week"] {
  const counts = new Map<number, { hours: number; calls: number }>();
  const read = localClock(timeZone);
  const end = Math.floor(toMs / quarterMs);
  let quarter = Math.ceil(fromMs / quarterMs);
  while (quarter + quartersPerHour <= end) {
    const { weekday, hour, minute } = read(quarter * quarterMs);
    if (minute !== 0) {
      quarter++;
      continue;
    }
    const key = weekday * 24 + hour;
    const count = counts.get(key) ?? { hours: 0, calls: 0 };
    count.hours++;
    for (const last = quarter + quartersPerHour; quarter < last; quarter++)
      count.calls += calls.get(quarter) ?? 0;
    counts.set(key, count);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([key, count]) => ({ weekday: Math.floor(key / 24) + 1, hour: key % 24, ...count }));
}

/** Weekday 0 is Monday. */
function localClock(timeZone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (atMs: number) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      weekday: weekdays.indexOf(parts.get("weekday")!),
      hour: Number(parts.get("hour")),
      minute: Number(parts.get("minute")),
    };
  };
}
