import { Document, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import {
  type DocumentFile,
  descriptionOf,
  type HotlineInFile,
  type HoursInFile,
  hotlineKeys,
} from "../../api/document-schema.ts";
import { formatDuration } from "../../api/duration.ts";
import { formatOverflowStep } from "../../api/overflow-line.ts";
import { formatPeriodic } from "../../api/periodic-line.ts";
import type { AnnouncementRow } from "../../core/announcement-row.ts";
import { defaultSettings, type Hotline } from "../../core/hotlines.ts";
import { describeInterval, describeWeekly } from "../../core/hours/parse.ts";
import { neverOpen, plainSchedule, type Schedule, type Weekly } from "../../core/hours/schedule.ts";
import type { HotlineId } from "../../core/ids.ts";
import type { Rows } from "./rows.ts";

/** All operations data as a document; the same data is the same text, so that it can live in git. */

const without = <T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;

const unlessEmpty = <T extends readonly unknown[]>(list: T): T | undefined =>
  list.length === 0 ? undefined : list;

export function fileOf(rows: Rows): DocumentFile {
  const table = <Row, Out>(of: ReadonlyMap<string, Row>, write: (row: Row) => Out): Record<string, Out> =>
    Object.fromEntries([...of].map(([id, row]) => [id, write(row)]));
  return {
    version: 1,
    hotlines: table(rows.hotlines, (hotline) =>
      withoutDefaults(hotlineInFile(hotline, [...rows.announcements.values()])),
    ),
    numbers: table(rows.numbers, ({ hotline, requires }) =>
      without({ hotline, skills: unlessEmpty([...requires]) }),
    ),
    agents: table(rows.agents, ({ name, memberships }) => ({
      name,
      hotlines: Object.fromEntries(
        memberships.map(({ hotline, tier, skills }) => [
          hotline,
          without({ tier, skills: unlessEmpty([...skills]) }),
        ]),
      ),
    })),
  };
}

function hotlineInFile(hotline: Hotline, announcements: readonly AnnouncementRow[]): HotlineInFile {
  const { closingGraceMs, hoursOf } = hotline;
  return without<HotlineInFile>({
    name: hotline.name,
    strategy: hotline.strategy,
    priority: hotline.priority,
    ringTimeout: formatDuration(hotline.ringTimeoutMs),
    ringNextAfter: formatDuration(hotline.ringNextAfterMs),
    nextTierAfter: formatDuration(hotline.nextTierAfterMs),
    wrapUp: formatDuration(hotline.wrapUpMs),
    autoPause: hotline.autoPauseAfter,
    maxWaiting: hotline.maxWaiting,
    maxWait: formatDuration(hotline.maxWaitMs),
    shortAbandon: formatDuration(hotline.shortAbandonMs),
    resumeWithin: formatDuration(hotline.resumeWithinMs),
    closingGrace: closingGraceMs === null ? "none" : formatDuration(closingGraceMs),
    greetingMustFinish: hotline.greetingMustFinish,
    periodic: hotline.periodic.map(formatPeriodic),
    overflow: hotline.overflow.map(formatOverflowStep),
    hoursOf: hoursOf ?? undefined,
    hours: hoursInFile(hotline.schedule),
    announcements: announcementsInFile(announcements.filter((row) => row.hotline === hotline.id)),
  });
}

const defaultHotline: Hotline = {
  ...defaultSettings,
  id: "" as HotlineId,
  name: "",
  schedule: plainSchedule("Europe/Berlin", neverOpen),
};
const defaultsInFile = hotlineInFile(defaultHotline, []);

function withoutDefaults(hotline: HotlineInFile): HotlineInFile {
  const kept = Object.entries(hotline).filter(([key, value]) => {
    const isShown = key === "name" || key === "hours";
    return isShown || JSON.stringify(value) !== JSON.stringify(defaultsInFile[key as keyof HotlineInFile]);
  });
  return Object.fromEntries(kept) as HotlineInFile;
}

function hoursInFile({ timeZone, weekly, laterWeeks, exceptions, holidays, adHoc }: Schedule): HoursInFile {
  return without<HoursInFile>({
    timeZone,
    weekly: weekInFile(weekly),
    laterWeeks:
      laterWeeks.length === 0
        ? undefined
        : Object.fromEntries(laterWeeks.map((later) => [later.from, weekInFile(later.weekly)])),
    exceptions: unlessEmpty(
      exceptions.map(({ from, to, intervals, reason, announcement }) =>
        without<NonNullable<HoursInFile["exceptions"]>[number]>({
          days: from === to ? from : `${from} to ${to}`,
          hours: intervals.map(describeInterval).join(", ") || "closed",
          reason: reason === "" ? undefined : reason,
          announcement: announcement ?? undefined,
        }),
      ),
    ),
    holidays: holidaysInFile(holidays),
    adHoc:
      adHoc.kind === "none"
        ? undefined
        : {
            state: adHoc.kind,
            reason: adHoc.reason,
            until:
              adHoc.untilMs === null
                ? "resumed"
                : new Date(adHoc.untilMs).toISOString().replace(".000Z", "Z"),
          },
  });
}

/** `mon-fri 08:00-18:00` as a key and its value. */
function weekInFile(weekly: Weekly): Record<string, string> {
  return Object.fromEntries(
    describeWeekly(weekly).map((line) => {
      const gap = line.indexOf(" ");
      return [line.slice(0, gap), line.slice(gap + 1).replaceAll(/, */g, ", ")];
    }),
  );
}

function holidaysInFile({ region, workedOn, own }: Schedule["holidays"]): HoursInFile["holidays"] {
  const file = without<NonNullable<HoursInFile["holidays"]>>({
    region: (region ?? undefined) as NonNullable<HoursInFile["holidays"]>["region"],
    openOn: unlessEmpty([...workedOn]),
    own: unlessEmpty(
      own.map(({ month, day, name }) => ({ day: `${twoDigits(month)}-${twoDigits(day)}`, name })),
    ),
  });
  return Object.keys(file).length === 0 ? undefined : file;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function announcementsInFile(rows: readonly AnnouncementRow[]): HotlineInFile["announcements"] {
  if (rows.length === 0) return undefined;
  return Object.fromEntries(
    rows.map(({ name, source, text, sound }) => [
      name,
      source === "text" ? text : { recording: text, sound },
    ]),
  );
}

/** `schemaFile`: where editors find the JSON Schema. */
export function writeYaml(rows: Rows, schemaFile: string): string {
  const document = new Document(fileOf(rows), { version: "1.2" });
  document.commentBefore = comment(
    `yaml-language-server: $schema=${schemaFile}`,
    "",
    "All operations data of this hotline, as `hotline export` writes it.",
    "",
    "    hotline apply FILE --dry-run     shows what would be changed",
    "    hotline apply FILE               changes it, as a whole or not at all; `hotline undo` takes it back",
    "",
    "This is the whole truth: what is not in here has its default, and what is there but not in here is REMOVED.",
    "It holds no passwords. Agents who stay keep theirs; new ones get one that `hotline apply` shows.",
    "Durations are 20s, 10m or 2h.",
  );
  const root = document.contents as unknown as YAMLMap;
  for (const [name, lines] of Object.entries(sectionComments)) {
    const key = pairOf(root, name).key as Scalar;
    key.spaceBefore = true;
    key.commentBefore = comment(...lines);
  }
  for (const { value } of entries(root, "hotlines")) polishHotline(document, value as YAMLMap, rows);
  for (const { value } of entries(root, "numbers")) flow(value as YAMLMap, "skills");
  for (const { value } of entries(root, "agents"))
    for (const membership of entries(value as YAMLMap, "hotlines")) (membership.value as YAMLMap).flow = true;
  return document.toString({ lineWidth: 0 });
}

const comment = (...lines: string[]) => lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");

const settingLines = hotlineKeys
  .filter((key) => key !== "name" && key !== "hours" && key !== "announcements")
  .map((key) => {
    const value = defaultsInFile[key];
    const shown =
      value === undefined || (Array.isArray(value) && value.length === 0) ? "" : ` ${String(value)}`;
    return `    ${`${key}:${shown}`.padEnd(28)} ${descriptionOf(key)}`;
  });

const sectionComments: Readonly<Record<keyof Omit<DocumentFile, "version">, readonly string[]>> = {
  hotlines: [
    "Settings that are left out have these defaults:",
    ...settingLines,
    "hours: Days that are not named are closed. Before the week go laterWeeks (from a day on), holidays, exceptions",
    "(single days) and adHoc (for now), the last of these first.",
    "announcements: a text to speak, or an imported recording, whose sound must be in this home already.",
  ],
  numbers: ["Where the numbers lead that callers dial, and what agents must know for their callers."],
  agents: ["Who answers at which hotlines; those of tier 1 are rung first."],
};

function polishHotline(document: Document, hotline: YAMLMap, rows: Rows): void {
  const overflow = hotline.get("overflow", true) as Node | undefined;
  if (isSeq(overflow))
    overflow.items = overflow.items.map((item) => {
      const [condition = "", action = ""] = String((item as Scalar).value).split(": ");
      return document.createNode({ [condition]: action });
    });
  const lengths = new Map([...rows.announcements.values()].map(({ sound, lengthMs }) => [sound, lengthMs]));
  for (const { value } of entries(hotline, "announcements")) {
    const sound = isMap(value) ? value.get("sound", true) : undefined;
    if (isScalar(sound)) sound.comment = ` ${((lengths.get(String(sound.value)) ?? 0) / 1000).toFixed(1)} s`;
  }
  for (const { value } of entries(hotline, "hours")) if (isMap(value)) flow(value, "openOn");
}

function flow(map: YAMLMap, key: string): void {
  const list = map.get(key, true) as Node | undefined;
  if (isSeq(list)) list.flow = true;
}

const pairOf = (map: YAMLMap, name: string): Pair =>
  map.items.find(({ key }) => isScalar(key) && key.value === name) as Pair;

function entries(map: YAMLMap, name: string): readonly Pair[] {
  const section = map.get(name, true) as Node | undefined;
  return isMap(section) ? section.items : [];
}
