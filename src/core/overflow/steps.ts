import { admission } from "../admission.ts";
import { admit, enter } from "../callers/arrival.ts";
import { nextStepAt, nextTierAt } from "../callers/due.ts";
import { sayFarewell } from "../callers/farewell.ts";
import { announce, welcome, withNextPeriodic } from "../callers/hearing.ts";
import { type Call, type Otherwise, type Outcome, turnedAway } from "../calls.ts";
import type { Hotline, OverflowCondition, OverflowStep } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import type { Turn } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { startForwarding } from "./forward.ts";

/** A step is known again by what it says, also when others were put before it meanwhile. */
export const stepKey = (hotline: HotlineId, step: OverflowStep): string =>
  `${hotline} ${JSON.stringify(step)}`;

/**
 * Takes the hotline's steps for a condition; if none works, does with the caller what is done otherwise. Who was admitted
 * before goes on waiting, unless there is nobody to wait for.
 */
export function overflow(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  condition: OverflowCondition,
  otherwise: Otherwise,
): void {
  if (takeSteps(turn, call, hotline, condition, otherwise)) return;
  const now = turn.call(call.id);
  if (otherwise === "admit") admit(turn, now, hotline);
  else if (otherwise !== null) sayFarewell(turn, now, otherwise, null);
  else if (condition.kind === "no_agents" && turn.state.staff(hotline.id).present.size === 0)
    sayFarewell(turn, now, { outcome: "no_agents", announcement: "no_agents" }, "unstaffed");
}

/**
 * Takes the hotline's steps for a condition in their order, those this caller has not been through, until one works.
 * True: one did, and the caller is dealt with or has been told something and stays. False: the caller is where they were.
 * `otherwise` also says whether the caller was admitted; kept in case a forward fails.
 */
export function takeSteps(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  condition: OverflowCondition,
  otherwise: Otherwise,
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
  otherwise: Otherwise,
): boolean {
  const isAdmitted = otherwise === null;
  const tell = () => turn.tell(call.id, { what: "overflow", because: when.kind, action: action.kind });
  switch (action.kind) {
    case "hang_up": {
      tell();
      const outcome = turnedAway(otherwise)?.outcome ?? outcomeOf(condition);
      sayFarewell(turn, call, { outcome, announcement: action.announcement }, "overflow");
      return true;
    }
    case "announce":
      tell();
      if (isAdmitted) announce(turn, call, action.announcement);
      // Told this instead of the greeting.
      else admit(turn, call, hotline, action.announcement);
      return true;
    case "move":
      return move(turn, call, action.hotline, isAdmitted, tell);
    case "forward":
      tell();
      startForwarding(turn, call, action.number, condition, otherwise);
      return true;
    case "next_tier":
      // Who is not in the queue yet has no tiers to bring in.
      return isAdmitted && bringInTier(turn, call, hotline, tell);
    default:
      return unreachable(action);
  }
}

/** To a hotline that would admit the call; the waiting time goes along. */
function move(turn: Turn, call: Call, to: HotlineId, isAdmitted: boolean, tell: () => void): boolean {
  const target = turn.state.hotlines.get(to);
  if (!target || admission(turn.state, target, turn.now.wallMs).kind !== "admitted") return false;
  tell();
  turn.tell(call.id, { what: "moved", hotline: to });
  if (isAdmitted) changeQueue(turn, call, target);
  else admit(turn, call, target);
  return true;
}

/** What is heard goes on, unless there is a greeting that must be heard. */
function changeQueue(turn: Turn, call: Call, target: Hotline): void {
  const here = enter(turn, call, target);
  if (target.greetingMustFinish) welcome(turn, here, target, "greeting");
  else if (here.hears.kind === "music") turn.putCall({ ...here, due: withNextPeriodic(turn, here) });
}

/** Only where somebody takes calls in a tier that has not joined. */
function bringInTier(turn: Turn, call: Call, hotline: Hotline, tell: () => void): boolean {
  const staff = turn.state.staff(hotline.id);
  if (staff.openTier(call.tiersJoined + 1) === staff.openTier(call.tiersJoined)) return false;
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
