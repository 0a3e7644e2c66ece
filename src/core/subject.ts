import { callOf } from "./agents.ts";
import type { Effect } from "./effects.ts";
import type { Event, FaultIn } from "./events.ts";
import { type CallId, parseLegId } from "./ids.ts";
import type { State } from "./state.ts";

/** Whom an event is about; null for what is about nobody in particular. */
export function subjectOf(state: State, event: Event): FaultIn | null {
  if ("call" in event) return { kind: "call", id: event.call };
  if ("leg" in event) {
    const call = parseLegId(event.leg)?.call;
    return call ? { kind: "call", id: call } : null;
  }
  if ("agent" in event) return { kind: "agent", id: event.agent };
  if (event.type === "deadline_passed" && (event.of.kind === "agent" || event.of.kind === "call")) {
    const agent = event.of.kind === "agent" ? state.agents.get(event.of.id) : null;
    const call =
      agent && (agent.work.kind === "offered" || agent.work.kind === "talking") ? agent.work.call : null;
    return call ? { kind: "call", id: call } : event.of;
  }
  return null;
}

/** The call that an event or an order is about; null: none. */
export function callAbout(state: State, what: Event | Effect): CallId | null {
  if ("call" in what) return what.call;
  if ("leg" in what) return parseLegId(what.leg)?.call ?? null;
  if (what.type === "confirm_code") return null;
  const subject = subjectOf(state, what);
  if (subject?.kind !== "agent") return subject?.id ?? null;
  const agent = state.agents.get(subject.id);
  return agent && callOf(agent);
}
