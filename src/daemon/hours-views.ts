import type { DayHours, HolidaysView, HoursView } from "../api/hours.ts";
import type { Hotline } from "../core/hotlines.ts";
import { addDays, instantAt, isDate, type LocalDate, localDate, weekday } from "../core/hours/calendar.ts";
import { describeHours } from "../core/hours/change.ts";
import { nextClosing, nextOpening } from "../core/hours/next.ts";
import { describeWeekly } from "../core/hours/parse.ts";
import { type PlannedDay, plan } from "../core/hours/plan.ts";
import { type Opening, opening, type Rule, type Schedule, weekOn } from "../core/hours/schedule.ts";
import type { State } from "../core/state.ts";
import type { WallMs } from "../core/time.ts";
import { federalStates } from "./holidays.ts";

/** How opening hours look through the admin API. */

const isoTime = (at: WallMs): string => new Date(at).toISOString();
export const isoOrNull = (at: WallMs | null): string | null => (at === null ? null : isoTime(at));

/** A moment as it stands on the wall of the hotline's office. */
export function localTime(timeZone: string, at: WallMs): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone }).format(at);
}

/** Why a hotline with this schedule is open or closed at a moment, in words. */
export function reasonOf(schedule: Schedule, at: WallMs, said: Opening = opening(schedule, at)): string {
  const { open, rule } = said;
  if (rule.kind === "ad_hoc") {
    const until =
      rule.untilMs === null ? "somebody resumes the hours" : localTime(schedule.timeZone, rule.untilMs);
    return `${open ? "opened" : "closed"} until ${until}: ${rule.reason}`;
  }
  const isToday = rule.date === localDate(schedule.timeZone, at);
  if (open && rule.kind === "exception")
    return `special hours ${isToday ? "today" : `of ${dayText(rule.date)}`}: ${rule.reason}`;
  if (open) return isToday ? "opening hours" : `opening hours of ${dayText(rule.date)}`;
  if (neverOpens(schedule)) return "outside opening hours: none are set";
  const next = nextOpening(schedule, at);
  const opens =
    next === null ? "no opening within two months" : `opens ${localTime(schedule.timeZone, next)}`;
  switch (rule.kind) {
    case "exception":
      return `special hours today: ${rule.reason}, ${opens}`;
    case "holiday":
      return `${rule.name}, ${opens}`;
    default:
      return `outside opening hours, ${opens}`;
  }
}

const neverOpens = ({ weekly, laterWeeks, exceptions }: Schedule): boolean =>
  [weekly, ...laterWeeks.map((later) => later.weekly)].every((week) =>
    week.every((intervals) => intervals.length === 0),
  ) && exceptions.every(({ intervals }) => intervals.length === 0);

export function hoursView(state: State, hotline: Hotline, at: WallMs, days = 14): HoursView {
  const schedule = state.schedule(hotline);
  const { timeZone, exceptions, holidays } = schedule;
  const today = localDate(timeZone, at);
  const { open, rule } = opening(schedule, at);
  const { region } = holidays;
  return {
    hotline: hotline.id,
    timeZone,
    sharedWith: hotline.hoursOf,
    weekly: describeWeekly(weekOn(schedule, today)),
    laterWeeks: schedule.laterWeeks
      .filter(({ from }) => from > today)
      .map(({ from, weekly }) => ({ from, weekly: describeWeekly(weekly) })),
    adHoc:
      rule.kind === "ad_hoc" ? { closed: !open, reason: rule.reason, until: isoOrNull(rule.untilMs) } : null,
    exceptions: exceptions
      .filter(({ to }) => to >= today)
      .map(({ from, to, intervals, reason, announcement }) => ({
        from,
        to,
        hours: describeHours(intervals),
        reason,
        announcement,
      })),
    holidays: region === null ? null : { region, name: federalStates.get(region) ?? region },
    open,
    reason: reasonOf(schedule, at),
    nextOpening: isoOrNull(nextOpening(schedule, at)),
    nextClosing: isoOrNull(nextClosing(schedule, at)),
    days: plan(schedule, today, days).map((day) => ({
      ...dayView(day),
      adHoc: rule.kind === "ad_hoc" && beginsBefore(rule.untilMs, timeZone, day.date),
    })),
  };
}

/** Whether a day begins before the end of what is closed or opened for now; null: that has none. */
const beginsBefore = (untilMs: WallMs | null, timeZone: string, date: LocalDate): boolean =>
  untilMs === null || instantAt(timeZone, date, 0, "earlier") < untilMs;

export function dayView({ date, intervals, because }: PlannedDay): DayHours {
  const name =
    because.kind === "exception" ? because.reason : because.kind === "holiday" ? because.name : null;
  return { date, hours: describeHours(intervals), rule: because.kind, name };
}

/** So many days ahead holidays are listed. */
const listedDays = 366;

export function holidaysView(hotline: Hotline, schedule: Schedule, at: WallMs): HolidaysView {
  const { region, days, workedOn, own } = schedule.holidays;
  const today = localDate(schedule.timeZone, at);
  const end = addDays(today, listedDays);
  const years = [today.slice(0, 4), end.slice(0, 4)];
  const ownDays = own.flatMap(({ month, day, name }) =>
    years.map((year) => ({ date: dateOf(year, month, day), name, kept: true, own: true })),
  );
  const publicDays = region === null ? [] : days;
  return {
    hotline: hotline.id,
    region,
    days: [
      ...publicDays.map(({ date, name }) => ({ date, name, kept: !workedOn.includes(name), own: false })),
      ...ownDays,
    ]
      .filter(({ date }) => isDate(date) && today <= date && date < end)
      .sort((a, b) => (a.date < b.date ? -1 : 1)),
    knownUntil: publicDays.at(-1)?.date ?? null,
    regions: [...federalStates].map(([short, name]) => ({ region: short, name })),
  };
}

const dateOf = (year: string, month: number, day: number) =>
  `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}` as LocalDate;

/** What a rule says, in words. */
export function ruleText(schedule: Schedule, rule: Rule): string {
  switch (rule.kind) {
    case "ad_hoc": {
      const until =
        rule.untilMs === null ? "somebody resumes the hours" : localTime(schedule.timeZone, rule.untilMs);
      return `ad hoc until ${until}: ${rule.reason}`;
    }
    case "exception":
      return `exception on ${rule.date}: ${rule.reason}`;
    case "holiday":
      return `holiday on ${rule.date}: ${rule.name}`;
    case "weekly": {
      const hours = weekOn(schedule, rule.date)[weekday(rule.date)] ?? [];
      return `weekly hours on ${dayText(rule.date)}: ${describeHours(hours)}`;
    }
  }
}

const dayText = (date: LocalDate): string => weekdayNames[weekday(date)]!;
const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
