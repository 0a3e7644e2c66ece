import {
  type HotlineInFile,
  type HoursInFile,
  parseDayHours,
  parseDays,
  parseWeek,
} from "../../api/document-schema.ts";
import { parseDuration } from "../../api/duration.ts";
import { parseOverflowStep } from "../../api/overflow-line.ts";
import { parsePeriodic } from "../../api/periodic-line.ts";
import { type HotlineSettings, hotlineSettingsSchema } from "../../api/schemas.ts";
import { defaultSettings, type Hotline } from "../../core/hotlines.ts";
import type { LocalDate } from "../../core/hours/calendar.ts";
import {
  type AdHoc,
  type DateException,
  type Holiday,
  type Holidays,
  neverOpen,
  type Schedule,
} from "../../core/hours/schedule.ts";
import type { HotlineId } from "../../core/ids.ts";
import type { WallMs } from "../../core/time.ts";
import { settingsOf } from "../settings.ts";
import { didYouMean } from "./closest.ts";
import type { Rows } from "./rows.ts";
import type { YamlReader } from "./yaml.ts";
import type { Path } from "./yaml-parse.ts";

/** A hotline of a document as a row. */

export type KnownToSchedule = {
  readonly present: Rows;
  /** The public holidays of a federal state, of as many years as are kept. */
  readonly publicHolidays: (region: string) => readonly Holiday[];
};

export function hotlineOf(
  reader: YamlReader,
  id: HotlineId,
  file: HotlineInFile,
  known: KnownToSchedule,
): Hotline {
  const path = ["hotlines", id];
  const before = known.present.hotlines.get(id) ?? null;
  const schedule = scheduleOf(reader, [...path, "hours"], file.hours ?? {}, before?.schedule ?? null, known);
  const hoursOf = (file.hoursOf ?? null) as HotlineId | null;
  return {
    ...defaultSettings,
    ...settingsOf(settingsIn(reader, path, file)),
    id,
    name: file.name,
    hoursOf,
    schedule,
  };
}

function settingsIn(reader: YamlReader, path: Path, file: HotlineInFile): Partial<HotlineSettings> {
  const length = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text)!);
  const settings = {
    strategy: file.strategy,
    priority: file.priority,
    ringTimeoutMs: length(file.ringTimeout),
    ringNextAfterMs: length(file.ringNextAfter),
    nextTierAfterMs: length(file.nextTierAfter),
    wrapUpMs: length(file.wrapUp),
    autoPause: file.autoPause,
    maxWaiting: file.maxWaiting,
    maxWaitMs: length(file.maxWait),
    shortAbandonMs: length(file.shortAbandon),
    resumeWithinMs: length(file.resumeWithin),
    closingGraceMs: file.closingGrace === "none" ? null : length(file.closingGrace),
    greetingMustFinish: file.greetingMustFinish,
    periodic: file.periodic?.flatMap(parsePeriodic),
    overflow: file.overflow?.map(parseOverflowStep),
  };
  // Each line has been looked at; what is left are the lists as a whole.
  for (const name of ["periodic", "overflow"] as const) {
    const checked = hotlineSettingsSchema.shape[name].safeParse(settings[name] ?? []);
    for (const { message } of checked.error?.issues ?? []) reader.wrongKey([...path, name], message);
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function scheduleOf(
  reader: YamlReader,
  path: Path,
  file: HoursInFile,
  before: Schedule | null,
  known: KnownToSchedule,
): Schedule {
  const laterWeeks = Object.entries(file.laterWeeks ?? {})
    .map(([from, week]) => ({ from: from as LocalDate, weekly: parseWeek(week) }))
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  return {
    timeZone: file.timeZone ?? "Europe/Berlin",
    weekly: file.weekly ? parseWeek(file.weekly) : neverOpen,
    laterWeeks,
    exceptions: exceptionsOf(reader, [...path, "exceptions"], file.exceptions ?? []),
    holidays: holidaysOf(reader, [...path, "holidays"], file.holidays ?? {}, before?.holidays ?? null, known),
    adHoc: adHocOf(file.adHoc),
  };
}

function exceptionsOf(
  reader: YamlReader,
  path: Path,
  list: NonNullable<HoursInFile["exceptions"]>,
): DateException[] {
  const found = list.map(({ days, hours, reason = "", announcement = null }, i) => {
    const { from, to } = parseDays(days)!;
    return {
      i,
      from: from as LocalDate,
      to: to as LocalDate,
      intervals: parseDayHours(hours),
      reason,
      announcement,
    };
  });
  for (const later of found) {
    const earlier = found.find(
      (other) => other.i < later.i && other.from <= later.to && later.from <= other.to,
    );
    if (earlier)
      reader.wrong(
        [...path, later.i, "days"],
        `these days overlap with those in line ${reader.lineOf([...path, earlier.i, "days"])}; on a day only one exception can hold`,
      );
  }
  return found.map(({ i: _, ...exception }) => exception).sort((a, b) => (a.from < b.from ? -1 : 1));
}

function holidaysOf(
  reader: YamlReader,
  path: Path,
  { region, openOn = [], own = [] }: NonNullable<HoursInFile["holidays"]>,
  before: Holidays | null,
  { publicHolidays }: KnownToSchedule,
): Holidays {
  const found = region === undefined ? [] : publicHolidays(region);
  const names = new Set([...found.map(({ name }) => name), ...(before?.workedOn ?? [])]);
  if (region !== undefined)
    for (const [i, name] of openOn.entries())
      if (!names.has(name))
        reader.wrong(
          [...path, "openOn", i],
          `"${name}" is no public holiday in ${region}.${didYouMean(name, names)} There are: ${[...names].join(", ")}`,
        );
  const ownDays = own.map(({ day, name }) => {
    const [month, dayOfMonth] = day.split("-").map(Number);
    return { month: month!, day: dayOfMonth!, name };
  });
  // Which days those are is not in the document; of the same region they stay as they were found.
  const days = region !== undefined && region === before?.region ? before.days : found;
  return { region: region ?? null, days, workedOn: openOn, own: ownDays };
}

function adHocOf(file: HoursInFile["adHoc"]): AdHoc {
  if (!file) return { kind: "none" };
  const untilMs = file.until === "resumed" ? null : (Date.parse(file.until) as WallMs);
  return { kind: file.state, reason: file.reason ?? "", untilMs };
}
