import { admission } from "../admission.ts";
import { admit, enter } from "../callers/arrival.ts";
import { nextStepAt, nextTierAt } from "../callers/due.ts";
import { sayFarewell } from "../callers/farewell.ts";
import { announce } from "../callers/hearing.ts";
import type { Call, Outcome, TurnedAway } from "../calls.ts";
import type { Hotline, OverflowAction, OverflowCondition, OverflowStep } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import type { Turn } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { startForwarding } from "./forward.ts";

/** A step is known again by what it says, also when others were put before it meanwhile. */
export const stepKey = (hotline: HotlineId, step: OverflowStep): string =>
  `${hotline} ${JSON.stringify(step)}`;

/**
 * Takes the hotline's steps for a condition in their order, those this caller has not been through, until one works.
 * True: one did, and the caller is dealt with or has been told something and stays. False: the caller is where they were.
 * `otherwise`: how a caller is let go who was not admitted; kept in case a forward fails.
 */
export function takeSteps(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  condition: OverflowCondition,
  otherwise: TurnedAway | null,
): boolean {
  for (const step of hotline.overflow) {
    const key = stepKey(hotline.id, step);
    const now = turn.call(call.id);
    if (now.stepsDone.includes(key) || !holds(step.when, condition)) continue;
    const stepsDone = [...now.stepsDone, key];
    const marked = turn.putCall({ ...now, stepsDone });
    turn.putCall({ ...marked, due: { ...marked.due, stepMs: nextStepAt(marked, hotline) } });
    if (take(turn, turn.call(call.id), hotline, step, condition, otherwise)) return true;
  }
  return false;
}

function holds(when: OverflowCondition, now: OverflowCondition): boolean {
  if (when.kind === "waited") return now.kind === "waited" && when.afterMs <= now.afterMs;
  return when.kind === now.kind;
}

function take(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  { when, action }: OverflowStep,
  condition: OverflowCondition,
  otherwise: TurnedAway | null,
): boolean {
  const tell = () => turn.tell(call.id, { what: "overflow", because: when.kind, action: action.kind });
  switch (action.kind) {
    case "hang_up": {
      tell();
      const outcome = otherwise?.outcome ?? outcomeOf(condition);
      sayFarewell(turn, call, { outcome, announcement: action.announcement }, "overflow");
      return true;
    }
    case "announce":
      tell();
      stay(turn, call, hotline, action);
      return true;
    case "move":
      return move(turn, call, action.hotline, tell);
    case "forward":
      tell();
      startForwarding(turn, call, action.number, condition, otherwise);
      return true;
    case "next_tier":
      return bringInTier(turn, call, hotline, tell);
    default:
      return unreachable(action);
  }
}

/** Who was not in the queue yet now is: told this instead of the greeting. */
function stay(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  action: Extract<OverflowAction, { kind: "announce" }>,
): void {
  if (call.hears.kind !== "nothing") {
    announce(turn, call, action.announcement);
    return;
  }
  const here = enter(turn, call, hotline);
  turn.tell(call.id, { what: "admitted", waitingAhead: turn.state.queue(hotline.id).ahead(here) });
  announce(turn, here, action.announcement);
}

/** To a hotline that would admit the call; the waiting time goes along. */
function move(turn: Turn, call: Call, to: HotlineId, tell: () => void): boolean {
  const target = turn.state.hotlines.get(to);
  if (!target || admission(turn.state, target, turn.now.wallMs).kind !== "admitted") return false;
  tell();
  turn.tell(call.id, { what: "moved", hotline: to });
  if (call.hears.kind === "nothing") admit(turn, call, target);
  else enter(turn, call, target);
  return true;
}

function bringInTier(turn: Turn, call: Call, hotline: Hotline, tell: () => void): boolean {
  if (call.tiersJoined + 1 >= turn.state.staff(hotline.id).tiers) return false;
  tell();
  const joined = turn.putCall({ ...call, tiersJoined: call.tiersJoined + 1 });
  turn.putCall({ ...joined, due: { ...joined.due, tierMs: nextTierAt(turn, joined, hotline) } });
  turn.tell(call.id, { what: "tier_joined", tiers: joined.tiersJoined + 1 });
  return true;
}

function outcomeOf(condition: OverflowCondition): Outcome {
  switch (condition.kind) {
    case "no_agents":
    case "all_paused":
      return "no_agents";
    case "full":
      return "full";
    case "closed":
      return "closed";
    case "waited":
      return "timed_out";
    default:
      return unreachable(condition);
  }
}
