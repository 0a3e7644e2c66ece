import { periodicAnnouncements } from "./distribution.ts";
import { durationHelp, formatDuration, parseDuration } from "./duration.ts";
import { LineError, nameOf } from "./line-error.ts";
import type { Periodic } from "./schemas.ts";

/** A periodic announcement as parsePeriodic() reads it: `waiting_1 60s`. */
export const formatPeriodic = ({ announcement, afterMs }: Periodic): string =>
  `${announcement} ${formatDuration(afterMs)}`;

/** One or more, joined by commas, such as `waiting_1 60s, position 45s`: they are heard in turn. Throws LineError. */
export function parsePeriodic(text: string): Periodic[] {
  const found: Periodic[] = [];
  let at = 0;
  for (const part of text.split(",")) {
    found.push(parseOne(part.trim(), at + part.length - part.trimStart().length));
    at += part.length + 1;
  }
  return found;
}

function parseOne(text: string, at: number): Periodic {
  const match = /^(.*?)(\s+(?:every\s+|after\s+)?)(\d\S*(?:\s*[a-z]+)?)$/i.exec(text);
  const [, name = text, gap = "", length = ""] = match ?? [];
  const announcement = periodicAnnouncements.find((other) => other === nameOf(name));
  if (!announcement)
    throw new LineError(
      `${name === "" ? "an announcement is missing" : `"${name}" is no periodic announcement`}. There are: ${periodicAnnouncements.join(", ")}; for example: waiting_1 60s`,
      at,
    );
  const afterMs = parseDuration(length);
  if (afterMs !== null) return { announcement, afterMs };
  throw new LineError(
    `after "${name}" a duration is needed: ${durationHelp}; for example: ${announcement} 60s`,
    at + name.length + gap.length,
  );
}
