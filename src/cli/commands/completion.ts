import { Argument, type Command } from "commander";
import { type Candidate, complete, type Source, scripts, shells } from "../completion.ts";
import { examples } from "../options.ts";
import { openSession } from "../session.ts";
import { printable } from "../text.ts";
import { ask } from "../transport.ts";
import { helpTopics } from "./help.ts";

/** Nobody waits longer for the Tab key. */
const lookUpLimitMs = 1_000;

export function addCompletion(program: Command): void {
  const command = program
    .command("completion")
    .description("Prints what your shell needs to complete commands, options and ids with the Tab key.")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .action((shell: (typeof shells)[number], _options: object, self: Command) => {
      openSession(self).print({ shell, script: scripts[shell] }, () => scripts[shell]);
    });
  examples(command, [
    ["source <(hotline completion bash)", "for this shell; in ~/.bashrc for all"],
    ["hotline completion bash > /etc/bash_completion.d/hotline", "for everybody, as root"],
    ["hotline completion zsh > ~/.zfunc/_hotline", "in a folder of your $fpath"],
    ["hotline completion fish > ~/.config/fish/completions/hotline.fish", ""],
  ]);
  program
    .command("complete", { hidden: true })
    .description("What may come next; asked by the shell, see: hotline completion --help")
    .argument("[words...]", "those behind hotline, up to the cursor")
    .action(async (words: string[], _options: object, self: Command) => {
      const { home } = openSession(self);
      const { candidates, files } = await complete(program, words, (source) =>
        source === "topics" ? namesOf(program) : lookUp(home, source),
      );
      const lines = candidates.map(({ value, about }) => `${value}\t${printable(about)}`);
      process.stdout.write([...lines, ...(files ? [":files"] : [])].map((line) => `${line}\n`).join(""));
    });
  examples(program.commands.at(-1)!, [["hotline complete -- agent lo", ""]]);
}

/** What `hotline help` knows. */
async function namesOf(program: Command): Promise<Candidate[]> {
  const commands = program.createHelp().visibleCommands(program);
  const about = commands.map((each) => ({ value: each.name(), about: each.description() }));
  return [...helpTopics().map((value) => ({ value, about: "" })), ...about];
}

/** Whatever goes wrong: no ids. A person pressing Tab must not get an error. */
async function lookUp(home: string, source: Source): Promise<Candidate[]> {
  const path = source === "calls" ? "/calls?limit=20" : `/${source}`;
  try {
    const { status, body } = await ask(home, { method: "GET", path, timeLimitMs: lookUpLimitMs });
    if (status !== 200 || !Array.isArray(body)) return [];
    return body.map((row: Record<string, unknown>) => ({
      value: String(row.id ?? row.number),
      about: String(row.name ?? row.hotline ?? ""),
    }));
  } catch {
    return [];
  }
}
