import { createHash } from "node:crypto";
import type { HolidaysView, HoursOrder, HoursPreview, HoursView } from "../api/hours.ts";
import type { Hotline } from "../core/hotlines.ts";
import { instantAt, type LocalDate, localDate } from "../core/hours/calendar.ts";
import type { HoursChange, Until } from "../core/hours/change.ts";
import { type DaysHours, HoursSyntaxError, parseHours, parseWeek } from "../core/hours/parse.ts";
import { parseDate, parseDateRange, parseMoment, parseOwnHoliday } from "../core/hours/parse-date.ts";
import type { Holidays, Schedule } from "../core/hours/schedule.ts";
import type { HoursBasis } from "../core/hours-basis.ts";
import { basisOf, changedSince, type HoursEvent, isVerdict, previewHours } from "../core/hours-change.ts";
import type { HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { ms, type WallMs } from "../core/time.ts";
import { Refusal } from "../http/service.ts";
import { findHotline, refuseIfRefused } from "./asking.ts";
import { federalStates, holidaysFrom } from "./holidays.ts";
import { previewView } from "./hours-preview.ts";
import { holidaysView, hoursView } from "./hours-views.ts";

/** What administrators ask of opening hours, and what would come of it. */

export const hoursOf = (state: State, id: string, at: WallMs, days?: number): HoursView =>
  hoursView(state, findHotline(state, id), at, days);

export function holidaysOf(state: State, id: string, at: WallMs): HolidaysView {
  const hotline = findHotline(state, id);
  return holidaysView(hotline, state.schedule(hotline), at);
}

/** Changes nothing. Throws Refusal when the change would be refused. */
export function previewOf(state: State, id: string, order: HoursOrder, at: WallMs): HoursPreview {
  const hotline = findHotline(state, id);
  const schedule = state.schedule(hotline);
  const event = hoursEvent(state, id, order, at);
  const basis = fingerprint(basisOf(state, hotline, event));
  const preview = previewHours(state, hotline, event, at);
  if (!isVerdict(preview)) {
    const view = { ...previewView(schedule, preview, at), basis };
    // Having another hotline's hours is another thing than having the same.
    return order.do === "share" ? { ...view, confirms: false } : view;
  }
  refuseIfRefused(preview);
  const same = {
    hotline: hotline.id,
    days: [],
    schedule,
    plannedLater: [],
    alsoOf: [],
    isEndless: false,
    waiting: state.queue(hotline.id).length,
  };
  return { ...previewView(schedule, same, at), basis, changes: false };
}

const fingerprint = (basis: HoursBasis): string =>
  createHash("sha256").update(JSON.stringify(basis)).digest("hex").slice(0, 32);

/**
 * What to ask of the core. Throws Refusal where a text cannot be understood, with the place of the mistake, and where the hours
 * are not those of the `basis` any more.
 */
export function hoursEvent(
  state: State,
  id: string,
  order: HoursOrder,
  at: WallMs,
  basis: string | null = null,
): HoursEvent {
  const event = eventOf(state, id, order, at);
  if (basis === null) return event;
  const expected = basisOf(state, findHotline(state, id), event);
  if (basis !== fingerprint(expected)) refuseIfRefused(changedSince(event.hotline));
  // It is looked at once more when the change is made.
  return { ...event, expected };
}

function eventOf(state: State, id: string, order: HoursOrder, at: WallMs): HoursEvent {
  const hotline = findHotline(state, id);
  if (order.do === "share")
    return {
      type: "hours_shared",
      hotline: hotline.id,
      with: order.with === null ? null : (findHotline(state, order.with).id as HotlineId),
    };
  return {
    type: "hours_changed",
    hotline: hotline.id,
    change: changeOf(state, hotline, order, at),
    releaseWaiting: order.do === "close" && order.releaseWaiting,
  };
}

function changeOf(
  state: State,
  hotline: Hotline,
  order: Exclude<HoursOrder, { do: "share" }>,
  at: WallMs,
): HoursChange {
  const schedule = state.schedule(hotline);
  const today = localDate(schedule.timeZone, at);
  switch (order.do) {
    case "set": {
      const { from } = order;
      return {
        kind: "week",
        days: weekOf(order.lines),
        from: from === null ? null : understood(from, () => parseDate(from, today, "refused")),
      };
    }
    case "except": {
      const { line, reason, announcement } = order;
      const exception = understood(line, () => exceptionOf(line, today));
      return { kind: "except", exception: { ...exception, reason, announcement } };
    }
    case "remove_exception":
      return { kind: "no_exception", ...understood(order.days, () => onlyDays(order.days, today)) };
    case "holidays":
      return { kind: "holidays", holidays: holidaysAfter(hotline.schedule.holidays, order, today) };
    case "close":
    case "open":
      return { kind: order.do, reason: order.reason, until: untilOf(order, schedule, today) };
    case "resume":
      return { kind: "resume" };
    case "zone":
      return { kind: "time_zone", timeZone: knownZone(order.timeZone) };
  }
}

/** All lines are read before anything is changed; the first mistake is shown with its place. */
function weekOf(lines: readonly string[]): DaysHours[] {
  const entries: DaysHours[] = [];
  for (const line of lines) {
    const more = understood(line, () => parseWeek(line));
    const isTwice = more.some(({ days }) =>
      days.some((day) => entries.some((entry) => entry.days.includes(day))),
    );
    if (isTwice)
      throw new Refusal(400, "bad_hours", `"${line}" names a day that has hours already. ${unchanged}`);
    entries.push(...more);
  }
  return entries;
}

function exceptionOf(line: string, today: LocalDate) {
  const { from, to, rest, restAt } = parseDateRange(line, today);
  if (rest === "")
    throw new HoursSyntaxError(
      "Hours are needed behind the date: 24.12.2026 08:00-12:00, or 24.12.2026 closed",
      restAt,
    );
  try {
    return { from, to, intervals: parseHours(rest) };
  } catch (error) {
    if (!(error instanceof HoursSyntaxError)) throw error;
    throw new HoursSyntaxError(error.message, error.position + restAt);
  }
}

function onlyDays(text: string, today: LocalDate) {
  const { from, to, rest, restAt } = parseDateRange(text, today);
  if (rest !== "") throw new HoursSyntaxError(`"${rest}" is too much behind the date`, restAt);
  return { from, to };
}

function untilOf(
  { until, forMs }: Extract<HoursOrder, { do: "close" | "open" }>,
  { timeZone }: Schedule,
  today: LocalDate,
): Until {
  if (until !== null && forMs !== null)
    throw new Refusal(400, "invalid", `Give --until or --for, not both. ${unchanged}`);
  if (forMs !== null) return { kind: "duration", lengthMs: ms(forMs) };
  if (until === null) return { kind: "next_change" };
  if (until.trim().toLowerCase() === "resumed") return { kind: "resumed" };
  const { date, minute } = understood(until, () => parseMoment(until, today, "refused"));
  if (date === null) return { kind: "minute_of_day", minute };
  return { kind: "instant", atMs: instantAt(timeZone, date, minute, "later") };
}

function knownZone(text: string): string {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions();
    if (/^[A-Z]/i.test(text) && Intl.supportedValuesOf("timeZone").includes(timeZone)) return timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new Refusal(
    400,
    "bad_time_zone",
    `"${text}" is no time zone. Zones are named after a place, for example Europe/Berlin. ${unchanged}`,
  );
}

function holidaysAfter(
  before: Holidays,
  order: Extract<HoursOrder, { do: "holidays" }>,
  today: LocalDate,
): Holidays {
  const region = order.region === null ? before.region : regionOf(order.region);
  const days = region === null ? [] : holidaysFrom(region, today);
  const known = [...new Set(days.map(({ name }) => name))];
  const nameOf = (text: string) => {
    const name = known.find((each) => each.toLowerCase() === text.trim().toLowerCase());
    if (name !== undefined) return name;
    const there = known.length === 0 ? "none: choose a federal state first" : known.join(", ");
    throw new Refusal(
      400,
      "unknown_holiday",
      `There is no holiday "${text}". There are: ${there}. ${unchanged}`,
    );
  };
  const keep = order.keep.map(nameOf);
  const workedOn = [...before.workedOn.filter((name) => known.includes(name)), ...order.workOn.map(nameOf)];
  const added = order.add.map((text) => understood(text, () => parseOwnHoliday(text)));
  const rest = order.removeOwn.reduce(withoutOwn, before.own);
  const others = rest.filter(
    (each) => !added.some(({ month, day }) => month === each.month && day === each.day),
  );
  return {
    region,
    days,
    workedOn: [...new Set(workedOn)].filter((name) => !keep.includes(name)),
    own: [...others, ...added].sort((a, b) => a.month - b.month || a.day - b.day),
  };
}

function regionOf(text: string): string | null {
  const wanted = text.trim().toLowerCase();
  if (["none", "keine", "off"].includes(wanted)) return null;
  for (const [short, name] of federalStates)
    if (short.toLowerCase() === wanted || name.toLowerCase() === wanted) return short;
  const all = [...federalStates].map(([short, name]) => `${short} ${name}`).join(", ");
  throw new Refusal(
    400,
    "unknown_region",
    `"${text}" is no federal state. There are: ${all}; or none. ${unchanged}`,
  );
}

/** By its name or its day. */
function withoutOwn(own: Holidays["own"], text: string): Holidays["own"] {
  const wanted = text.trim().toLowerCase();
  const isWanted = ({ month, day, name }: Holidays["own"][number]) =>
    name.toLowerCase() === wanted ||
    new RegExp(`^(0?${month}-0?${day}|0?${day}\\.\\s?0?${month}\\.?)$`).test(wanted);
  if (own.some(isWanted)) return own.filter((each) => !isWanted(each));
  const there = own.map(({ name }) => name).join(", ") || "none";
  throw new Refusal(
    400,
    "unknown_holiday",
    `There is no holiday "${text}" among those of its own: ${there}. ${unchanged}`,
  );
}

const unchanged = "Nothing was changed.";

/** What `read` reads from the text; a mistake becomes a Refusal that says where it is. */
export function understood<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HoursSyntaxError)) throw error;
    const place = `in "${text}" at character ${error.position + 1}`;
    throw new Refusal(400, "bad_hours", `${error.message} (${place}). ${unchanged}`, { cause: error });
  }
}
