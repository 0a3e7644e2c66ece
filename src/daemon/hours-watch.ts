import type { Logger } from "pino";
import type { Hotline } from "../core/hotlines.ts";
import { localDate } from "../core/hours/calendar.ts";
import { type Missed, missedOpening } from "../core/hours/missed.ts";
import { type BrokenPart, nameOfPart } from "../core/hours/restore.ts";
import { type Rule, type Schedule, weekOn } from "../core/hours/schedule.ts";
import type { HotlineId } from "../core/ids.ts";
import { same } from "../core/same.ts";
import type { State } from "../core/state.ts";
import type { WallMs } from "../core/time.ts";
import type { BrokenHours } from "../store/types.ts";
import type { Alarms } from "./alarms.ts";
import type { StillBroken } from "./broken-hours-note.ts";
import type { Clock, StartTimer } from "./clock.ts";
import { HolidayRenewal, type HolidayRenewalParts } from "./holiday-renewal.ts";
import { localTime, reasonOf } from "./hours-views.ts";

/** Also looks when nothing should have changed: clocks are set. */
const longestWaitMs = 60_000;

type Seen = {
  readonly open: boolean;
  readonly rule: Rule;
  /** The weekly hours in force. */
  readonly week: Schedule["weekly"];
  readonly endless: Endless | null;
};

/** A closing until somebody resumes. */
type Endless = {
  readonly schedule: Schedule;
  readonly lookedAt: WallMs;
  readonly missed: Missed;
  /** The last opening that was swallowed; what had begun when it was closed was so on purpose. */
  readonly opening: WallMs | null;
  /** The opening that somebody has to be told of. */
  readonly alarmed: WallMs | null;
};

export type HoursWatchParts = Omit<HolidayRenewalParts, "state"> & {
  readonly state: State;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly log: Logger;
  readonly startTimer: StartTimer;
  /** What the database had of hours that could not be used, now or at an earlier start. */
  readonly broken: readonly BrokenHours[];
  /** Told at the start, and as soon as it is less. */
  readonly remember: (broken: StillBroken) => void;
};

/**
 * Tells when hotlines open and close and by which rule, when what was set for a time is over, and raises alarms: for each opening
 * that a closing without an end swallows, for hours that were found broken, for holidays that cannot be looked up. Decides nothing:
 * the core looks at the hours itself.
 */
export class HoursWatch {
  readonly #parts: HoursWatchParts;
  readonly #holidays: HolidayRenewal;
  readonly #seen = new Map<HotlineId, Seen>();
  /** Parts that stand in for broken ones until somebody sets them, and the schedule that was last looked at. */
  readonly #broken = new Map<HotlineId, { readonly parts: readonly BrokenPart[]; readonly seen: Schedule }>();
  #isStarted = false;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: HoursWatchParts) {
    this.#parts = parts;
    this.#holidays = new HolidayRenewal(parts);
  }

  start(): void {
    this.#isStarted = true;
    const { state, broken } = this.#parts;
    for (const { hotline, parts } of broken) {
      const seen = state.hotlines.get(hotline)?.schedule;
      if (!seen) continue;
      this.#broken.set(hotline, { parts, seen });
      this.#parts.alarms.raise(brokenCode(hotline), brokenText(hotline, parts));
    }
    this.#parts.remember(this.#broken);
    this.look();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancelTimer();
  }

  /** At the start, at the moment that something may change by itself, and after every change. */
  look(): void {
    if (!this.#isStarted) return;
    const { state, clock, startTimer } = this.#parts;
    this.#cancelTimer();
    const now = clock.now().wallMs;
    let nextMs = longestWaitMs;
    for (const id of this.#seen.keys()) if (!state.hotlines.get(id)) this.#forget(id);
    for (const hotline of state.hotlines.values()) {
      this.#lookAt(hotline, now);
      const { untilMs } = this.#seen.get(hotline.id)?.endless?.missed ?? state.opening(hotline, now);
      nextMs = Math.min(nextMs, untilMs - now);
    }
    this.#cancelTimer = startTimer(() => this.look(), Math.max(1, nextMs));
  }

  #lookAt(hotline: Hotline, now: WallMs): void {
    const { state } = this.#parts;
    const before = this.#seen.get(hotline.id);
    const schedule = state.schedule(hotline);
    const { open, rule } = state.opening(hotline, now).opening;
    const week = weekOn(schedule, localDate(schedule.timeZone, now));
    const endless = lookForMissed(schedule, before, now);
    this.#seen.set(hotline.id, { open, rule, week, endless });
    if (!before || endless !== before.endless) this.#alarmMissed(hotline, schedule, endless?.alarmed ?? null);
    this.#lookAtBroken(hotline);
    // The days found would be written, and with them what stands in for the hours that are broken.
    if (!this.#broken.has(hotline.id)) void this.#holidays.look(hotline);
    if (before && before.open === open && isSameRule(before.rule, rule) && same(before.week, week)) return;
    this.#tell(hotline, { open, rule, week }, before, reasonOf(schedule, now));
  }

  #tell(
    hotline: Hotline,
    is: Pick<Seen, "open" | "rule" | "week">,
    before: Seen | undefined,
    reason: string,
  ) {
    const over = before && !isSameRule(before.rule, is.rule) ? overText(before.rule, is.rule) : "";
    const week = before && !same(before.week, is.week) ? ", other weekly hours are in force" : "";
    this.#parts.log.info(
      { hotline: hotline.id, open: is.open, rule: is.rule.kind },
      `${hotline.id} is ${is.open ? "open" : "closed"}${over}${week}: ${reason}`,
    );
  }

  #alarmMissed({ id }: Hotline, { adHoc, timeZone }: Schedule, missed: WallMs | null): void {
    const { alarms } = this.#parts;
    if (missed === null || adHoc.kind === "none") alarms.clear(missedCode(id));
    else
      alarms.raise(
        missedCode(id),
        `By its hours ${id} was to be open at ${localTime(timeZone, missed)}, but it is closed until somebody resumes them: ${adHoc.reason}. To open: hotline hours resume --hotline ${id}`,
      );
  }

  #lookAtBroken({ id, schedule }: Hotline): void {
    const broken = this.#broken.get(id);
    if (!broken || broken.seen === schedule) return;
    const parts = broken.parts.filter(({ part }) => !isSetSince(part, broken.seen, schedule));
    if (parts.length > 0) {
      this.#broken.set(id, { parts, seen: schedule });
      this.#parts.alarms.raise(brokenCode(id), brokenText(id, parts));
    } else {
      this.#broken.delete(id);
      this.#parts.alarms.clear(brokenCode(id));
    }
    if (parts.length < broken.parts.length) this.#parts.remember(this.#broken);
  }

  #forget(id: HotlineId): void {
    this.#seen.delete(id);
    if (this.#broken.delete(id)) this.#parts.remember(this.#broken);
    this.#holidays.forget(id);
    this.#parts.alarms.clear(missedCode(id));
    this.#parts.alarms.clear(brokenCode(id));
  }
}

