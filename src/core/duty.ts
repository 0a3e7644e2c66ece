import type { Agent, Membership, Phone } from "./agents.ts";
import { noTally, startingTally } from "./day.ts";
import type { AdminEvent, NewAgent } from "./events.ts";
import { type AgentId, reservedAgentIds } from "./ids.ts";
import { endWrapUp, extendWrapUp } from "./offers/work.ts";
import { done, ignored, refused, type Turn, type Verdict } from "./turn.ts";

/** Logging in, pausing, leaving; and what the phone's registration says. */

/** All of them or none. */
export function agentsAdded(turn: Turn, agents: readonly NewAgent[]): Verdict {
  const seen = new Set<AgentId>();
  for (const agent of agents) {
    if (seen.has(agent.agent)) return refused("exists_already", `Agent ${agent.agent} is named twice.`);
    seen.add(agent.agent);
    const why = whyNotAdded(turn, agent);
    if (why) return why;
  }
  for (const { agent, name, memberships } of agents)
    turn.putAgent({
      id: agent,
      name,
      memberships,
      duty: { kind: "logged_out" },
      // A phone that has never registered cannot be reached.
      phone: "unreachable",
      work: { kind: "idle" },
      rest: { kind: "none" },
      idleSince: turn.now.monotonicMs,
      misses: 0,
      today: noTally(turn),
    });
  return done;
}

function whyNotAdded(turn: Turn, { agent, memberships }: NewAgent): Verdict | null {
  const known = turn.state.agents.get(agent);
  if (known && isBeingRemoved(known)) return beingRemoved(known);
  if (known)
    return refused(
      "exists_already",
      `Agent ${agent} exists already. Remove it first: hotline agent remove ${agent}`,
    );
  if (reservedAgentIds.includes(agent))
    return refused("in_use", `An agent cannot be called "${agent}"; choose another id, for example 201.`);
  const unknown = memberships.find(({ hotline }) => !turn.state.hotlines.get(hotline));
  return unknown
    ? refused("unknown_hotline", `There is no hotline "${unknown.hotline}". See: hotline hotline list`)
    : null;
}

/** A call under way goes on as it is. */
export function agentAssigned(turn: Turn, id: AgentId, membership: Membership): Verdict {
  if (!turn.state.hotlines.get(membership.hotline))
    return refused(
      "unknown_hotline",
      `There is no hotline "${membership.hotline}". See: hotline hotline list`,
    );
  return forAgent(turn, id, (agent) => {
    const others = agent.memberships.filter(({ hotline }) => hotline !== membership.hotline);
    putAmongColleagues(turn, { ...agent, memberships: [...others, membership] });
    return done;
  });
}

export function agentUnassigned(
  turn: Turn,
  event: Extract<AdminEvent, { type: "agent_unassigned" }>,
): Verdict {
  return forAgent(turn, event.agent, (agent) => {
    const left = agent.memberships.filter(({ hotline }) => hotline !== event.hotline);
    if (left.length === agent.memberships.length)
      return refused(
        "not_assigned",
        `Agent ${agent.id} does not serve hotline "${event.hotline}". See: hotline agent show ${agent.id}`,
      );
    turn.putAgent({ ...agent, memberships: left });
    return done;
  });
}

export function agentRemoved(turn: Turn, id: AgentId): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.work.kind === "idle" || (agent.work.kind === "wrap_up" && agent.work.leg === null))
      turn.state.agents.delete(id);
    else turn.putAgent({ ...agent, duty: { kind: "leaving", next: "removed" } });
    return done;
  });
}

export function loginAsked(turn: Turn, id: AgentId): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.duty.kind === "on" || agent.duty.kind === "paused") return ignored("already_so");
    becomeReady(turn, agent);
    turn.tellOfAgent(id, { what: "logged_in" });
    return done;
  });
}

