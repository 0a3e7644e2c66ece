import { AnnouncementError } from "../../announcements/errors.ts";
import { checkText } from "../../announcements/placeholders.ts";
import type { AnnouncementReplacement } from "../../announcements/replace.ts";
import type { DocumentProblem, ObjectChange } from "../../api/document.ts";
import type { AnnouncementRow } from "../../core/announcement-row.ts";
import { checkDocument } from "../../core/document.ts";
import type { PutBack, Replacement } from "../../core/events.ts";
import { type RecordedAnnouncement, recordedAnnouncements, scheduleOf } from "../../core/hotlines.ts";
import { localDate } from "../../core/hours/calendar.ts";
import type { HotlineId } from "../../core/ids.ts";
import { same } from "../../core/same.ts";
import { Refusal } from "../../http/service.ts";
import type { RowChange } from "../../store/audit.ts";
import type { AdministrationParts } from "../asking.ts";
import { differencesOf } from "../audit-text.ts";
import { holidaysFrom } from "../holidays.ts";
import { parseAside } from "./parse-aside.ts";
import { announcementPath, type ReadDocument, readDocument } from "./read.ts";
import { presentRows, type Rows } from "./rows.ts";

/** What applying a document would do. */
export type Plan = {
  /** Empty: it can be applied. */
  readonly problems: readonly DocumentProblem[];
  /** Rows that differ. */
  readonly changes: readonly RowChange[];
  /** Of every row there is or is going to be, those that stay too. */
  readonly rows: PutBack;
  /** Likewise, of the hotlines there are going to be. */
  readonly announcements: readonly AnnouncementReplacement[];
};

export const presentRowsOf = ({ state, announcements }: AdministrationParts): Rows =>
  presentRows(state, (hotline) => announcements.rowsOf(hotline));

/**
 * Compares a document with what is there. Texts that are new are spoken already, so that callers can hear them at once, and
 * who wrote too much hears of it now. Throws Refusal when that fails for a reason that is not the document's.
 */
export async function planOf(parts: AdministrationParts, text: string, present: Rows): Promise<Plan> {
  const { announcements, clock, state } = parts;
  const today = localDate("UTC", clock.now().wallMs);
  const read = readDocument(await parseAside(text), {
    present,
    checkText,
    soundLengthMs: (sound) => announcements.soundLengthMs(sound),
    publicHolidays: once((region) => holidaysFrom(region, today)),
  });
  const nothing = { changes: [], rows: { hotlines: [], numbers: [], agents: [] }, announcements: [] };
  if (read.reader.problems().length > 0) return { ...nothing, problems: read.reader.problems() };
  const after = await spoken(parts, read);
  if (read.reader.problems().length > 0) return { ...nothing, problems: read.reader.problems() };
  const compared = compare(present, after);
  const checked = checkDocument(state, compared.rows);
  const problems =
    checked.kind === "refused" && checked.code !== "changed_since"
      ? [{ line: null, column: null, path: "", message: checked.message }]
      : [];
  return { ...compared, problems };
}

/** Finding them out takes its time, and hotlines mostly have the same region. */
function once<Value>(find: (region: string) => Value): (region: string) => Value {
  const found = new Map<string, Value>();
  return (region) => {
    const value = found.get(region) ?? find(region);
    found.set(region, value);
    return value;
  };
}

/** What must become of the rows there are, so that they are those of a document. */
export function compare(present: Rows, after: Rows): Omit<Plan, "problems"> {
  return {
    changes: changesOf(present, after),
    rows: {
      hotlines: replacements(present.hotlines, after.hotlines),
      numbers: replacements(present.numbers, after.numbers),
      agents: replacements(present.agents, after.agents),
    },
    announcements: replacementsHeard(present, after),
  };
}

/** The rows with the sounds of new texts. */
async function spoken({ announcements }: AdministrationParts, { reader, rows }: ReadDocument): Promise<Rows> {
  const speak = async (row: AnnouncementRow): Promise<AnnouncementRow> => {
    const hotline = rows.hotlines.get(row.hotline);
    if (row.source !== "text" || row.sound !== "" || !hotline) return row;
    const name = row.name as RecordedAnnouncement;
    try {
      const announced = { ...hotline, schedule: scheduleOf(rows.hotlines, hotline) };
      return { ...row, ...(await announcements.speak(announced, name, row.text)) };
    } catch (error) {
      if (!(error instanceof AnnouncementError)) throw error;
      if (error.code === "speech_failed" || error.code === "conversion_failed")
        throw new Refusal(503, error.code, `${error.message} Nothing was applied.`, { cause: error });
      reader.wrong(announcementPath(row.hotline, name), error.message);
      return row;
    }
  };
  const pairs = [...rows.announcements].map(async ([key, row]) => [key, await speak(row)] as const);
  return { ...rows, announcements: new Map(await Promise.all(pairs)) };
}

function replacements<Id, Row>(
  present: ReadonlyMap<Id, Row>,
  after: ReadonlyMap<Id, Row>,
): Replacement<Id, Row>[] {
  return [...new Set([...present.keys(), ...after.keys()])].map((id) => ({
    id,
    expected: present.get(id) ?? null,
    row: after.get(id) ?? null,
  }));
}

function changesOf(present: Rows, after: Rows): RowChange[] {
  const kinds = ["hotline", "announcement", "number", "agent"] as const;
  return kinds.flatMap((kind) =>
    replacements<string, unknown>(present[`${kind}s`], after[`${kind}s`])
      .filter(({ expected, row }) => !same(expected, row))
      .map(({ id, expected, row }) => ({ kind, id, before: expected, after: row }) as RowChange),
  );
}

/** Of all announcements, so that none can be changed while this is done. Those of a hotline that goes, go with it. */
function replacementsHeard(present: Rows, after: Rows): AnnouncementReplacement[] {
  return [...after.hotlines.keys()].flatMap((hotline: HotlineId) =>
    recordedAnnouncements.map((name) => ({
      hotline,
      name,
      expected: present.announcements.get(`${hotline}/${name}`) ?? null,
      row: after.announcements.get(`${hotline}/${name}`) ?? null,
    })),
  );
}

/** In words, object by object. */
export function changesView(changes: readonly RowChange[]): ObjectChange[] {
  return changes.map((row) => ({
    object: `${row.kind} ${row.id}`,
    // Without a row an announcement has the built-in text, so it is always there.
    what:
      row.kind === "announcement"
        ? "changed"
        : row.before === null
          ? "added"
          : row.after === null
            ? "removed"
            : "changed",
    settings: differencesOf([row]).map(({ setting, before, after }) => ({ setting, before, after })),
  }));
}
