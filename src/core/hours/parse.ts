import { minutesOfDay } from "./calendar.ts";
import type { Interval, Weekly } from "./schedule.ts";

/** Says what is wrong with a line about opening hours, and where in it (from 0). */
export class HoursSyntaxError extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.name = "HoursSyntaxError";
    this.position = position;
  }
}

const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const exampleDays = "mon-fri, sat-sun, wed";
const exampleHours = "08:00-18:00 or 08:00-12:00,14:00-20:00 or closed";

/**
 * One line such as `mon-fri 08:00-18:00`, `wed 08:00-12:00,14:00-20:00`, `sat-sun closed`: which days (0 = Monday)
 * get which intervals. Throws HoursSyntaxError.
 */
export function parseWeeklyLine(line: string): { days: number[]; intervals: Interval[] } {
  const match = /^(\s*)(\S+)(\s+)(\S.*?)\s*$/.exec(line);
  if (!match)
    throw new HoursSyntaxError(
      `Days and hours are needed, for example: mon-fri ${exampleHours}`,
      line.length,
    );
  const [, lead = "", days = "", gap = "", hours = ""] = match;
  return {
    days: parseDays(days, lead.length),
    intervals: parseIntervals(hours, lead.length + days.length + gap.length),
  };
}

/** The weekly hours with those days replaced. */
export function withDays(weekly: Weekly, days: readonly number[], intervals: readonly Interval[]): Weekly {
  const changed = weekly.map((before, day) => (days.includes(day) ? intervals : before));
  refuseOverlapsAcrossMidnight(changed);
  return changed;
}

function parseDays(text: string, offset: number): number[] {
  const days: number[] = [];
  let at = offset;
  for (const part of text.toLowerCase().split(",")) {
    const [first = "", last = first, more] = part.split("-");
    const from = dayIndex(first, at);
    const to = dayIndex(last, at + first.length + 1);
    if (more !== undefined)
      throw new HoursSyntaxError(`Not a range of days: "${part}". Example: mon-fri`, at);
    // fri-mon runs over the end of the week.
    for (let day = from; ; day = (day + 1) % 7) {
      if (!days.includes(day)) days.push(day);
      if (day === to) break;
    }
    at += part.length + 1;
  }
  return days;
}

function dayIndex(text: string, position: number): number {
  const index = dayNames.indexOf(text as (typeof dayNames)[number]);
  if (index < 0)
    throw new HoursSyntaxError(
      `"${text}" is not a day. Days are ${dayNames.join(", ")}; examples: ${exampleDays}`,
      position,
    );
  return index;
}

function parseIntervals(text: string, offset: number): Interval[] {
  if (text.toLowerCase() === "closed") return [];
  const intervals: Interval[] = [];
  let at = offset;
  for (const part of text.split(",")) {
    const start = at + (part.length - part.trimStart().length);
    intervals.push(parseInterval(part.trim(), start));
    at += part.length + 1;
  }
  intervals.sort((a, b) => a.fromMinute - b.fromMinute);
  intervals.forEach((interval, i) => {
    const before = intervals[i - 1];
    if (before && interval.fromMinute < before.toMinute)
      throw new HoursSyntaxError(
        `${describeInterval(before)} and ${describeInterval(interval)} overlap`,
        offset,
      );
  });
  return intervals;
}

function parseInterval(text: string, position: number): Interval {
  const [first, last, more] = text.split("-");
  if (!first || !last || more !== undefined)
    throw new HoursSyntaxError(`"${text}" is not a time span. Allowed: ${exampleHours}`, position);
  const fromMinute = parseTimeOfDay(first, position);
  const end = parseTimeOfDay(last, position + first.length + 1);
  if (fromMinute === minutesOfDay)
    throw new HoursSyntaxError(`A span cannot start at 24:00; write 00:00 on the next day`, position);
  if (fromMinute === end)
    throw new HoursSyntaxError(`${text} is empty. For a whole day write 00:00-24:00`, position);
  // An end before the start means the next day: 22:00-02:00.
  return { fromMinute, toMinute: end > fromMinute ? end : end + minutesOfDay };
}

/** Minutes since midnight, 0 to 1440, of `08:00`, `8:00` or `24:00`. Throws HoursSyntaxError. */
export function parseTimeOfDay(text: string, position = 0): number {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  const hour = Number(match?.[1]);
  const minute = Number(match?.[2]);
  if (!match || minute > 59 || hour > 24 || (hour === 24 && minute > 0))
    throw new HoursSyntaxError(
      `"${text}" is not a time of day. Allowed: 00:00 to 24:00, for example 08:00`,
      position,
    );
  return hour * 60 + minute;
}

/** What runs across midnight must not overlap what the next day starts with. */
function refuseOverlapsAcrossMidnight(weekly: Weekly): void {
  weekly.forEach((intervals, day) => {
    const last = intervals.at(-1);
    const next = weekly[(day + 1) % 7]?.[0];
    if (last && next && last.toMinute - minutesOfDay > next.fromMinute)
      throw new HoursSyntaxError(
        `${describeInterval(last)} on ${dayNames[day]} runs into ${describeInterval(next)} on ${dayNames[(day + 1) % 7]}`,
        0,
      );
  });
}

export function describeInterval({ fromMinute, toMinute }: Interval): string {
  return `${timeText(fromMinute)}-${timeText(toMinute > minutesOfDay ? toMinute - minutesOfDay : toMinute)}`;
}

function timeText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** The weekly hours as lines, days with the same hours together: `mon-fri 08:00-18:00`. */
export function describeWeekly(weekly: Weekly): string[] {
  const texts = weekly.map((intervals) => intervals.map(describeInterval).join(",") || "closed");
  const lines: string[] = [];
  for (let from = 0; from < texts.length; ) {
    let to = from;
    while (texts[to + 1] === texts[from]) to++;
    const days = from === to ? `${dayNames[from]}` : `${dayNames[from]}-${dayNames[to]}`;
    lines.push(`${days} ${texts[from]}`);
    from = to + 1;
  }
  return lines;
}