export function logoutAsked(turn: Turn, id: AgentId): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.duty.kind === "logged_out" || agent.duty.kind === "leaving") return ignored("already_so");
    if (agent.work.kind === "idle" || agent.work.kind === "wrap_up") {
      const work = agent.work.kind === "wrap_up" && agent.work.leg ? agent.work : ({ kind: "idle" } as const);
      turn.putAgent({ ...agent, work, duty: { kind: "logged_out" } });
      turn.tellOfAgent(id, { what: "logged_out" });
    } else {
      turn.putAgent({ ...agent, duty: { kind: "leaving", next: "logged_out" } });
    }
    return done;
  });
}

/** During a call the pause shows when the call ends. */
export function pauseAsked(turn: Turn, id: AgentId, reason: string | null): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.duty.kind !== "on" && agent.duty.kind !== "paused") return notLoggedIn(agent);
    turn.putAgent({ ...agent, duty: { kind: "paused", reason } });
    turn.tellOfAgent(id, { what: "paused", reason });
    return done;
  });
}

export function resumeAsked(turn: Turn, id: AgentId): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.duty.kind === "on") return ignored("already_so");
    if (agent.duty.kind !== "paused") return notLoggedIn(agent);
    becomeReady(turn, agent);
    turn.tellOfAgent(id, { what: "resumed" });
    return done;
  });
}

export function wrapUpEndAsked(turn: Turn, id: AgentId): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.work.kind !== "wrap_up") return notInWrapUp(agent);
    endWrapUp(turn, agent);
    return done;
  });
}

export function wrapUpExtendAsked(
  turn: Turn,
  { agent: id, byMs }: Extract<AdminEvent, { type: "wrap_up_extend_asked" }>,
): Verdict {
  return forAgent(turn, id, (agent) => {
    if (agent.work.kind !== "wrap_up") return notInWrapUp(agent);
    extendWrapUp(turn, agent, byMs);
    return done;
  });
}

export function phoneChanged(turn: Turn, id: AgentId, phone: Phone): Verdict {
  const agent = turn.state.agents.get(id);
  if (!agent) return ignored("unknown_agent");
  if (agent.phone === phone && agent.rest.kind === "none") return ignored("already_so");
  // A phone that has just registered anew is worth another try at once.
  const rest =
    phone === "reachable" && agent.rest.kind !== "none" && agent.rest.why === "unreachable"
      ? ({ kind: "none" } as const)
      : agent.rest;
  // The end of an own call: idle from now on.
  const hungUp = agent.phone === "in_use" && phone !== "in_use";
  const changed = { ...agent, phone, rest, ...(hungUp && { idleSince: turn.now.monotonicMs }) };
  if (agent.phone === "unreachable" && phone !== "unreachable") putAmongColleagues(turn, changed);
  else turn.putAgent(changed);
  if (agent.phone !== phone) turn.tellOfAgent(id, { what: "phone", phone });
  return done;
}

function becomeReady(turn: Turn, agent: Agent): void {
  putAmongColleagues(turn, {
    ...agent,
    duty: { kind: "on" },
    misses: 0,
    idleSince: turn.now.monotonicMs,
  });
}

/** Takes calls from now on, or beside others than before. */
export function putAmongColleagues(turn: Turn, agent: Agent): void {
  turn.putAgent(agent.duty.kind === "on" ? { ...agent, today: startingTally(turn, agent) } : agent);
}

function forAgent(turn: Turn, id: AgentId, act: (agent: Agent) => Verdict): Verdict {
  const agent = turn.state.agents.get(id);
  if (!agent) return refused("unknown_agent", `There is no agent "${id}". See: hotline agent list`);
  return isBeingRemoved(agent) ? beingRemoved(agent) : act(agent);
}

/** Asked for during a call, and acknowledged. */
const isBeingRemoved = ({ duty }: Agent): boolean => duty.kind === "leaving" && duty.next === "removed";

const beingRemoved = (agent: Agent): Verdict =>
  refused(
    "in_use",
    `Agent ${agent.id} has been removed and only finishes a call. To have the agent back, add it again when that is over.`,
  );

const notLoggedIn = (agent: Agent): Verdict =>
  refused("logged_out", `Agent ${agent.id} is not logged in. Log in first: hotline agent login ${agent.id}`);

const notInWrapUp = (agent: Agent): Verdict =>
  refused("not_in_wrap_up", `Agent ${agent.id} is not in wrap-up. See: hotline agent list`);
