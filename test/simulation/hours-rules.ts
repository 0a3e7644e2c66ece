import type { Event } from "../../src/core/events.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { HoursChange } from "../../src/core/hours/change.ts";
import type { CallId, HotlineId } from "../../src/core/ids.ts";
import { same } from "../../src/core/same.ts";
import type { State } from "../../src/core/state.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { CallStory } from "../../src/core/story.ts";
import type { Now } from "../../src/core/time.ts";
import type { Rows } from "./offer-rules.ts";
import {
  addDays,
  dateAt,
  type HoursOnPaper,
  lastInstant,
  spansOn,
  type Verdict,
  verdictAt,
} from "./open-by-hand.ts";

const minuteMs = 60_000;
/** The next opening is looked for minute by minute, so no further ahead than this. */
const scannedMs = 24 * 60 * minuteMs;

type Changed = Extract<Event, { type: "hours_changed" }>;

/** What holds for opening hours: who is let in, what those who wait are told at closing, and what a change makes of them. */
export class HoursRules {
  readonly #violated: (rule: string, detail: string) => void;
  #hotlines = new Map<HotlineId, Hotline>();
  /** What the hours said when a caller came. */
  readonly #expected = new Map<CallId, Verdict>();
  /** When callers waited there, and it was last seen open or, since then, first seen closed. Monotonic times. */
  readonly #openAt = new Map<HotlineId, number>();
  readonly #closedSince = new Map<HotlineId, number>();

  constructor(violated: (rule: string, detail: string) => void) {
    this.#violated = violated;
  }

  lifeBegins(state: State): void {
    this.#hotlines = new Map([...state.hotlines.values()].map((hotline) => [hotline.id, hotline]));
    this.#openAt.clear();
    this.#closedSince.clear();
  }

  check(event: Event, now: Now, state: State, isUp: boolean, before: Rows, result: StepResult): void {
    const lines = result.story.flatMap((line) => ("call" in line ? [line] : []));
    for (const { call, told, at } of lines) {
      if (told.what === "arrived" && told.hotline !== null) {
        const all = lines.filter((line) => line.call === call).map((line) => line.told);
        this.#checkArrival(call, this.#verdict(state, told.hotline, at), all);
      }
      if (told.what === "ended") this.#checkEnd(event, now, state, before, call, told);
    }
    if (event.type === "hours_changed" && result.verdict.kind === "done")
      this.#checkChange(event, now, state);
    this.#checkWaiting(now, state, isUp);
    for (const [id, hotline] of result.changes.hotlines) {
      if (hotline) this.#hotlines.set(id, hotline);
      else this.#hotlines.delete(id);
    }
  }

