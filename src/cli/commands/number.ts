import type { Command } from "commander";
import { plainNumber } from "../../api/distribution.ts";
import type { NumberView } from "../../api/schemas.ts";
import { examples, skillsList, someText } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { paint, table } from "../text.ts";

export function addNumber(program: Command): void {
  const number = program
    .command("number")
    .description("The numbers that callers dial, and the hotlines they lead to.");
  addAdd(number);
  addList(number);
  addRemove(number);
  examples(number, [
    ["hotline number list", ""],
    ["hotline number add +4936112345 demo", ""],
    ["hotline number add 116 demo --skills en", "only agents who know English are rung"],
  ]);
}

const numberHelp = "the number as the trunk delivers it, such as 115 or +4936112345";
const dialled = (text: string) => plainNumber(someText(text));

function addAdd(number: Command): void {
  const command = number
    .command("add")
    .description(
      "Lets a number lead to a hotline. One that leads elsewhere is moved, for the very next call.",
    )
    .argument("<number>", numberHelp, dialled)
    .argument("<hotline>", "which hotline", someText)
    .option("--skills <list>", "only agents with all of these are rung, such as en,tax", skillsList)
    .action(async (id: string, hotline: string, { skills = [] }: { skills?: string[] }, self: Command) => {
      const session = openSession(self);
      const api = await session.api();
      await session.confirm(async () => {
        const before = (await api.numbers()).find((row) => row.number === id);
        const now = before === undefined ? "" : ` It leads to ${describeTarget(before)} now.`;
        return `Let ${id} lead to ${describeTarget({ hotline, skills })}?${now}`;
      });
      const row = await api.setNumber(id, { hotline, skills });
      session.print(row, describeNumber);
    });
  changing(command);
  examples(command, [
    ["hotline number add 115 demo", ""],
    ["hotline number add +4936112345 demo --skills en", "callers who need an agent with the skill en"],
  ]);
}

function describeNumber(row: NumberView): string {
  const text = `Number ${row.number} leads to ${describeTarget(row)}.`;
  if (row.agents > 0) return text;
  const option = row.skills.length === 0 ? "" : ` --skills ${row.skills.join(",")}`;
  return `${text}\n${paint("yellow", "No agent can serve its callers yet:")} hotline agent assign AGENT ${row.hotline}${option}`;
}

const describeTarget = ({ hotline, skills }: Pick<NumberView, "hotline" | "skills">) =>
  `hotline ${hotline}${skills.length === 0 ? "" : `, for agents with ${skills.join(", ")}`}`;

function addList(number: Command): void {
  const command = number
    .command("list")
    .description("Lists the numbers and where they lead.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).numbers(), (rows) => {
        if (rows.length === 0) return "There are no numbers yet; see: hotline number add --help";
        return table(
          ["NUMBER", "HOTLINE", "SKILLS", "AGENTS"],
          rows.map((row) => [
            row.number,
            row.hotline,
            row.skills.join(", ") || "-",
            row.agents === 0 ? paint("yellow", "none") : String(row.agents),
          ]),
        );
      });
    });
  examples(command, [["hotline number list", ""]]);
}

function addRemove(number: Command): void {
  const command = number
    .command("remove")
    .description("Takes a number away: who calls it reaches no hotline. Calls in progress go on.")
    .argument("<number>", numberHelp, dialled)
    .action(async (id: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Remove number ${id}? Who calls it then reaches nobody.`);
      await (await session.api()).removeNumber(id);
      session.print({ number: id, removed: true }, () => `Number ${id} is removed.`);
    });
  changing(command);
  examples(command, [["hotline number remove 116", ""]]);
}
