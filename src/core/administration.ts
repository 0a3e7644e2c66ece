import { dueAfterChange } from "./callers/due.ts";
import { withNextPeriodic } from "./callers/hearing.ts";
import { releaseAtClosing } from "./callers/release.ts";
import type { AdminEvent } from "./events.ts";
import type { Hotline } from "./hotlines.ts";
import { hotlineAfter, isVerdict } from "./hours-change.ts";
import type { HotlineId } from "./ids.ts";
import { checkForwards } from "./overflow/own-numbers.ts";
import { checkOverflow } from "./overflow/validate.ts";
import { same } from "./same.ts";
import type { NumberRow, State } from "./state.ts";
import { done, refused, type Turn, type Verdict } from "./turn.ts";

/** What administrators set on hotlines, taking effect for the very next call. */

export function hotlineAdded(turn: Turn, hotline: Hotline): Verdict {
  if (turn.state.hotlines.get(hotline.id))
    return refused(
      "exists_already",
      `Hotline "${hotline.id}" exists already. See: hotline hotline show ${hotline.id}`,
    );
  const checked = checkSteps(turn.state, hotline);
  if (checked.kind === "done") turn.state.hotlines.put(hotline.id, hotline);
  return checked;
}

/** Where its overflow steps lead. */
function checkSteps({ hotlines, numbers }: State, hotline: Hotline): Verdict {
  const checked = checkOverflow(hotlines, hotline);
  return checked.kind === "done" ? checkForwards(numbers.values(), [hotline]) : checked;
}

/** Only a hotline that nothing leads to and nobody is in; its agents just serve one hotline less. */
export function hotlineRemoved(turn: Turn, id: HotlineId): Verdict {
  return forHotline(turn, id, () => {
    const { state } = turn;
    const checked = checkRemoval(state, id, state.numbers.values(), state.hotlines.values());
    if (checked.kind === "done") removeHotline(turn, id);
    return checked;
  });
}

/** Without looking whether it can go. */
export function removeHotline(turn: Turn, id: HotlineId): void {
  const { state } = turn;
  for (const agent of [...state.agents.values()]) {
    const memberships = agent.memberships.filter(({ hotline }) => hotline !== id);
    if (memberships.length < agent.memberships.length) turn.putAgent({ ...agent, memberships });
  }
  state.desks.delete(id);
  state.hotlines.delete(id);
}

/** Whether a hotline can go, given the numbers and hotlines that there are going to be. */
export function checkRemoval(
  { calls }: State,
  id: HotlineId,
  numbers: Iterable<NumberRow>,
  hotlines: Iterable<Hotline>,
): Verdict {
  const number = [...numbers].find((row) => row.hotline === id);
  if (number)
    return refused(
      "in_use",
      `Number ${number.number} leads to hotline "${id}". Remove it first, or set it to another hotline: hotline number remove ${number.number}`,
    );
  const all = [...hotlines];
  const follower = all.find(({ hoursOf }) => hoursOf === id);
  if (follower)
    return refused("in_use", `Hotline "${follower.id}" has the hours of "${id}". Change that first.`);
  const from = all.find(({ overflow }) =>
    overflow.some(({ action }) => action.kind === "move" && action.hotline === id),
  );
  if (from)
    return refused("in_use", `An overflow step of hotline "${from.id}" leads to "${id}". Change that first.`);
  const inProgress = [...calls.values()].filter((call) => call.hotline === id || call.origin === id).length;
  return inProgress > 0
    ? refused("in_use", `Hotline "${id}" has ${inProgress} call(s) in progress. Wait until they are over.`)
    : done;
}

export function numberSet(turn: Turn, event: Extract<AdminEvent, { type: "number_set" }>): Verdict {
  const { number, hotline, requires } = event;
  return forHotline(turn, hotline, () => {
    const row = { number, hotline, requires };
    const checked = checkForwards([row], turn.state.hotlines.values());
    if (checked.kind === "done") turn.state.numbers.put(number, row);
    return checked;
  });
}

export function numberRemoved(turn: Turn, number: string): Verdict {
  if (!turn.state.numbers.get(number))
    return refused("unknown_number", `Number ${number} leads to no hotline. See: hotline number list`);
  turn.state.numbers.delete(number);
  return done;
}

export function hotlineChanged(turn: Turn, event: Extract<AdminEvent, { type: "hotline_changed" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const changed = { ...hotline, ...event.settings };
    const checked = event.settings.overflow ? checkSteps(turn.state, changed) : done;
    if (checked.kind !== "done") return checked;
    turn.state.hotlines.put(hotline.id, changed);
    rescheduleWaiting(turn, changed, hotline);
    return done;
  });
}

/**
 * Who waits already gets the new patience, steps and tiers too; periodic announcements only begin anew if they are others
 * than `before`.
 */
export function rescheduleWaiting(turn: Turn, hotline: Hotline, before: Hotline): void {
  const hearOthers = !same(hotline.periodic, before.periodic);
  for (const id of turn.state.queue(hotline.id).ids()) {
    const call = turn.call(id);
    const due = dueAfterChange(turn, call, hotline);
    turn.putCall({
      ...call,
      due: hearOthers && call.hears.kind === "music" ? withNextPeriodic(turn, { ...call, due }) : due,
    });
  }
}

/** All of it or nothing; counts for the very next call. */
export function hoursChanged(turn: Turn, event: Extract<AdminEvent, { type: "hours_changed" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const after = hotlineAfter(turn.state, hotline, event, turn.now.wallMs);
    if (isVerdict(after)) return after;
    turn.state.hotlines.put(hotline.id, after);
    if (event.releaseWaiting) releaseAtClosing(turn, hotline);
    return done;
  });
}

export const announcementSet = (turn: Turn, id: HotlineId): Verdict => forHotline(turn, id, () => done);

export function hoursShared(turn: Turn, event: Extract<AdminEvent, { type: "hours_shared" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const after = hotlineAfter(turn.state, hotline, event, turn.now.wallMs);
    if (isVerdict(after)) return after;
    turn.state.hotlines.put(hotline.id, after);
    return done;
  });
}

function forHotline(turn: Turn, id: HotlineId, act: (hotline: Hotline) => Verdict): Verdict {
  const hotline = turn.state.hotlines.get(id);
  if (hotline) return act(hotline);
  const known = [...turn.state.hotlines.values()].map((other) => other.id).join(", ");
  return refused("unknown_hotline", `There is no hotline "${id}". There is: ${known || "none yet"}`);
}
