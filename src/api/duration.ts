/** Milliseconds of `0s`, `20s`, `10m`, `2h`; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})(s|m|h)$/.exec(text.trim());
  if (!match) return null;
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match[2] as "s" | "m" | "h"];
  return Number(match[1]) * unitMs;
}

export const durationHelp = "a whole number with s, m or h, for example 0s, 20s, 10m, 2h";

/** The shortest way to write it that parseDuration() reads again: 20000 is `20s`, 7200000 is `2h`. */
export function formatDuration(ms: number): string {
  if (ms !== 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms !== 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return `${Math.round(ms / 1000)}s`;
}
