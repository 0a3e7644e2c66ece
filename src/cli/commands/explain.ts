import type { Command } from "commander";
import { plainNumber } from "../../api/distribution.ts";
import type { ExplainView } from "../../api/explain.ts";
import { examples, hotlineOption, someText, wholeNumber } from "../options.ts";
import { openSession } from "../session.ts";
import { facts, lengthText, paint } from "../text.ts";
import { appointmentText } from "../times.ts";

interface ExplainOptions {
  readonly number?: string;
  readonly hotline?: string;
  readonly at?: string;
  readonly waiting?: number;
}

export function addExplain(program: Command): void {
  const command = program
    .command("explain")
    .description(
      "Says what would be done with a call, now or at another time, and why. Runs the real decision; nothing happens.",
    )
    .option("--number <number>", "which number is dialled", (text) => plainNumber(someText(text)))
    .option(
      "--at <time>",
      "when: '2026-12-24 10:00', '24.12. 10 Uhr', 10:00; else now. Agents are as they are now",
      someText,
    )
    .option("--waiting <count>", "as if so many callers waited already", wholeNumber(0, 10_000))
    .action(async ({ number, hotline, at, waiting }: ExplainOptions, self: Command) => {
      const session = openSession(self);
      const question = {
        ...(number !== undefined && { number }),
        ...(hotline !== undefined && { hotline }),
        ...(at !== undefined && { at }),
        ...(waiting !== undefined && { waiting: String(waiting) }),
      };
      const told = await (await session.api()).explain(question);
      session.print(told, (shown) => describeExplanation(shown, at !== undefined));
    });
  hotlineOption(command);
  examples(command, [
    ["hotline explain", "a call that arrives now"],
    ["hotline explain --at '2026-12-24 10:00'", "which rule decides on Christmas Eve"],
    ["hotline explain --number 115 --waiting 12", "with 12 callers before"],
  ]);
}

function describeExplanation(told: ExplainView, isAnotherTime: boolean): string {
  const { number, hotline, open, reason, lost, outcome, announcement, overflow, agents, others } = told;
  const head = `A call to ${number} on ${appointmentText(told.at, told.timeZone)}`;
  if (hotline === null) return `${head}: ${reason}. The caller is told so and hung up on.`;
  const lines: [string, string][] = [
    ["hotline", hotline],
    ["hours", `${open ? paint("green", "open") : paint("yellow", "CLOSED")}: ${reason}`],
    ...lost.map((rule): [string, string] => ["", `lost: ${rule.reason} (${rule.open ? "open" : "closed"})`]),
    ["then", outcomeText(told)],
  ];
  const add = (name: string, texts: readonly string[]) => {
    for (const [i, text] of texts.entries()) lines.push([i === 0 ? name : "", text]);
  };
  if (announcement !== null)
    add("hears", [
      `${announcement.name}${announcement.text === null ? " (a recording)" : `: "${announcement.text}"`}`,
    ]);
  add(
    "rings",
    agents.map(({ id, name, tier, afterMs }, i) => {
      const place = told.strategy === "ring-all" ? "all at once:" : `${i + 1}.`;
      const later = afterMs === 0 ? "" : ` (tier ${tier}, after ${lengthText(afterMs)})`;
      return `${place} ${id} ${name}${later}`;
    }),
  );
  if (outcome === "admitted" && agents.length === 0) add("rings", [paint("yellow", "nobody is free")]);
  if (outcome === "admitted" || outcome === "no_agents") {
    add(
      "not rung",
      others.map(({ id, name, state }) => `${id} ${name} (${state.replace("_", " ")})`),
    );
    // Nobody knows who will have logged in by then.
    if (isAnotherTime) add("agents", ["as they are now"]);
  }
  add(
    "overflow",
    overflow.map(({ step, when }) => (when === "at_once" ? `tried: ${step}` : `later: ${step}`)),
  );
  return `${paint("bold", head)}\n${facts(lines)}`;
}

function outcomeText({ outcome, waitingAhead, hotline, servedBy, strategy }: ExplainView): string {
  const moved = servedBy !== null && servedBy !== hotline ? ` at ${servedBy}` : "";
  if (outcome === "admitted")
    return `admitted${moved}, ${waitingAhead === 0 ? "first in line" : `${waitingAhead} waiting before`} (${strategy})`;
  if (outcome === "forwarding") return "sent on to a number outside";
  return `let go: ${outcome}`;
}
