import type { Event } from "../../src/core/events.ts";
import type { StepResult } from "../../src/core/step.ts";
import type { StoryLine } from "../../src/core/story.ts";

/** How a trace shows what a step has done: orders as `=>`, what is told as `..`, no-ops and refusals as `--`. */
export function describeResult(result: StepResult): string[] {
  const lines: string[] = [];
  if (result.verdict.kind === "ignored") lines.push(`-- ignored: ${result.verdict.why}`);
  if (result.verdict.kind === "refused") lines.push(`-- refused: ${result.verdict.message}`);
  for (const effect of result.effects) lines.push(`=> ${words(effect)}`);
  for (const line of result.story) lines.push(`.. ${describeStory(line)}`);
  return lines;
}

function describeStory(line: StoryLine): string {
  const who = "call" in line ? line.call : `agent ${line.agent}`;
  const { what, ...detail } = line.told;
  if (line.told.what === "ended") {
    const { result, waitMs } = line.told;
    const talk = result.talk
      ? `, talked ${seconds(result.at.monotonicMs - result.talk.since.monotonicMs)}`
      : "";
    return `${who} ended ${result.outcome} by ${result.endedBy}, waited ${seconds(waitMs)}${talk}`;
  }
  return `${who} ${what} ${values(detail)}`.trimEnd();
}

function words(effect: { type: string }): string {
  const { type, ...rest } = effect;
  return `${type} ${values(rest)}`;
}

function values(fields: object): string {
  return Object.entries(fields)
    .filter(([key, value]) => !(key === "spoken" && value === null))
    .map(([key, value]) => {
      if (key.endsWith("Ms") && typeof value === "number") return seconds(value);
      if (value === null) return "-";
      return typeof value === "object" ? values(value) : String(value);
    })
    .join(" ");
}

const seconds = (ms: number) => `${ms / 1000}s`;

export type Trace = { readonly lines: readonly string[] };

/** A readable name for an event in error messages. */
export const nameOf = (event: Event): string => words(event);
