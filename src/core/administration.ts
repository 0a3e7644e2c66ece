import { dueAfterChange } from "./callers/due.ts";
import { withNextPeriodic } from "./callers/hearing.ts";
import { releaseAtClosing } from "./callers/release.ts";
import type { AdminEvent, CloseUntil } from "./events.ts";
import type { Hotline } from "./hotlines.ts";
import { withDays } from "./hours/parse.ts";
import { instantAt, localDate, nextWeeklyOpening, type Schedule } from "./hours/schedule.ts";
import type { HotlineId } from "./ids.ts";
import { checkOverflow } from "./overflow/validate.ts";
import type { NumberRow, State } from "./state.ts";
import type { WallMs } from "./time.ts";
import { done, ignored, refused, type Turn, type Verdict } from "./turn.ts";

/** What administrators set on hotlines, taking effect for the very next call. */

export function hotlineAdded(turn: Turn, hotline: Hotline): Verdict {
  if (turn.state.hotlines.get(hotline.id))
    return refused(
      "exists_already",
      `Hotline "${hotline.id}" exists already. See: hotline hotline show ${hotline.id}`,
    );
  const checked = checkOverflow(turn.state.hotlines, hotline);
  if (checked.kind === "done") turn.state.hotlines.put(hotline.id, hotline);
  return checked;
}

/** Only a hotline that nothing leads to and nobody is in; its agents just serve one hotline less. */
export function hotlineRemoved(turn: Turn, id: HotlineId): Verdict {
  return forHotline(turn, id, () => {
    const { state } = turn;
    const checked = checkRemoval(state, id, state.numbers.values(), state.hotlines.values());
    if (checked.kind !== "done") return checked;
    for (const agent of [...state.agents.values()]) {
      const memberships = agent.memberships.filter(({ hotline }) => hotline !== id);
      if (memberships.length < agent.memberships.length) turn.putAgent({ ...agent, memberships });
    }
    state.desks.delete(id);
    state.hotlines.delete(id);
    return done;
  });
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
  const from = [...hotlines].find(({ overflow }) =>
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
    turn.state.numbers.put(number, { number, hotline, requires });
    return done;
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
    const checked = checkOverflow(turn.state.hotlines, changed);
    if (checked.kind !== "done") return checked;
    turn.state.hotlines.put(hotline.id, changed);
    rescheduleWaiting(turn, changed);
    return done;
  });
}

/** Who waits already gets the new patience, steps and tiers too. */
export function rescheduleWaiting(turn: Turn, hotline: Hotline): void {
  for (const id of turn.state.queue(hotline.id).ids()) {
    const call = turn.call(id);
    const due = dueAfterChange(turn, call, hotline);
    turn.putCall({
      ...call,
      due: call.hears.kind === "music" ? withNextPeriodic(turn, { ...call, due }) : due,
    });
  }
}

/** All changes or none: throws HoursSyntaxError, before anything is put, when the new week overlaps itself. */
export function hoursSet(turn: Turn, event: Extract<AdminEvent, { type: "hours_set" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const weekly = event.changes.reduce(
      (week, { days, intervals }) => withDays(week, days, intervals),
      hotline.schedule.weekly,
    );
    turn.state.hotlines.put(hotline.id, { ...hotline, schedule: { ...hotline.schedule, weekly } });
    return done;
  });
}

export function closeAsked(turn: Turn, event: Extract<AdminEvent, { type: "close_asked" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const untilMs = closedUntil(hotline.schedule, event.until, turn.now.wallMs);
    if (untilMs !== null && untilMs <= turn.now.wallMs)
      return refused("end_in_past", `The end of the closing is in the past; nothing was changed.`);
    const adHoc = { kind: "closed", reason: event.reason, untilMs } as const;
    turn.state.hotlines.put(hotline.id, { ...hotline, schedule: { ...hotline.schedule, adHoc } });
    if (event.releaseWaiting) releaseAtClosing(turn, hotline);
    return done;
  });
}

/** Succeeds when nothing is closed, too. */
export function reopenAsked(turn: Turn, id: HotlineId): Verdict {
  return forHotline(turn, id, (hotline) => {
    if (hotline.schedule.adHoc.kind === "none") return ignored("already_so");
    const schedule: Schedule = { ...hotline.schedule, adHoc: { kind: "none" } };
    turn.state.hotlines.put(id, { ...hotline, schedule });
    return done;
  });
}

export const announcementSet = (turn: Turn, id: HotlineId): Verdict => forHotline(turn, id, () => done);

/** When an ad-hoc closing ends; null: when somebody reopens, since the weekly hours never open again by themselves. */
function closedUntil(schedule: Schedule, until: CloseUntil, now: WallMs): WallMs | null {
  switch (until.kind) {
    case "next_opening":
      return nextWeeklyOpening(schedule, now);
    case "minute_of_day": {
      const today = localDate(schedule.timeZone, now);
      return instantAt(schedule.timeZone, today, until.minute, "later");
    }
    case "duration":
      return (now + until.lengthMs) as WallMs;
    case "instant":
      return until.atMs;
  }
}

function forHotline(turn: Turn, id: HotlineId, act: (hotline: Hotline) => Verdict): Verdict {
  const hotline = turn.state.hotlines.get(id);
  if (hotline) return act(hotline);
  const known = [...turn.state.hotlines.values()].map((other) => other.id).join(", ");
  return refused("unknown_hotline", `There is no hotline "${id}". There is: ${known || "none yet"}`);
}
