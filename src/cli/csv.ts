/** A row of a CSV file. `line` counts from 1 and is where the row begins: a quoted cell may hold line breaks. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvMistake {
  readonly line: number;
  readonly message: string;
}

/**
 * Rows of a CSV file as spreadsheets write it: cells between `;` or `,` or tabs (the first line shows which), perhaps in
 * double quotes, which are doubled within. Empty rows are left out.
 */
export function parseCsv(text: string): { rows: CsvRow[]; mistakes: CsvMistake[] } {
  const separator = separatorOf(text);
  const rows: CsvRow[] = [];
  const mistakes: CsvMistake[] = [];
  let line = 1;
  let begun = 1;
  let cells: string[] = [];
  // A cell, then what ends it: the separator, the end of the line, or the end of the file.
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"[ ]*|([^"${separator}\r\n][^${separator}\r\n]*)?)(${separator}|\r?\n|\r|$)`,
    "y",
  );
  while (cell.lastIndex < text.length || cells.length > 0) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) {
      const message =
        "a quote is not closed, or something stands behind it; a quote within a cell is doubled";
      mistakes.push({ line, message });
      // What follows cannot be told apart any more.
      return { rows, mistakes };
    }
    const [, quoted, plain = "", end] = match;
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    line += (text.slice(at, cell.lastIndex).match(/\r\n|\r|\n/g) ?? []).length;
    if (end === separator) continue;
    if (cells.some((each) => each !== "")) rows.push({ line: begun, cells });
    cells = [];
    begun = line;
  }
  return { rows, mistakes };
}

function separatorOf(text: string): string {
  const [first = ""] = text.split(/[\r\n]/, 1);
  return [";", "\t", ","].find((separator) => first.includes(separator)) ?? ";";
}

/** One line of a CSV file. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[";\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(";");
}

/** What somebody else has typed, defused with an apostrophe where a spreadsheet would take it for a formula. */
export const noFormula = (cell: string): string => (/^[=+\-@\t]/.test(cell) ? `'${cell}` : cell);