function lookForMissed(schedule: Schedule, before: Seen | undefined, now: WallMs): Endless | null {
  const last = before?.endless;
  // Calendars are slow, and almost always nothing is new.
  if (last && same(last.schedule, schedule) && last.lookedAt <= now && now < last.missed.untilMs) return last;
  const missed = missedOpening(schedule, now);
  if (!missed) return null;
  const { openingMs } = missed;
  const is = { schedule, lookedAt: now, missed };
  // After a start nobody knows whether it was open when it was closed: rather one alarm too many.
  if (!before) return { ...is, opening: openingMs, alarmed: openingMs };
  if (!last) return { ...is, opening: openingMs, alarmed: null };
  const isNew = openingMs !== null && openingMs !== last.opening;
  return { ...is, opening: openingMs ?? last.opening, alarmed: isNew ? openingMs : last.alarmed };
}

/** Whichever day it is. */
const isSameRule = (one: Rule, other: Rule): boolean =>
  same({ ...one, date: null }, { ...other, date: null });

function overText(rule: Rule, next: Rule): string {
  switch (rule.kind) {
    case "ad_hoc":
      return next.kind === "ad_hoc" ? "" : `, what was set for now is over (${rule.reason})`;
    case "exception":
      return `, the exception is over (${rule.reason})`;
    case "holiday":
      return `, the holiday is over (${rule.name})`;
    case "weekly":
      return "";
  }
}

/** Whether a part was set anew, be it to what it was: what a change does not touch stays the same object. */
function isSetSince(part: keyof Schedule, before: Schedule, after: Schedule): boolean {
  if (part !== "timeZone" || before.timeZone !== after.timeZone) return before[part] !== after[part];
  const others = (Object.keys(after) as (keyof Schedule)[]).filter((other) => other !== part);
  return others.every((other) => before[other] === after[other]);
}

const missedCode = (hotline: HotlineId) => `closed_until_resumed:${hotline}`;
const brokenCode = (hotline: HotlineId) => `hours_broken:${hotline}`;

function brokenText(id: HotlineId, parts: readonly BrokenPart[]): string {
  const texts = parts.map(({ part, why, instead }) => {
    const used = instead === "earlier" ? "as they were last good" : standIns[part];
    return `${nameOfPart[part]}: ${why}; used instead: ${used}`;
  });
  return `The opening hours of ${id} in the database are broken (${texts.join(". ")}). Look: hotline hours show --hotline ${id}. Then set them again: hotline help hours`;
}

/** What a broken part is replaced with where nothing better is known. */
const standIns: Readonly<Record<BrokenPart["part"], string>> = {
  timeZone: "Europe/Berlin",
  weekly: "open around the clock",
  laterWeeks: "none",
  exceptions: "none",
  holidays: "none",
  adHoc: "neither",
};
