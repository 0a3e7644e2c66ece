import pino, { type Logger } from "pino";
import type { StoryLine } from "../core/story.ts";

/** Structured lines on standard output; the supervisor writes them to files and turns those over. */
export function openLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** The last three digits: enough to recognise a caller in a conversation with them, not to call them. */
export const shorten = (number: string | null): string | null =>
  number === null ? null : `…${number.slice(-3)}`;

/** One line per transition, with who, what and why. */
export function logStory(log: Logger, line: StoryLine): void {
  const { what, ...detail } = line.told;
  if ("call" in line) {
    const told = "from" in detail ? { ...detail, from: shorten(detail.from) } : flat(detail);
    log.info({ call: line.call, ...told }, `call ${what}`);
  } else {
    log.info({ agent: line.agent, ...detail }, `agent ${what}`);
  }
}

/** A result on one level, its times as lengths. */
function flat(detail: object): object {
  if (!("result" in detail) || typeof detail.result !== "object" || detail.result === null) return detail;
  const { result, ...rest } = detail as { result: { outcome: string; endedBy: string; talk: unknown } };
  return { ...rest, outcome: result.outcome, endedBy: result.endedBy };
}
