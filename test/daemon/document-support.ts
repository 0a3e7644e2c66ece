import { checkText } from "../../src/announcements/placeholders.ts";
import { documentSchema } from "../../src/api/document-schema.ts";
import { readDocument } from "../../src/daemon/document/read.ts";
import { type Rows, rowsOf } from "../../src/daemon/document/rows.ts";
import { parseYaml } from "../../src/daemon/document/yaml-parse.ts";
import { publicHolidays } from "../../src/daemon/holidays.ts";

export const noRows: Rows = rowsOf({ hotlines: [], numbers: [], agents: [], announcements: [] });

const holidays = new Map<string, ReturnType<typeof publicHolidays>>();

/** Finding them out takes its time. */
export function holidaysOf(region: string): ReturnType<typeof publicHolidays> {
  const found = holidays.get(region) ?? publicHolidays(region, 2026, 2028);
  holidays.set(region, found);
  return found;
}

/** Reads a document into a home that has these rows and sounds. */
export function read(yaml: string, present: Rows = noRows, sounds: ReadonlyMap<string, number> = new Map()) {
  return readDocument(parseYaml(yaml, documentSchema), {
    present,
    checkText,
    soundLengthMs: (sound) => sounds.get(sound) ?? null,
    publicHolidays: holidaysOf,
  });
}

/** `5:13 hotlines.demo.wrapUp: …` */
export const problemsOf = (yaml: string): string[] =>
  read(yaml)
    .reader.problems()
    .map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
