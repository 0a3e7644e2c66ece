import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { programFolder } from "../../config/paths.ts";
import { wrongUse } from "../errors.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";
import { paint } from "../text.ts";

const folder = join(programFolder, "docs", "help");

/** The subjects that have a text of their own. None where they were not installed: that must not keep a command from running. */
export function helpTopics(): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
}

export function addHelp(program: Command): void {
  const topics = helpTopics();
  // The one that commander makes knows commands only.
  program.helpCommand(false);
  const command = program
    .command("help")
    .description(`Explains a subject with examples, or a command. Subjects: ${topics.join(", ")}.`)
    .argument("[words...]", "a subject, or the words of a command")
    .action((words: string[], _options: object, self: Command) => {
      const [topic = ""] = words;
      const session = openSession(self);
      if (words.length === 1 && topics.includes(topic)) {
        const text = readFileSync(join(folder, `${topic}.md`), "utf8");
        session.print({ topic, text }, () => render(text));
        return;
      }
      const meant = commandOf(program, words);
      const group = program.commands.find((each) => each.name() === topic && each.commands.length > 0);
      if (!meant && group)
        throw wrongUse(
          `there is no command "hotline ${words.join(" ")}"; behind hotline ${topic} may stand: ${group.commands.map((each) => each.name()).join(", ")}`,
        );
      if (!meant)
        throw wrongUse(
          `there is no help on "${words.join(" ")}"; subjects: ${topics.join(", ")}; commands: hotline --help`,
        );
      const text = helpOf(meant);
      session.print({ topic: words.join(" ") || null, text }, () => text);
    });
  examples(command, [
    ["hotline help hours", "opening hours, with examples"],
    ["hotline help agent add", "the same as: hotline agent add --help"],
  ]);
}

function commandOf(program: Command, words: readonly string[]): Command | null {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (!next) return null;
    command = next;
  }
  return command;
}

/** With what stands behind it, the examples. */
function helpOf(command: Command): string {
  let text = "";
  const { writeOut } = command.configureOutput();
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput(writeOut ? { writeOut } : {});
  return text;
}

/** Markdown of the simple kind as it is read on a terminal. */
function render(text: string): string {
  return text
    .split("\n")
    .map((line) => {
      if (line.startsWith("    ")) return line;
      const heading = /^#+ (.*)$/.exec(line);
      return heading
        ? paint("bold", heading[1]!)
        : line.replaceAll(/`([^`]+)`/g, (_, code: string) => paint("bold", code));
    })
    .join("\n");
}