  #verdict(state: State, id: HotlineId, { wallMs }: Now): Verdict {
    const hotline = state.hotlines.get(id);
    return hotline
      ? verdictAt(
          countingHours(hotline, (other) => state.hotlines.get(other)),
          wallMs,
        )
      : "open";
  }

  #checkArrival(call: CallId, verdict: Verdict, told: readonly CallStory[]): void {
    this.#expected.set(call, verdict);
    const has = (what: CallStory["what"]) => told.some((line) => line.what === what);
    if (verdict !== "open" && has("admitted") && !has("moved"))
      this.#violated("closed is closed", `${call} is admitted, though it is ${verdict}`);
    const end = told.find((line) => line.what === "ended")?.result.outcome;
    if (verdict !== "open" && end && end !== verdict)
      this.#violated("closed is closed", `${call} is told ${end}, though it is ${verdict}`);
  }

  #checkEnd(
    event: Event,
    now: Now,
    state: State,
    before: Rows,
    call: CallId,
    { result }: Extract<CallStory, { what: "ended" }>,
  ): void {
    const { outcome, reason } = result;
    const expected = this.#expected.get(call);
    if (outcome.startsWith("closed") && expected && outcome !== expected)
      this.#violated("closed is closed", `${call} is told ${outcome}, but it was ${expected}`);
    const id = before.calls.get(call)?.hotline;
    const hotline = id && state.hotlines.get(id);
    if (reason !== "closing" || !hotline) return;
    if (event.type === "hours_changed" && event.releaseWaiting && event.hotline === id) return;
    const { closingGraceMs } = hotline;
    const openAt = this.#openAt.get(id);
    if (this.#verdict(state, id, now) === "open")
      this.#violated("who waits is served", `${call} is sent away from ${id}, which is open`);
    else if (closingGraceMs === null || (openAt !== undefined && now.monotonicMs < openAt + closingGraceMs))
      this.#violated("who waits is served", `${call} is sent away from ${id} before the grace is over`);
  }

  /**
   * After each step: once the grace is over, nobody waits any more for whom no phone rings. Without Asterisk nobody can be told,
   * but the hotline opens and closes all the same.
   */
  #checkWaiting(now: Now, state: State, isUp: boolean): void {
    for (const { id, closingGraceMs } of state.hotlines.values()) {
      const waiting = state.queue(id).ids();
      if (waiting.length === 0) {
        this.#closedSince.delete(id);
        continue;
      }
      if (this.#verdict(state, id, now) === "open") {
        this.#openAt.set(id, now.monotonicMs);
        this.#closedSince.delete(id);
        continue;
      }
      const since = this.#closedSince.get(id) ?? now.monotonicMs;
      this.#closedSince.set(id, since);
      if (!isUp || closingGraceMs === null || now.monotonicMs < since + closingGraceMs) continue;
      const left = waiting.find((call) =>
        ["waiting", "listening"].includes(state.calls.get(call)?.phase.kind ?? ""),
      );
      if (left)
        this.#violated(
          "who waits hears of the closing",
          `${left} still waits at ${id}, closed since ${since}`,
        );
    }
  }

  #checkChange({ hotline: id, change }: Changed, { wallMs }: Now, state: State): void {
    const row = this.#hotlines.get(id);
    const rowAfter = state.hotlines.get(id);
    if (!row || !rowAfter) return;
    const wrong = (detail: string) => this.#violated("hours are what was asked for", `${id}: ${detail}`);
    const before = row.schedule;
    const after = rowAfter.schedule;
    if (change.kind === "close" || change.kind === "open") {
      const counting = countingHours(row, (other) => state.hotlines.get(other));
      const why = wrongEnd(change, counting, after.adHoc, wallMs);
      if (why) wrong(why);
      return;
    }
    if (!same(before.adHoc, after.adHoc) && change.kind !== "resume") wrong("closed or opened for now, too");
    const today = dateAt(before.timeZone, wallMs);
    const dates = (from: string) => Array.from({ length: 12 }, (_, n) => addDays(from, n - 4));
    if (change.kind === "except") {
      const { from, to, intervals } = change.exception;
      for (const date of dates(from)) {
        const expected = from <= date && date <= to ? intervals : spansOn(before, date);
        if (!same(spansOn(after, date), expected)) wrong(`the exception makes something else of ${date}`);
      }
    }
    if (change.kind === "week") {
      const from = change.from ?? today;
      const usual = (date: string) =>
        same(spansOn({ ...before, exceptions: [] }, date), spansOn(before, date));
      for (const date of dates(from).filter((each) => each >= today)) {
        const isSet = date >= from && usual(date) && !isHolidayIn(before, date);
        const isLater = before.laterWeeks.some((week) => week.from > from && week.from <= date);
        const expected = isSet ? change.days[0]?.intervals : spansOn(before, date);
        if (!isLater && !hasException(before, date) && !same(spansOn(after, date), expected))
          wrong(`the week makes something else of ${date}`);
      }
    }
  }
}

/** The hotline's own hours or another's; closing and opening for now are its own. */
export function countingHours(hotline: Hotline, find: (id: HotlineId) => Hotline | null): HoursOnPaper {
  const other = hotline.hoursOf && find(hotline.hoursOf);
  return { ...(other ?? hotline).schedule, adHoc: hotline.schedule.adHoc };
}

const hasException = ({ exceptions }: HoursOnPaper, date: string) =>
  exceptions.some(({ from, to }) => from <= date && date <= to);

/** Kept on a day, whatever the week says. */
const isHolidayIn = (hours: HoursOnPaper, date: string) =>
  spansOn({ ...hours, exceptions: [], weekly: allDay, laterWeeks: [] }, date).length === 0;
const allDay = Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 1440 }]);

/** Why a closing or opening for now ends at another time than was asked for; null: it does not. */
function wrongEnd(
  change: Extract<HoursChange, { kind: "close" | "open" }>,
  hours: HoursOnPaper,
  adHoc: HoursOnPaper["adHoc"],
  nowMs: number,
): string | null {
  const { until } = change;
  if (adHoc.kind !== (change.kind === "close" ? "closed" : "open"))
    return `${change.kind} makes it ${adHoc.kind}`;
  const ends = (expected: number | null) =>
    adHoc.untilMs === expected ? null : `ends at ${adHoc.untilMs} instead of ${expected}`;
  switch (until.kind) {
    case "resumed":
      return ends(null);
    case "duration":
      return ends(nowMs + until.lengthMs);
    case "instant":
      return ends(until.atMs);
    case "minute_of_day":
      return ends(lastInstant(hours.timeZone, dateAt(hours.timeZone, nowMs), until.minute));
    case "next_change": {
      const next = nextChange(hours, change.kind === "close", nowMs);
      if (next !== null) return ends(next);
      return adHoc.untilMs === null || adHoc.untilMs > nowMs + scannedMs - minuteMs
        ? null
        : `ends at ${adHoc.untilMs}, when nothing changes`;
    }
  }
}

/** The next time the regular hours open or close, of those in the next day. */
function nextChange(hours: HoursOnPaper, opens: boolean, nowMs: number): number | null {
  const regular: HoursOnPaper = { ...hours, adHoc: { kind: "none" } };
  const is = (at: number) => (verdictAt(regular, at) === "open") === opens;
  let was = is(nowMs);
  for (let at = (Math.floor(nowMs / minuteMs) + 1) * minuteMs; at <= nowMs + scannedMs; at += minuteMs) {
    const now = is(at);
    if (now && !was) return at;
    was = now;
  }
  return null;
}
