import type { AdminEvent, CloseUntil } from "./events.ts";
import type { Hotline } from "./hotlines.ts";
import { withDays } from "./hours/parse.ts";
import { instantAt, localDate, nextWeeklyOpening, type Schedule } from "./hours/schedule.ts";
import type { HotlineId } from "./ids.ts";
import { after, type WallMs } from "./time.ts";
import { done, ignored, refused, type Turn, type Verdict } from "./turn.ts";

/** What administrators set on hotlines, taking effect for the very next call. */

export function hotlineSet(turn: Turn, hotline: Hotline): Verdict {
  turn.state.hotlines.put(hotline.id, hotline);
  return done;
}

export function numberSet(turn: Turn, number: string, hotline: HotlineId): Verdict {
  return forHotline(turn, hotline, () => {
    turn.state.numbers.put(number, { number, hotline });
    return done;
  });
}

export function hotlineChanged(turn: Turn, event: Extract<AdminEvent, { type: "hotline_changed" }>): Verdict {
  return forHotline(turn, event.hotline, (hotline) => {
    const changed = { ...hotline, ...event.settings };
    turn.state.hotlines.put(hotline.id, changed);
    // Who waits already gets the new patience too.
    for (const id of [
      ...turn.state.waiting.of(hotline.id).ids(),
      ...turn.state.offering.of(hotline.id).ids(),
    ]) {
      const call = turn.call(id);
      turn.putCall({ ...call, giveUpAtMs: after(call.arrivedAt.monotonicMs, changed.maxWaitMs) });
    }
    return done;
  });
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
