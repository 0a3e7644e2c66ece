/** A call's record as short lines, such as `offered 301` or `offer_ended 301 busy`. */
import type { CallView } from "../../src/api/schemas.ts";
import { poll } from "./process.ts";
import type { System } from "./system.ts";

type Detail = Readonly<Partial<Record<"agent" | "name" | "result" | "outcome" | "endedBy", unknown>>>;

/** What has happened to a call so far. */
export async function storyOf(system: System, id: string): Promise<string[]> {
  return linesOf(await system.api.call(id));
}

/** Waits until a line stands in a call's record; gives the record up to then. */
export async function storyUntil(
  system: System,
  id: string,
  line: string,
  withinMs = 10_000,
): Promise<string[]> {
  let last: string[] = [];
  return poll(
    `"${line}" in the call's record`,
    withinMs,
    async () => {
      last = await storyOf(system, id);
      return last.includes(line) ? last : undefined;
    },
    () => last.join("\n"),
  );
}

export function linesOf({ events = [] }: CallView): string[] {
  return events.map(({ what, detail }) => [what, ...said(detail)].join(" "));
}

/** What differs from call to call (times, numbers) is left out. */
function said({ agent, name, result, outcome, endedBy }: Detail): unknown[] {
  return [agent, name, result, outcome, endedBy].filter((each) => typeof each === "string");
}
