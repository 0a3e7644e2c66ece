import { idPattern, outsideNumberPattern, plainNumber, recordedAnnouncements } from "./distribution.ts";
import { durationHelp, formatDuration, parseDuration } from "./duration.ts";
import { LineError, nameOf } from "./line-error.ts";
import type { OverflowStep } from "./schemas.ts";

type When = OverflowStep["when"];
type Action = OverflowStep["action"];

/** Conditions and actions as help and errors show them. */
export const conditionExamples = ["full", "no_agents", "all_paused", "closed", "waited 120s"] as const;
export const actionExamples = [
  "hang-up no_agents",
  "announce overflow",
  "move HOTLINE",
  "forward +4936112345",
  "next-tier",
] as const;

/** An overflow step on one line, as parseOverflowStep() reads it: `waited 120s: move sued`. */
export function formatOverflowStep({ when, action }: OverflowStep): string {
  const condition = when.kind === "waited" ? `waited ${formatDuration(when.afterMs)}` : when.kind;
  return `${condition}: ${formatAction(action)}`;
}

function formatAction(action: Action): string {
  switch (action.kind) {
    case "hang_up":
      return `hang-up ${action.announcement}`;
    case "announce":
      return `announce ${action.announcement}`;
    case "move":
      return `move ${action.hotline}`;
    case "forward":
      return `forward ${action.number}`;
    case "next_tier":
      return "next-tier";
  }
}

/**
 * A step such as `full: forward +49 361 12345`. Case, blanks, - for _, `->` for the colon and `to` before a target make no
 * difference. Throws LineError.
 */
export function parseOverflowStep(line: string): OverflowStep {
  const match = /^(\s*)(.*?)(\s*(?::|->|=>|→)\s*)(.*?)\s*$/u.exec(line);
  if (!match)
    throw new LineError(
      `a step is a condition, a colon and what then happens, for example "${conditionExamples[4]}: ${actionExamples[3]}"`,
      0,
    );
  const [, lead = "", condition = "", colon = "", action = ""] = match;
  return {
    when: parseCondition(condition, lead.length),
    action: parseAction(action, lead.length + condition.length + colon.length),
  };
}

function parseCondition(text: string, at: number): When {
  const waited = /^waited\b[\s>=]*(.*)$/i.exec(text);
  if (waited) {
    const [, length = ""] = waited;
    const afterMs = parseDuration(length);
    if (afterMs !== null) return { kind: "waited", afterMs };
    const place = at + text.length - length.length;
    throw new LineError(`"waited" needs a duration: ${durationHelp}; not "${length}"`, place);
  }
  const kind = nameOf(text);
  if (kind === "full" || kind === "no_agents" || kind === "all_paused" || kind === "closed") return { kind };
  throw new LineError(`"${text}" is no condition. There are: ${conditionExamples.join(", ")}`, at);
}

function parseAction(text: string, at: number): Action {
  const match =
    /^(hang[\s_-]?up|announce|move|forward|next[\s_-]?tier)(?![\w-])(?:\s+to(?=\s|$))?\s*(.*)$/i.exec(text);
  if (!match) throw new LineError(`"${text}" is no action. There are: ${actionExamples.join(", ")}`, at);
  const [, word = "", target = ""] = match;
  const place = at + text.length - target.length;
  switch (word.toLowerCase().replace(/[\s_-]/g, "")) {
    case "hangup":
      return { kind: "hang_up", announcement: parseAnnouncement(target, place) };
    case "announce":
      return { kind: "announce", announcement: parseAnnouncement(target, place) };
    case "move":
      return { kind: "move", hotline: parseHotline(target, place) };
    case "forward":
      return { kind: "forward", number: parseOutsideNumber(target, place) };
    default:
      if (target !== "") throw new LineError(`nothing can stand behind next-tier; not "${target}"`, place);
      return { kind: "next_tier" };
  }
}

function parseAnnouncement(text: string, at: number) {
  const name = nameOf(text);
  const known = recordedAnnouncements.find((other) => other === name);
  if (known) return known;
  const what = text === "" ? "the announcement is missing" : `"${text}" is no announcement`;
  throw new LineError(`${what}. There are: ${recordedAnnouncements.join(", ")}`, at);
}

function parseHotline(text: string, at: number): string {
  if (idPattern.test(text)) return text;
  const what = text === "" ? "the hotline is missing" : `"${text}" is no hotline's id`;
  throw new LineError(`${what}, for example: move demo (see: hotline hotline list)`, at);
}

function parseOutsideNumber(text: string, at: number): string {
  const number = plainNumber(text);
  if (outsideNumberPattern.test(number)) return number;
  const what = text === "" ? "the number is missing" : `"${text}" is no number`;
  throw new LineError(`${what}: 3 to 20 digits, perhaps behind a +, for example: forward +4936112345`, at);
}
