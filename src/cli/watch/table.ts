import { styleText } from "node:util";
import { fit, width } from "../width.ts";

export type Style = "plain" | "bold" | "dim" | "red" | "yellow" | "green" | "cyan" | "alarm";
export type Cell = { readonly text: string; readonly style?: Style };

export type Column = {
  readonly head: string;
  readonly align?: "left" | "right";
  /** 1 is kept longest when there is too little room. */
  readonly importance: number;
  /** May be cut down to this. Otherwise it has the room it needs or is left out. */
  readonly widthMin?: number;
};

export type Table = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] };

const gap = 2;

export function painted(text: string, style: Style | undefined, colour: boolean): string {
  if (!colour || style === undefined || style === "plain" || text.trim() === "") return text;
  return styleText(style === "alarm" ? ["bold", "white", "bgRed"] : style, text, { validateStream: false });
}

/**
 * The head and at most `rowsMax` rows, none wider than `columnsMax`. When not all rows have room, the last line says how
 * many are not shown.
 */
export function tableLines(table: Table, columnsMax: number, rowsMax: number, colour: boolean): string[] {
  const { rows } = table;
  const shown = rows.length <= rowsMax ? rows : rows.slice(0, Math.max(0, rowsMax - 1));
  const columns = chooseColumns(table.columns, shown, columnsMax);
  const line = (cells: readonly Cell[]) => {
    const last = columns.at(-1);
    // Blanks at the end say nothing, and would be copied along.
    const full = columns
      .map(({ index, columns: room, align }) => {
        const { text, style } = cells[index]!;
        const isLast = index === last?.index && align !== "right";
        const fitted = fit(text, room, align);
        return painted(isLast ? fitted.trimEnd() : fitted, style, colour);
      })
      .join(" ".repeat(gap));
    return full.trimEnd();
  };
  const lines = [
    line(table.columns.map(({ head }) => ({ text: head, style: "bold" as const }))),
    ...shown.map(line),
  ];
  const hidden = rows.length - shown.length;
  if (hidden > 0 && rowsMax > 0)
    lines.push(painted(fit(`… and ${hidden} more`, columnsMax).trimEnd(), "dim", colour));
  return lines;
}

type Chosen = { readonly index: number; readonly columns: number; readonly align?: "left" | "right" };

/** Leaves out the least important ones until the rest fits, then cuts those that can be cut. */
function chooseColumns(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  columnsMax: number,
): Chosen[] {
  const all = columns.map((column, index) => {
    const wanted = Math.max(width(column.head), ...rows.map((row) => width(row[index]!.text)));
    return { index, column, wanted, least: Math.min(wanted, column.widthMin ?? wanted) };
  });
  const total = (list: typeof all, of: "wanted" | "least") =>
    list.reduce((sum, each) => sum + each[of], 0) + gap * (list.length - 1);
  let kept = all;
  while (kept.length > 1 && total(kept, "least") > columnsMax) {
    const leastImportant = Math.max(...kept.map(({ column }) => column.importance));
    kept = kept.filter(({ column }) => column.importance !== leastImportant);
  }
  let spare = columnsMax - total(kept, "least");
  return kept.map(({ index, column, wanted, least }) => {
    const more = Math.max(0, Math.min(wanted - least, spare));
    spare -= more;
    return {
      index,
      columns: Math.min(least + more, columnsMax),
      ...(column.align && { align: column.align }),
    };
  });
}
