import type { Status } from "../api/schemas.ts";
import type { Hotline } from "../core/hotlines.ts";
import { addDays, type LocalDate, localDate, weekday } from "../core/hours/calendar.ts";
import { describeHours } from "../core/hours/change.ts";
import { holidayOn, type Schedule } from "../core/hours/schedule.ts";
import type { State } from "../core/state.ts";
import type { WallMs } from "../core/time.ts";
import { localTime } from "./hours-views.ts";

/** Changes of opening hours are told of so many days before they begin, and for a day after they have ended. */
const daysBefore = 7;
const dayMs = 86_400_000;

/** What is special about the hours of these days, and what was until a short while ago. */
export function hoursNotices(state: State, now: WallMs): Status["notices"] {
  return [...state.hotlines.values()].flatMap((hotline) =>
    noticesOf(hotline, state.schedule(hotline), now).map((message) => ({ hotline: hotline.id, message })),
  );
}

function noticesOf({ id }: Hotline, schedule: Schedule, now: WallMs): string[] {
  const today = localDate(schedule.timeZone, now);
  const soon = addDays(today, daysBefore);
  const yesterday = addDays(today, -1);
  const exceptions = schedule.exceptions.flatMap(({ from, to, intervals, reason }) => {
    const what = `${describeHours(intervals)} (${reason})`;
    if (to === yesterday) return [`${id}: the exception is over: ${what}`];
    if (to < today || from > soon) return [];
    if (from > today) return [`${id}: exception ${dayText(from, today)}: ${what}`];
    return [`${id}: exception until ${dayText(to, today)}: ${what}`];
  });
  const weeks = schedule.laterWeeks
    .filter(({ from }) => from <= soon && from >= yesterday)
    .map(
      ({ from }) => `${id}: other weekly hours ${from > today ? "from" : "since"} ${dayText(from, today)}`,
    );
  const holidays = Array.from({ length: daysBefore }, (_, n) => addDays(today, n)).flatMap((date) => {
    const name = holidayOn(schedule, date);
    return name === null ? [] : [`${id}: holiday ${dayText(date, today)}: ${name}`];
  });
  return [...adHocNotices(id, schedule, now), ...exceptions, ...weeks, ...holidays];
}

function adHocNotices(id: string, { adHoc, timeZone }: Schedule, now: WallMs): string[] {
  if (adHoc.kind === "none") return [];
  const { kind, reason, untilMs } = adHoc;
  if (untilMs === null) return [`${id} is ${kind} until somebody resumes the hours: ${reason}`];
  if (now < untilMs) return [`${id} is ${kind} until ${localTime(timeZone, untilMs)}: ${reason}`];
  if (now - untilMs > dayMs) return [];
  const what = kind === "closed" ? "closing" : "opening";
  return [`${id}: the ${what} for now ended ${localTime(timeZone, untilMs)}: ${reason}`];
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function dayText(date: LocalDate, today: LocalDate): string {
  if (date === today) return "today";
  if (date === addDays(today, 1)) return "tomorrow";
  if (date === addDays(today, -1)) return "yesterday";
  return `${weekdays[weekday(date)]} ${date}`;
}
