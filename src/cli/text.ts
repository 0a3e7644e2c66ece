import { styleText } from "node:util";
import { width } from "./width.ts";

type Style = "bold" | "dim" | "red" | "yellow" | "green" | "alarm";

/** Colours on a terminal only, and not with NO_COLOR. */
export function paint(style: Style, text: string): string {
  return styleText(style === "alarm" ? ["bold", "white", "bgRed"] : style, text, { stream: process.stdout });
}

/** `0s`, `24s`, `1m 20s`, `2h 5m`, `1d 3h`: two units are enough to act on. */
export function lengthText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const units: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return "0s";
  return units
    .slice(first, first + 2)
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** How long ago that was by this machine's clock, which is also the daemon's. */
export function ageText(time: string): string {
  return lengthText(Date.now() - Date.parse(time));
}

export function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Columns as wide as their widest cell, two spaces between them; cells may be painted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const painted = [head.map((cell) => paint("bold", cell)), ...rows];
  return `${columns(painted)}\n`;
}

/** Lines of a name and what belongs to it, indented by two. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  return columns(pairs.map(([name, value]) => [`  ${name}`, value]));
}

/** The items with commas between them, on as many lines of at most that width as it takes; `none` when there are none. */
export function listLines(items: readonly string[], widthMax: number): string[] {
  const lines: string[] = [];
  for (const [i, item] of items.entries()) {
    const text = i === items.length - 1 ? item : `${item},`;
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(text) <= widthMax)
      lines.splice(-1, 1, `${last} ${text}`);
    else lines.push(text);
  }
  return lines.length === 0 ? ["none"] : lines;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell));
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - width(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * The same value with every character that could steer a terminal replaced: a caller's number and a phone's name are
 * what a stranger sent.
 */
export function printable<T>(value: T): T {
  if (typeof value === "string") return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?") as T;
  if (Array.isArray(value)) return value.map(printable) as T;
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [printable(key), printable(item)]),
    ) as T;
  return value;
}

/** A message of several lines as one, fit for a terminal. */
export function oneLine(message: string): string {
  return printable(message.trim().replace(/\s*\n\s*/g, "; "));
}
