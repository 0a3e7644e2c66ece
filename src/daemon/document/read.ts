import { type DocumentFile, documentSchema } from "../../api/document-schema.ts";
import type { AgentSettings } from "../../core/agents.ts";
import type { AnnouncementRow } from "../../core/announcement-row.ts";
import { defaultSettings, type Hotline, type RecordedAnnouncement } from "../../core/hotlines.ts";
import { neverOpen, plainSchedule } from "../../core/hours/schedule.ts";
import type { AgentId, HotlineId } from "../../core/ids.ts";
import { checkForwards } from "../../core/overflow/own-numbers.ts";
import { checkOverflow } from "../../core/overflow/validate.ts";
import { checkSharedHours } from "../../core/shared-hours.ts";
import type { NumberRow } from "../../core/state.ts";
import { didYouMean } from "./closest.ts";
import { hotlineOf, type KnownToSchedule } from "./hotline.ts";
import { tellIssue } from "./issues.ts";
import { announcementKey, type Rows, rowsOf } from "./rows.ts";
import { YamlReader } from "./yaml.ts";
import type { ParsedYaml, Path } from "./yaml-parse.ts";

/** What a document is checked against, beside itself. */
export type Known = KnownToSchedule & {
  readonly present: Rows;
  /** The text as it is stored; throws an Error that says what is wrong with it. */
  readonly checkText: (name: RecordedAnnouncement, text: string) => string;
  /** Null: its files are not there. */
  readonly soundLengthMs: (sound: string) => number | null;
};

export type ReadDocument = {
  /** More problems may be told to it. */
  readonly reader: YamlReader;
  /** What could be read; all of it only when there are no problems. */
  readonly rows: Rows;
};

/** Looks at all of a document and tells the reader all that is wrong with it. */
export function readDocument(parsed: ParsedYaml, known: Known): ReadDocument {
  const reader = new YamlReader(parsed);
  const file = checkedFile(reader);
  const hotlines = Object.entries(file.hotlines).map(([id, value]) =>
    hotlineOf(reader, id as HotlineId, value, known),
  );
  const ids = Object.keys(sectionOf(reader.value, "hotlines"));
  const rows = {
    hotlines,
    numbers: numbersOf(reader, file, ids),
    agents: agentsOf(reader, file, ids),
    announcements: Object.entries(file.hotlines).flatMap(([id, value]) =>
      announcementsOf(reader, id as HotlineId, value, known),
    ),
  };
  checkTogether(reader, rows, ids);
  return { reader, rows: rowsOf(rows) };
}

/** The file as far as it fits the schema; of the rest is told. */
function checkedFile(reader: YamlReader): DocumentFile {
  const nothing: DocumentFile = { version: 1, hotlines: {}, numbers: {}, agents: {} };
  if (reader.value === undefined) return nothing;
  const parsed = documentSchema.safeParse(reader.value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) tellIssue(reader, documentSchema, issue);
  // What is right in itself is checked together with the rest, so that all mistakes are told at once.
  const { hotlines, numbers, agents } = documentSchema.shape;
  const good = (section: keyof DocumentFile, schema: typeof hotlines | typeof numbers | typeof agents) =>
    Object.fromEntries(
      Object.entries(sectionOf(reader.value, section)).flatMap(([id, value]) => {
        const one = schema.safeParse({ [id]: value });
        return one.success ? Object.entries(one.data) : [];
      }),
    );
  return {
    version: 1,
    hotlines: good("hotlines", hotlines) as DocumentFile["hotlines"],
    numbers: good("numbers", numbers) as DocumentFile["numbers"],
    agents: good("agents", agents) as DocumentFile["agents"],
  };
}

function sectionOf(value: unknown, section: string): Record<string, unknown> {
  const found = (value as Record<string, unknown> | undefined)?.[section];
  return typeof found === "object" && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : {};
}

/** Tells when there is no such hotline in the document. */
function checkHotline(id: string, ids: readonly string[], tell: (message: string) => void): void {
  if (ids.includes(id)) return;
  const list = ids.length === 0 ? "There is none." : `There is: ${ids.join(", ")}`;
  tell(`there is no hotline "${id}" in this document.${didYouMean(id, ids)} ${list}`);
}

function numbersOf(reader: YamlReader, { numbers }: DocumentFile, ids: readonly string[]): NumberRow[] {
  return Object.entries(numbers).map(([number, { hotline, skills = [] }]) => {
    checkHotline(hotline, ids, (message) => reader.wrong(["numbers", number, "hotline"], message));
    return { number, hotline: hotline as HotlineId, requires: skills };
  });
}

const membershipsMax = 100;

