import type { Call } from "./calls.ts";
import type { AgentId } from "./ids.ts";
import { confirmTimeoutMs } from "./limits.ts";
import { after, between, type MonotonicMs, type WallMs } from "./time.ts";
import type { Turn, Verdict } from "./turn.ts";

/**
 * Something ended while nobody watched and is told now: takes it as of its own time, by the wall clock, but never as earlier
 * than what is known to have gone before. Left out: it ended just now.
 */
export function asOf(
  turn: Turn,
  call: Call | null,
  endedMs: WallMs | undefined,
  act: () => Verdict,
): Verdict {
  if (endedMs === undefined || !call) return act();
  const { now } = turn;
  const { phase } = call;
  const known = "since" in phase ? phase.since : call.arrivedAt;
  const agoMs = Math.min(Math.max(0, now.wallMs - endedMs), between(known.monotonicMs, now.monotonicMs));
  turn.now = {
    monotonicMs: (now.monotonicMs - agoMs) as MonotonicMs,
    wallMs: (now.wallMs - agoMs) as WallMs,
  };
  try {
    return act();
  } finally {
    turn.now = now;
    confirmFromNow(turn, call);
  }
}

/** What was ordered goes out now, and is confirmed after that. */
function confirmFromNow(turn: Turn, before: Call): void {
  const deadlineMs = after(turn.now.monotonicMs, confirmTimeoutMs);
  const call = turn.state.calls.get(before.id);
  if (call?.phase.kind === "ended") turn.putCall({ ...call, phase: { ...call.phase, deadlineMs } });
  for (const id of agentsOf(before)) {
    const agent = turn.state.agents.get(id);
    if (agent?.work.kind === "releasing") turn.putAgent({ ...agent, work: { ...agent.work, deadlineMs } });
    if (agent?.work.kind === "wrap_up" && agent.work.leg !== null)
      turn.putAgent({ ...agent, work: { ...agent.work, confirmByMs: deadlineMs } });
  }
}

function agentsOf({ phase }: Call): readonly AgentId[] {
  if (phase.kind === "connected") return [phase.agent];
  return phase.kind === "offering" ? phase.agents : [];
}
