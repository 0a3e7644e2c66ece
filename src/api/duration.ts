const unitsMs: Record<string, number> = { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Milliseconds of `0s`, `20s`, `10m`, `2h`; `20 s`, `10min` and `1500ms` are understood too. Null when it is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,8})\s*(ms|s|sec|m|min|h)$/i.exec(text.trim());
  return match ? Number(match[1]) * unitsMs[match[2]!.toLowerCase()]! : null;
}

export const durationHelp = "a whole number with s, m or h, for example 0s, 20s, 10m, 2h";

/** The shortest way to write it that parseDuration() reads again: 20000 is `20s`, 7200000 is `2h`. */
export function formatDuration(ms: number): string {
  if (ms !== 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms !== 0 && ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