function agentsOf(reader: YamlReader, { agents }: DocumentFile, ids: readonly string[]): AgentSettings[] {
  return Object.entries(agents).map(([id, { name, hotlines = {} }]) => {
    const path = ["agents", id, "hotlines"];
    const memberships = Object.entries(hotlines)
      .map(([hotline, { tier = 1, skills = [] }]) => {
        checkHotline(hotline, ids, (message) => reader.wrongKey([...path, hotline], message));
        return { hotline: hotline as HotlineId, tier, skills };
      })
      .sort((a, b) => (a.hotline < b.hotline ? -1 : 1));
    if (memberships.length > membershipsMax)
      reader.wrongKey(
        path,
        `an agent can serve at most ${membershipsMax} hotlines; here are ${memberships.length}`,
      );
    return { id: id as AgentId, name, memberships };
  });
}

function announcementsOf(
  reader: YamlReader,
  hotline: HotlineId,
  { announcements = {} }: DocumentFile["hotlines"][string],
  known: Known,
): AnnouncementRow[] {
  const rows: AnnouncementRow[] = [];
  for (const [key, value] of Object.entries(announcements)) {
    if (value === undefined) continue;
    const name = key as RecordedAnnouncement;
    const path = announcementPath(hotline, name);
    const present = known.present.announcements.get(announcementKey({ hotline, name }));
    const row =
      typeof value === "string"
        ? textRow(reader, path, known, { hotline, name, text: value })
        : soundRow(reader, path, known, { hotline, name, text: value.recording, sound: value.sound });
    if (!row) continue;
    // What is said already has its sound; how long it is makes no difference.
    const isSame =
      present?.source === row.source &&
      present.text === row.text &&
      (row.source === "text" || present.sound === row.sound);
    rows.push(isSame ? present : row);
  }
  return rows;
}

export const announcementPath = (hotline: HotlineId, name: string): Path => [
  "hotlines",
  hotline,
  "announcements",
  name,
];

function textRow(
  reader: YamlReader,
  path: Path,
  { checkText, present }: Known,
  { hotline, name, text }: { hotline: HotlineId; name: RecordedAnnouncement; text: string },
): AnnouncementRow | null {
  const before = present.announcements.get(announcementKey({ hotline, name }));
  if (before?.source === "text" && before.text === text) return before;
  try {
    return { hotline, name, source: "text", text: checkText(name, text), sound: "", lengthMs: 0 };
  } catch (error) {
    reader.wrong(path, (error as Error).message);
    return null;
  }
}

function soundRow(
  reader: YamlReader,
  path: Path,
  { soundLengthMs }: Known,
  row: Pick<AnnouncementRow, "hotline" | "name" | "text" | "sound">,
): AnnouncementRow | null {
  const lengthMs = soundLengthMs(row.sound);
  if (lengthMs !== null) return { ...row, source: "file", lengthMs };
  reader.wrong(
    [...path, "sound"],
    `missing sound file: ${row.sound} (${row.text}) is not in this home. Recordings come with a backup (hotline help backup), or leave this announcement out, apply, and then: hotline announce import ${row.hotline} ${row.name} FILE`,
  );
  return null;
}

/** What no hotline says alone: where overflow leads, and whose hours are shared. */
function checkTogether(
  reader: YamlReader,
  { hotlines, numbers }: { readonly hotlines: readonly Hotline[]; readonly numbers: readonly NumberRow[] },
  ids: readonly string[],
): void {
  const all = new Map(hotlines.map((hotline) => [hotline.id, hotline]));
  for (const id of ids as HotlineId[]) if (!all.has(id)) all.set(id, { ...unread, id });
  const lookup = { get: (id: HotlineId) => all.get(id) ?? null };
  for (const hotline of hotlines) {
    for (const [i, step] of hotline.overflow.entries()) {
      const at = ["hotlines", hotline.id, "overflow", i];
      const target = step.action.kind === "move" ? step.action.hotline : hotline.id;
      checkHotline(target, ids, (message) => reader.wrong(at, message));
      if (!all.has(target)) continue;
      const only = { ...hotline, overflow: [step] };
      const steps = checkOverflow(lookup, only);
      const checked = steps.kind === "refused" ? steps : checkForwards(numbers, [only]);
      if (checked.kind === "refused") reader.wrong(at, checked.message.replace(" Nothing was changed.", ""));
    }
    const at = ["hotlines", hotline.id, "hoursOf"];
    const { hoursOf } = hotline;
    if (hoursOf !== null && !all.has(hoursOf)) {
      checkHotline(hoursOf, ids, (message) => reader.wrong(at, message));
      continue;
    }
    const checked = checkSharedHours(all.values(), hotline);
    if (checked.kind === "refused") reader.wrong(at, checked.message);
  }
}

/** In the place of a hotline that is there but cannot be read. */
const unread: Omit<Hotline, "id"> = {
  ...defaultSettings,
  name: "",
  schedule: plainSchedule("Europe/Berlin", neverOpen),
};
