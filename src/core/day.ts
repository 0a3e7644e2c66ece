import type { Agent, Tally } from "./agents.ts";
import type { Hotline } from "./hotlines.ts";
import { localDay } from "./hours/calendar.ts";
import { type DurationMs, ms, type WallMs } from "./time.ts";
import type { Turn } from "./turn.ts";

/** Where there is no hotline yet. */
const defaultTimeZone = "Europe/Berlin";

/**
 * An agent has one tally over all hotlines, so one zone holds for all: that of the hotline with the smallest id, whatever the
 * order in which they were set up or loaded.
 */
function timeZoneOf({ state }: Turn): string {
  let first: Hotline | null = null;
  for (const hotline of state.hotlines.values()) if (!first || hotline.id < first.id) first = hotline;
  return first ? state.schedule(first).timeZone : defaultTimeZone;
}

/** At local midnight all tallies begin anew. Runs before every step; almost always there is nothing to do. */
export function startDayIfNew(turn: Turn): void {
  const { state, now } = turn;
  const { day } = state.loose;
  const timeZone = timeZoneOf(turn);
  const isSame =
    day !== null && day.timeZone === timeZone && day.fromMs <= now.wallMs && now.wallMs < day.untilMs;
  if (isSame) return;
  const today = { timeZone, ...localDay(timeZone, now.wallMs) };
  state.loose = { ...state.loose, day: today };
  for (const agent of [...state.agents.values()])
    if (agent.today.dayStartMs !== today.fromMs) turn.putAgent({ ...agent, today: noTally(turn) });
}

export const noTally = (turn: Turn): Tally => ({
  dayStartMs: turn.state.loose.day?.fromMs ?? (0 as WallMs),
  calls: 0,
  talkMs: ms(0),
});

/** Who becomes ready starts no lower than the lowest of those who take calls at the same hotlines. */
export function startingTally(turn: Turn, agent: Agent): Tally {
  const colleagues = new Set(
    agent.memberships.flatMap(({ hotline }) => turn.state.staff(hotline).staffed.ids()),
  );
  colleagues.delete(agent.id);
  if (colleagues.size === 0) return agent.today;
  const tallies = [...colleagues].map((id) => turn.agent(id).today);
  const lowest = (of: (tally: Tally) => number) => Math.min(...tallies.map(of));
  return {
    ...agent.today,
    calls: Math.max(
      agent.today.calls,
      lowest(({ calls }) => calls),
    ),
    talkMs: Math.max(
      agent.today.talkMs,
      lowest(({ talkMs }) => talkMs),
    ) as DurationMs,
  };
}
