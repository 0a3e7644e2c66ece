import { Temporal } from "temporal-polyfill";
import { localDate, localDay } from "../core/hours/calendar.ts";
import { nextOpening } from "../core/hours/next.ts";
import type { Schedule } from "../core/hours/schedule.ts";
import type { WallMs } from "../core/time.ts";
import { dayInWords, timeInWords } from "./german.ts";

/** When a hotline opens next, in words. */

type Words = { readonly text: string; readonly fromMs: WallMs; readonly untilMs: WallMs };

/** What was said last of each schedule; looking two months ahead for each caller would take too long. */
const said = new WeakMap<Schedule, Words>();

/** As it is right when said at that moment: "heute ab vierzehn Uhr", "wieder am Montag, dem siebten Dezember, ab acht Uhr". */
export function nextOpeningText(schedule: Schedule, at: WallMs): string {
  const before = said.get(schedule);
  if (before && before.fromMs <= at && at < before.untilMs) return before.text;
  const now = wordsAt(schedule, at);
  said.set(schedule, now);
  return now.text;
}

/** Wide enough that a sound is there when it is needed, even after a day without looking. */
const aheadMs = 36 * 3_600_000;
const textsMax = 20;

/** All that is right at some moment from now on, until a day and a half ahead, as long as nobody changes the hours. */
export function nextOpeningTexts(schedule: Schedule, now: WallMs): string[] {
  const texts = new Set<string>();
  for (let at = now; at <= now + aheadMs && texts.size < textsMax; ) {
    const { text, untilMs } = wordsAt(schedule, at);
    texts.add(text);
    at = untilMs;
  }
  return [...texts];
}

/** It changes at midnight, and when the hotline opens. */
function wordsAt(schedule: Schedule, at: WallMs): Words {
  const { timeZone } = schedule;
  const next = nextOpening(schedule, at);
  const midnight = localDay(timeZone, at).untilMs;
  if (next === null) return { text: unknown, fromMs: at, untilMs: midnight };
  const untilMs = Math.min(midnight, next) as WallMs;
  return { text: words(timeZone, at, next), fromMs: at, untilMs };
}

/** Honest, whatever comes. */
const unknown = "zu einem späteren Zeitpunkt";

function words(timeZone: string, at: WallMs, next: WallMs): string {
  const opens = Temporal.Instant.fromEpochMilliseconds(next).toZonedDateTimeISO(timeZone);
  const today = Temporal.PlainDate.from(localDate(timeZone, at));
  const time = timeInWords(opens.hour, opens.minute);
  const inDays = today.until(opens.toPlainDate(), { largestUnit: "day" }).days;
  if (inDays === 0) return `heute ab ${time}`;
  if (inDays === 1) return `morgen ab ${time}`;
  return `wieder am ${dayInWords(opens)}, ab ${time}`;
}
