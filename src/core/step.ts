import {
  announcementSet,
  hotlineAdded,
  hotlineChanged,
  hotlineRemoved,
  hoursChanged,
  hoursShared,
  numberRemoved,
  numberSet,
  rescheduleWaiting,
} from "./administration.ts";
import type { Agent } from "./agents.ts";
import { callArrived } from "./callers/arrival.ts";
import { callIsDue } from "./callers/due.ts";
import { playbackFinished } from "./callers/hearing.ts";
import { callerLeft } from "./callers/leaving.ts";
import type { Call } from "./calls.ts";
import { codeDialled } from "./codes.ts";
import { startDayIfNew } from "./day.ts";
import { agentDeadline, callDeadline, deskDeadline } from "./deadlines.ts";
import type { Desk } from "./desks.ts";
import { distribute } from "./distribution/distribute.ts";
import { documentApplied } from "./document.ts";
import {
  agentAssigned,
  agentRemoved,
  agentsAdded,
  agentUnassigned,
  loginAsked,
  logoutAsked,
  pauseAsked,
  phoneChanged,
  resumeAsked,
  wrapUpEndAsked,
  wrapUpExtendAsked,
} from "./duty.ts";
import type { Effect } from "./effects.ts";
import type { DeadlineOf, Event, FaultIn, NewAgent } from "./events.ts";
import { callSetAside, faultFound } from "./fault.ts";
import type { Hotline } from "./hotlines.ts";
import { type AgentId, type CallId, type HotlineId, type LegId, parseLegId } from "./ids.ts";
import { restIsOver } from "./offers/consequences.ts";
import {
  connected,
  connectFailed,
  legAnswered,
  legEnded,
  legRinging,
  offerIsLate,
  offersDisturbed,
  putOff,
} from "./offers/offers.ts";
import { releaseIsLate, wrapUpDeadline } from "./offers/work.ts";
import { rowsPutBack } from "./put-back.ts";
import { pbxSnapshot } from "./reconcile.ts";
import type { NumberRow, State } from "./state.ts";
import type { StoryLine } from "./story.ts";
import { subjectOf } from "./subject.ts";
import type { MonotonicMs, Now } from "./time.ts";
import { done, ignored, Turn, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";
import { asOf } from "./unwatched.ts";
import { deskIsDue, watchDesks } from "./watch.ts";
import { callerElsewhere, callFoundOver, takeUnseenTalk } from "./while-away.ts";

/** What a step has changed; null where a row was deleted. */
export type Changes = {
  readonly hotlines: ReadonlyMap<HotlineId, Hotline | null>;
  readonly numbers: ReadonlyMap<string, NumberRow | null>;
  readonly desks: ReadonlyMap<HotlineId, Desk | null>;
  readonly agents: ReadonlyMap<AgentId, Agent | null>;
  readonly calls: ReadonlyMap<CallId, Call | null>;
};

/** What administrators set, as it was before the step, of the rows that the step has changed; null where there was none. */
export type Replaced = Pick<Changes, "hotlines" | "numbers" | "agents">;

export type StepResult = {
  readonly verdict: Verdict;
  readonly effects: readonly Effect[];
  readonly story: readonly StoryLine[];
  readonly changes: Changes;
  readonly replaced: Replaced;
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
  const looseBefore = state.loose;
  const turn = new Turn(state, now, subjectOf(state, event));
  try {
    startDayIfNew(turn);
    const verdict = handle(turn, event);
    watchDesks(turn);
    if (state.loose.pbx === "up" && distribute(turn)) watchDesks(turn);
    const { effects, story } = turn;
    return { verdict, effects, story, changes: changesOf(state), replaced: replacedOf(state) };
  } catch (error) {
    for (const table of state.tables) table.rollBack();
    state.loose = looseBefore;
    throw new StepFault(turn.subject, error);
  }
}

function changesOf(state: State): Changes {
  return {
    hotlines: state.hotlines.changes(),
    numbers: state.numbers.changes(),
    desks: state.desks.changes(),
    agents: state.agents.changes(),
    calls: state.calls.changes(),
  };
}

function replacedOf(state: State): Replaced {
  return {
    hotlines: state.hotlines.replaced(),
    numbers: state.numbers.replaced(),
    agents: state.agents.replaced(),
  };
}

function handle(turn: Turn, event: Event): Verdict {
  switch (event.type) {
    case "call_arrived":
      return callArrived(turn, event);
    case "caller_left":
      if (event.wasJoined) takeUnseenTalk(turn, turn.state.calls.get(event.call));
      return asOf(turn, turn.state.calls.get(event.call), event.endedMs, () => callerLeft(turn, event.call));
    case "caller_elsewhere":
      return callerElsewhere(turn, event.call);
    case "call_found_over":
      return callFoundOver(turn, event);
    case "playback_finished":
      return playbackFinished(turn, event.call, event.playback);
    case "leg_ringing":
      return legRinging(turn, event);
    case "leg_answered":
      return legAnswered(turn, event);
    case "leg_ended":
      if (event.wasJoined) takeUnseenTalk(turn, callOfLeg(turn.state, event.leg), event.leg);
      return asOf(turn, callOfLeg(turn.state, event.leg), event.endedMs, () => legEnded(turn, event));
    case "connected":
      return connected(turn, event);
    case "connect_failed":
      return connectFailed(turn, event);
    case "phone_changed":
      return phoneChanged(turn, event.agent, event.phone);
    case "pbx_lost":
      turn.state.loose = { ...turn.state.loose, pbx: "lost", lastHeardAt: turn.now };
      return done;
    case "pbx_snapshot":
      return pbxSnapshot(turn, event);
    case "code_dialled":
      return codeDialled(turn, event);
    case "hotline_added":
      return hotlineAdded(turn, event.hotline);
    case "hotline_removed":
      return hotlineRemoved(turn, event.hotline);
    case "number_set":
      return numberSet(turn, event);
    case "number_removed":
      return numberRemoved(turn, event.number);
    case "agent_added":
      return addAgents(turn, [event]);
    case "agents_added":
      return addAgents(turn, event.agents);
    case "agent_removed":
      return agentRemoved(turn, event.agent);
    case "agent_assigned":
      return withNewTiers(turn, [event.membership.hotline], () =>
        agentAssigned(turn, event.agent, event.membership),
      );
    case "agent_unassigned":
      return agentUnassigned(turn, event);
    case "wrap_up_end_asked":
      return wrapUpEndAsked(turn, event.agent);
    case "wrap_up_extend_asked":
      return wrapUpExtendAsked(turn, event);
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
    case "hours_changed":
      return hoursChanged(turn, event);
    case "hours_shared":
      return hoursShared(turn, event);
    case "announcement_set":
      return announcementSet(turn, event.hotline);
    case "rows_put_back":
      return rowsPutBack(turn, event);
    case "document_applied":
      return documentApplied(turn, event);
    case "seeded":
      turn.state.loose = { ...turn.state.loose, chance: event.seed };
      return done;
    case "capacity_set":
      turn.state.loose = { ...turn.state.loose, capacity: event.capacity };
      return done;
    case "deadline_passed":
      return deadlinePassed(turn, event.of);
    case "stood_still":
      // What goes by the time of day is looked at after each step, and this is one.
      return offersDisturbed(turn);
    case "call_set_aside":
      return callSetAside(turn, event);
    case "fault_found":
      return faultFound(turn, event);
    default:
      return unreachable(event);
  }
}

function callOfLeg(state: State, leg: LegId): Call | null {
  const call = parseLegId(leg)?.call;
  return call ? state.calls.get(call) : null;
}

function addAgents(turn: Turn, agents: readonly NewAgent[]): Verdict {
  const hotlines = new Set(agents.flatMap(({ memberships }) => memberships.map(({ hotline }) => hotline)));
  return withNewTiers(turn, [...hotlines], () => agentsAdded(turn, agents));
}

/** Who waits already is told when the tiers join that have come with an agent. */
function withNewTiers(turn: Turn, hotlines: readonly HotlineId[], change: () => Verdict): Verdict {
  const verdict = change();
  if (verdict.kind !== "done") return verdict;
  for (const id of hotlines) {
    const hotline = turn.state.hotlines.get(id);
    if (hotline) rescheduleWaiting(turn, hotline, hotline);
  }
  return verdict;
}

function deadlinePassed(turn: Turn, of: DeadlineOf): Verdict {
  const { state, now } = turn;
  const isDue = (at: MonotonicMs | null) => at !== null && at <= now.monotonicMs;
  switch (of.kind) {
    case "call": {
      const call = state.calls.get(of.id);
      if (!call || !isDue(callDeadline(call))) return ignored("deadline_moved");
      callIsDue(turn, call);
      return done;
    }
    case "agent": {
      const agent = state.agents.get(of.id);
      if (!agent || !isDue(agentDeadline(agent))) return ignored("deadline_moved");
      agentIsLate(turn, agent);
      return done;
    }
    case "hotline": {
      const desk = state.desks.get(of.id);
      if (!desk || !isDue(deskDeadline(desk))) return ignored("deadline_moved");
      deskIsDue(turn, desk);
      return done;
    }
    case "old_place": {
      const place = state.oldPlaces.get(of.id);
      if (!place || !isDue(place.keptUntilMs)) return ignored("deadline_moved");
      state.oldPlaces.delete(of.id);
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
      // Without Asterisk nobody knows what became of the phone: perhaps it was picked up. The snapshot will say.
      if (turn.state.loose.pbx === "lost") putOff(turn, agent, work);
      else offerIsLate(turn, agent, work);
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
