import type { Agent } from "./agents.ts";
import { loginAsked, logoutAsked, pauseAsked, resumeAsked } from "./duty.ts";
import type { Confirmation } from "./effects.ts";
import type { DialCode, PbxEvent } from "./events.ts";
import { endWrapUp } from "./offers/work.ts";
import { done, ignored, type Turn, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";

/** An agent has dialled a code: the state turns over, and the phone says what it is now. */
export function codeDialled(turn: Turn, event: Extract<PbxEvent, { type: "code_dialled" }>): Verdict {
  const agent = turn.state.agents.get(event.agent);
  if (!agent) return ignored("unknown_agent");
  const confirmation = carryOut(turn, agent, event.code);
  turn.order({ type: "confirm_code", channel: event.channel, confirmation });
  return done;
}

function carryOut(turn: Turn, agent: Agent, code: DialCode): Confirmation {
  switch (code) {
    case "login":
      return turnLogin(turn, agent);
    case "pause":
      return turnPause(turn, agent);
    case "wrap_up":
      if (agent.work.kind !== "wrap_up") return "no_wrap_up";
      endWrapUp(turn, agent);
      return "wrap_up_ended";
    default:
      return unreachable(code);
  }
}

function turnLogin(turn: Turn, agent: Agent): Confirmation {
  if (agent.duty.kind === "logged_out" || agent.duty.kind === "leaving") {
    // Refused to who has been removed meanwhile.
    return loginAsked(turn, agent.id).kind === "done" ? "logged_in" : "logging_out";
  }
  logoutAsked(turn, agent.id);
  return turn.agent(agent.id).duty.kind === "leaving" ? "logging_out" : "logged_out";
}

function turnPause(turn: Turn, agent: Agent): Confirmation {
  if (agent.duty.kind === "paused") {
    resumeAsked(turn, agent.id);
    return "resumed";
  }
  if (agent.duty.kind !== "on") return "not_logged_in";
  pauseAsked(turn, agent.id, null);
  return agent.work.kind === "talking" ? "pausing" : "paused";
}
