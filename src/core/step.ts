import {
  closeAsked,
  hotlineChanged,
  hotlineSet,
  hoursSet,
  numberSet,
  reopenAsked,
} from "./administration.ts";
import type { Agent } from "./agents.ts";
import { callArrived, callerLeft, endedCallIsLate, giveUp, playbackFinished } from "./callers.ts";
import type { Call } from "./calls.ts";
import { agentDeadline, callDeadline, staffingDeadline } from "./deadlines.ts";
import { distribute } from "./distribution/distribute.ts";
import {
  agentAdded,
  agentRemoved,
  loginAsked,
  logoutAsked,
  pauseAsked,
  phoneChanged,
  resumeAsked,
} from "./duty.ts";
import type { Effect } from "./effects.ts";
import type { DeadlineOf, Event, FaultIn } from "./events.ts";
import { faultFound } from "./fault.ts";
import type { Hotline } from "./hotlines.ts";
import { type AgentId, type CallId, type HotlineId, parseLegId } from "./ids.ts";
import { restIsOver } from "./offers/consequences.ts";
import { connected, connectFailed, legAnswered, legEnded, legRinging, offerIsLate } from "./offers/offers.ts";
import { releaseIsLate, wrapUpDeadline } from "./offers/work.ts";
import { pbxSnapshot } from "./reconcile.ts";
import { staffingIsLate, watchStaffing } from "./staffing.ts";
import type { NumberRow, State } from "./state.ts";
import type { StoryLine } from "./story.ts";
import type { MonotonicMs, Now } from "./time.ts";
import { done, ignored, Turn, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";

/** What a step has changed; null where a row was deleted. */
export type Changes = {
  readonly hotlines: ReadonlyMap<HotlineId, Hotline | null>;
  readonly numbers: ReadonlyMap<string, NumberRow | null>;
  readonly agents: ReadonlyMap<AgentId, Agent | null>;
  readonly calls: ReadonlyMap<CallId, Call | null>;
};

export type StepResult = {
  readonly verdict: Verdict;
  readonly effects: readonly Effect[];
  readonly story: readonly StoryLine[];
  readonly changes: Changes;
};

/** A step has thrown: a bug. The state is as it was before; `in` is whom to set aside with `fault_found`. */
export class StepFault extends Error {
  readonly in: FaultIn | null;
  constructor(blamed: FaultIn | null, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "StepFault";
    this.in = blamed;
  }
}

/**
 * The whole of deciding: a fact goes in, the state changes, orders come out. Reads no clock, does no I/O. Late, double
 * and unknown facts change nothing and are named in the verdict. Throws StepFault when an invariant is broken; the
 * state is then unchanged.
 */
export function step(state: State, event: Event, now: Now): StepResult {
  for (const table of state.tables) table.begin();
  const pbxBefore = state.pbx;
  const turn = new Turn(state, now, subjectOf(state, event));
  try {
    const verdict = handle(turn, event);
    watchStaffing(turn);
    if (state.pbx === "up") distribute(turn);
    return { verdict, effects: turn.effects, story: turn.story, changes: changesOf(state) };
  } catch (error) {
    for (const table of state.tables) table.rollBack();
    state.pbx = pbxBefore;
    throw new StepFault(turn.subject, error);
  }
}

function changesOf(state: State): Changes {
  return {
    hotlines: state.hotlines.changes(),
    numbers: state.numbers.changes(),
    agents: state.agents.changes(),
    calls: state.calls.changes(),
  };
}

function handle(turn: Turn, event: Event): Verdict {
  switch (event.type) {
    case "call_arrived":
      return callArrived(turn, event);
    case "caller_left":
      return callerLeft(turn, event.call);
    case "playback_finished":
      return playbackFinished(turn, event.call, event.playback);
    case "leg_ringing":
      return legRinging(turn, event);
    case "leg_answered":
      return legAnswered(turn, event);
    case "leg_ended":
      return legEnded(turn, event);
    case "connected":
      return connected(turn, event);
    case "connect_failed":
      return connectFailed(turn, event);
    case "phone_changed":
      return phoneChanged(turn, event.agent, event.phone);
    case "pbx_lost":
      turn.state.pbx = "lost";
      return done;
    case "pbx_snapshot":
      return pbxSnapshot(turn, event);
    case "hotline_set":
      return hotlineSet(turn, event.hotline);
    case "number_set":
      return numberSet(turn, event.number, event.hotline);
    case "agent_added":
      return agentAdded(turn, event);
    case "agent_removed":
      return agentRemoved(turn, event.agent);
    case "login_asked":
      return loginAsked(turn, event.agent);
    case "logout_asked":
      return logoutAsked(turn, event.agent);
    case "pause_asked":
      return pauseAsked(turn, event.agent, event.reason);
    case "resume_asked":
      return resumeAsked(turn, event.agent);
    case "hotline_changed":
      return hotlineChanged(turn, event);
    case "hours_set":
      return hoursSet(turn, event);
    case "close_asked":
      return closeAsked(turn, event);
    case "reopen_asked":
      return reopenAsked(turn, event.hotline);
    case "deadline_passed":
      return deadlinePassed(turn, event.of);
    case "fault_found":
      return faultFound(turn, event);
    default:
      return unreachable(event);
  }
}

function deadlinePassed(turn: Turn, of: DeadlineOf): Verdict {
  const { state, now } = turn;
  const isDue = (at: MonotonicMs | null) => at !== null && at <= now.monotonicMs;
  switch (of.kind) {
    case "call": {
      const call = state.calls.get(of.id);
      if (!call || !isDue(callDeadline(call))) return ignored("deadline_moved");
      if (call.phase.kind === "ended") endedCallIsLate(turn, call);
      else giveUp(turn, call, "timed_out");
      return done;
    }
    case "agent": {
      const agent = state.agents.get(of.id);
      if (!agent || !isDue(agentDeadline(agent))) return ignored("deadline_moved");
      agentIsLate(turn, agent);
      return done;
    }
    case "hotline": {
      const staffing = state.staffing.get(of.id);
      if (!staffing || !isDue(staffingDeadline(staffing))) return ignored("deadline_moved");
      staffingIsLate(turn, of.id);
      return done;
    }
    default:
      return unreachable(of);
  }
}

function agentIsLate(turn: Turn, agent: Agent): void {
  const { work } = agent;
  switch (work.kind) {
    case "offered":
      offerIsLate(turn, agent, work);
      return;
    case "releasing":
      releaseIsLate(turn, agent);
      return;
    case "wrap_up":
      wrapUpDeadline(turn, agent);
      return;
    case "idle":
      if (agent.rest.kind === "resting") turn.putAgent({ ...agent, rest: restIsOver(agent.rest) });
      return;
    case "talking":
      return;
    default:
      unreachable(work);
  }
}

/** Whom an event is about; null for what is about nobody in particular. */
function subjectOf(state: State, event: Event): FaultIn | null {
  if ("call" in event) return { kind: "call", id: event.call };
  if ("leg" in event) {
    const call = parseLegId(event.leg)?.call;
    return call ? { kind: "call", id: call } : null;
  }
  if ("agent" in event) return { kind: "agent", id: event.agent };
  if (event.type === "deadline_passed" && event.of.kind !== "hotline") {
    const agent = event.of.kind === "agent" ? state.agents.get(event.of.id) : null;
    const call =
      agent && (agent.work.kind === "offered" || agent.work.kind === "talking") ? agent.work.call : null;
    return call ? { kind: "call", id: call } : event.of;
  }
  return null;
}
