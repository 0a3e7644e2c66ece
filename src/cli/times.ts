import { parseDuration } from "../api/duration.ts";
import { wrongUse } from "./errors.ts";

/** What `--since` takes, for help and for complaints. */
export const sinceHelp =
  "a time today such as 10:00, a date such as 2026-03-02, 2.3. or yesterday, both as 2026-03-02T10:00, or how far back, such as 2h";

export function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `2026-03-02 10:00:03` */
export function dateTimeText(time: string, zone: string): string {
  const part = partsOf(time, zone);
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}`;
}

/** `10:00:03.120` */
export function clockText(time: string, zone: string): string {
  const part = partsOf(time, zone);
  return `${part.hour}:${part.minute}:${part.second}.${part.fractionalSecond}`;
}

/** `Mon 2026-03-02` */
export function dayText(time: string, zone: string): string {
  const part = partsOf(time, zone);
  return `${part.weekday} ${part.year}-${part.month}-${part.day}`;
}

/** `Mon 2026-03-02 08:00` */
export function appointmentText(time: string, zone: string): string {
  const part = partsOf(time, zone);
  return `${dayText(time, zone)} ${part.hour}:${part.minute}`;
}

type Part = "year" | "month" | "day" | "weekday" | "hour" | "minute" | "second" | "fractionalSecond";

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(time: string, zone: string): Record<Part, string> {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  const parts = format.formatToParts(Date.parse(time)).map(({ type, value }) => [type, value]);
  return Object.fromEntries(parts) as Record<Part, string>;
}

/**
 * The instant that `--since` means, as the API takes it. Local times are in that zone; a time of day is the last time it was
 * that late. Wrong use when the text is none of these.
 */
export async function sinceTime(text: string, zone: string, nowMs: number): Promise<string> {
  const backMs = parseDuration(text);
  if (backMs !== null) return new Date(nowMs - backMs).toISOString();
  const bad = () => wrongUse(`--since: "${text}" is not a time; allowed: ${sinceHelp}`);
  const withOffset = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;
  if (withOffset.test(text)) {
    const ms = Date.parse(text);
    if (Number.isNaN(ms)) throw bad();
    return new Date(ms).toISOString();
  }
  const match = sinceText.exec(text);
  const [, date, clock] = match ?? [];
  if (date === undefined && clock === undefined) throw bad();
  const { Temporal } = await import("temporal-polyfill");
  try {
    const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
    const day =
      date === undefined
        ? now.toPlainDate()
        : Temporal.PlainDate.from(isoDay(date, now.toPlainDate().toString()));
    const plainTime = Temporal.PlainTime.from((clock ?? "00:00").padStart(5, "0"));
    let start = day.toZonedDateTime({ timeZone: zone, plainTime });
    if (date === undefined && start.epochMilliseconds > nowMs)
      start = day.subtract({ days: 1 }).toZonedDateTime({ timeZone: zone, plainTime });
    return new Date(start.epochMilliseconds).toISOString();
  } catch (error) {
    // RangeError: a thirteenth month, a 25th hour.
    if (error instanceof RangeError) throw bad();
    throw error;
  }
}

/** A day as people write it, then a time of day; either may be missing. */
const sinceText =
  /^(?:(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.(?:\d{4})?|today|heute|yesterday|gestern)(?:[T ]|$))?(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)?$/i;

/** As in 2026-03-02, whatever way it was written; a date without a year is the last one that was. */
function isoDay(text: string, today: string): string {
  if (/^(today|heute)$/i.test(text)) return today;
  if (/^(yesterday|gestern)$/i.test(text))
    return new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  const [, day, month, year] = /^(\d+)\.(\d+)\.(\d*)$/.exec(text) ?? [];
  if (day === undefined || month === undefined) return text;
  const monthAndDay = `${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const thisYear = today.slice(0, 4);
  const isToCome = `${thisYear}-${monthAndDay}` > today;
  return `${year || Number(thisYear) - (isToCome ? 1 : 0)}-${monthAndDay}`;
}
