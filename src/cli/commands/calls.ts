import type { Command } from "commander";
import type { CallView } from "../../api/schemas.ts";
import { examples, someText, wholeNumber } from "../options.ts";
import { openSession } from "../session.ts";
import { describeCall } from "../story.ts";
import { lengthText, table } from "../text.ts";
import { dateTimeText, sinceHelp, sinceTime } from "../times.ts";

export function addCalls(program: Command): void {
  const command = program
    .command("calls")
    .description("Lists calls, newest first; those in progress too.")
    .option("--limit <count>", "at most so many, 1 to 10000", wholeNumber(1, 10_000), 50)
    .option("--since <time>", `only those that arrived since then: ${sinceHelp}`, someText)
    .action(async (options: { limit: number; since?: string }, self: Command) => {
      const session = openSession(self);
      const api = await session.api();
      const zone = options.since !== undefined || !session.json ? await session.zone(null) : "UTC";
      const since = options.since === undefined ? null : await sinceTime(options.since, zone, Date.now());
      const calls = await api.calls(options.limit, since);
      session.print(calls, (shown) => describeCalls(shown, zone, options.limit));
    });
  examples(command, [
    ["hotline calls", "the latest 50"],
    ["hotline calls --since 08:00 --limit 1000", "today's"],
    ["hotline calls --json | jq '.[] | select(.outcome == \"abandoned\")'", "for a script"],
    ["hotline calls show ID", "the story of one call"],
  ]);
  addShow(command);
}

function addShow(calls: Command): void {
  const command = calls
    .command("show")
    .description("Tells a call's story line by line.")
    .argument("<id>", "the call's id, from `hotline calls` or `hotline status`", someText)
    .action(async (id: string, _options: object, self: Command) => {
      const session = openSession(self);
      const call = await (await session.api()).call(id);
      const zone = session.json ? "UTC" : await session.zone(call.hotline);
      session.print(call, (shown) => describeCall(shown, zone));
    });
  examples(command, [["hotline calls show ID", ""]]);
}

/** Where it arrived, and where it was answered if that was elsewhere. */
function placeText({ hotline, servedBy }: CallView): string {
  const from = hotline ?? "-";
  return servedBy === null || servedBy === hotline ? from : `${from} > ${servedBy}`;
}

function outcomeText({ outcome, reason }: CallView): string {
  if (outcome === null) return "in progress";
  return reason === null ? outcome : `${outcome} (${reason})`;
}

function describeCalls(calls: readonly CallView[], zone: string, limit: number): string {
  if (calls.length === 0) return "No calls.";
  const length = (ms: number | null) => (ms === null ? "-" : lengthText(ms));
  const rows = calls.map((call) => [
    call.id,
    dateTimeText(call.arrivedAt, zone),
    placeText(call),
    call.from ?? "anonymous",
    outcomeText(call),
    length(call.waitMs),
    length(call.talkMs),
    call.agent ?? call.forwardedTo ?? "-",
    call.endedBy ?? "-",
  ]);
  const head = ["CALL", "ARRIVED", "HOTLINE", "FROM", "OUTCOME", "WAIT", "TALK", "WITH", "ENDED BY"];
  const more = calls.length === limit ? ` These are the latest ${limit}; more with --limit.` : "";
  return `${table(head, rows)}\nTimes are those of ${zone}.${more}`;
}
