import type { Call } from "./calls.ts";
import type { WayWhileAway } from "./events.ts";
import type { AgentId } from "./ids.ts";
import { confirmTimeoutMs } from "./limits.ts";
import { after, between, type MonotonicMs, type Now, type WallMs } from "./time.ts";
import type { Turn, Verdict } from "./turn.ts";

/**
 * Something ended while nobody watched and is told now: takes it as of its own time, by the wall clock, but never as earlier
 * than what is known to have gone before. Left out: it ended just now. An end of the call is marked as one that was not watched.
 */
export function asOf(
  turn: Turn,
  call: Call | null,
  endedMs: WallMs | undefined,
  act: () => Verdict,
  reached: WayWhileAway = "handed_over",
): Verdict {
  if (endedMs === undefined || !call) return act();
  const { now } = turn;
  const linesBefore = turn.story.length;
  const known = lastKnownOf(call);
  const agoMs = Math.min(Math.max(0, now.wallMs - endedMs), between(known.monotonicMs, now.monotonicMs));
  turn.now = {
    monotonicMs: (now.monotonicMs - agoMs) as MonotonicMs,
    wallMs: (now.wallMs - agoMs) as WallMs,
  };
  try {
    const verdict = act();
    const hasEnded = turn.story
      .slice(linesBefore)
      .some((line) => "call" in line && line.call === call.id && line.told.what === "ended");
    if (hasEnded) turn.tell(call.id, { what: "while_away", reached });
    return verdict;
  } finally {
    turn.now = now;
    confirmFromNow(turn, call);
  }
}

/** The call cannot have ended before this. */
export const lastKnownOf = ({ phase, arrivedAt }: Call): Now => ("since" in phase ? phase.since : arrivedAt);

/** When that was by both clocks; what is still to come is now. */
export function momentAt(now: Now, wallMs: WallMs): Now {
  const agoMs = Math.max(0, now.wallMs - wallMs);
  return {
    monotonicMs: (now.monotonicMs - agoMs) as MonotonicMs,
    wallMs: (now.wallMs - agoMs) as WallMs,
  };
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
