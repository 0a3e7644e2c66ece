import type { Agent } from "../core/agents.ts";
import type { Call } from "../core/calls.ts";
import type { Desk } from "../core/desks.ts";
import type { MonotonicMs, Now, WallMs } from "../core/time.ts";
import type { Loaded } from "./types.ts";

/** Where in a type there are monotonic times, as paths like "work.deadlineMs". */
type MonotonicPaths<Type, Path extends string> = Type extends MonotonicMs
  ? Path
  : Type extends string | number | boolean | null | undefined
    ? never
    : Type extends readonly (infer Item)[]
      ? MonotonicPaths<Item, Path>
      : { [Key in keyof Type & string]: MonotonicPaths<Type[Key], `${Path}.${Key}`> }[keyof Type & string];

// The compiler keeps these lists complete: a monotonic time that is new in the core must be named here.

const agentTimes: Record<MonotonicPaths<Agent, "agent">, true> = {
  "agent.idleSince": true,
  "agent.rest.untilMs": true,
  "agent.work.deadlineMs": true,
  "agent.work.progress.ringUntilMs": true,
  "agent.work.since": true,
  "agent.work.untilMs": true,
  "agent.work.confirmByMs": true,
};

const callTimes: Record<MonotonicPaths<Call, "call">, true> = {
  "call.arrivedAt.monotonicMs": true,
  "call.waitingSince": true,
  "call.hereSince": true,
  "call.due.giveUpMs": true,
  "call.due.tierMs": true,
  "call.due.stepMs": true,
  "call.due.announcementMs": true,
  "call.due.ringNextMs": true,
  "call.phase.since.monotonicMs": true,
  "call.phase.deadlineMs": true,
  "call.phase.result.at.monotonicMs": true,
  "call.phase.result.talk.since.monotonicMs": true,
};

const deskTimes: Record<MonotonicPaths<Desk, "desk">, true> = {
  "desk.unstaffedSince": true,
  "desk.allPausedSince": true,
  "desk.closing.lookAtMs": true,
  "desk.closing.since": true,
  "desk.closing.releaseAtMs": true,
};

/**
 * Carries stored monotonic times over to the clock of now. Within one boot it is the same clock. After another boot all
 * are shifted by one amount: their order stays, and their ages grow by the time that has passed on the wall, or by
 * nothing when the wall clock was set back. They may be negative: before the machine started.
 */
export function rebaseClock(loaded: Loaded, nowBootId: string, now: Now): Loaded {
  const { clock } = loaded;
  if (clock === null || clock.bootId === nowBootId) return loaded;
  const passedMs = Math.max(0, now.wallMs - clock.wallMs);
  const shiftMs = now.monotonicMs - passedMs - clock.monotonicMs;
  return {
    ...loaded,
    desks: loaded.desks.map((desk) => shifted(desk, "desk", deskTimes, shiftMs)),
    agents: loaded.agents.map((agent) => shifted(agent, "agent", agentTimes, shiftMs)),
    calls: loaded.calls.map((call) => shifted(call, "call", callTimes, shiftMs)),
    clock: {
      bootId: nowBootId,
      monotonicMs: (clock.monotonicMs + shiftMs) as MonotonicMs,
      wallMs: (now.wallMs - passedMs) as WallMs,
    },
  };
}

/** A copy with all times at the given paths moved. */
function shifted<Value>(value: Value, path: string, times: Record<string, true>, byMs: number): Value {
  if (typeof value === "number") return times[path] ? ((value + byMs) as Value) : value;
  if (Array.isArray(value)) return value.map((item) => shifted(item, path, times, byMs)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const copied = Object.entries(value).map(([key, part]) => [
    key,
    shifted(part, `${path}.${key}`, times, byMs),
  ]);
  return Object.fromEntries(copied) as Value;
}
