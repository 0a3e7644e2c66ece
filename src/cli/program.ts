import { Command, CommanderError } from "commander";
import { programVersion } from "../config/version.ts";
import { addAgent } from "./commands/agent.ts";
import { addAnnounce } from "./commands/announce.ts";
import { addBackup } from "./commands/backup.ts";
import { addCalls } from "./commands/calls.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConfig } from "./commands/config.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDocument } from "./commands/document.ts";
import { addExplain } from "./commands/explain.ts";
import { addHelp } from "./commands/help.ts";
import { addHistory, addUndo } from "./commands/history.ts";
import { addHotline } from "./commands/hotline.ts";
import { addHours } from "./commands/hours.ts";
import { addNumber } from "./commands/number.ts";
import { addPrepare } from "./commands/prepare.ts";
import { addRestore } from "./commands/restore.ts";
import { addServe } from "./commands/serve.ts";
import { addStaffing } from "./commands/staffing.ts";
import { addStatus } from "./commands/status.ts";
import { addWatch } from "./commands/watch.ts";
import { CliError, exitCodes } from "./errors.ts";
import { examples } from "./options.ts";
import { oneLine } from "./text.ts";

/** Carries out one command line (without `node` and the script). Returns the exit code; see errors.ts. */
export async function run(argv: string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", endWhenNobodyReads);
  let exitCode: number = exitCodes.success;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, program, argv);
  }
}

/** `| head` has read enough: that is no error. */
function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.success);
}

/** The whole command tree. `exitWith` takes the exit code of a daemon that ran. */
export function createProgram(exitWith: (code: number) => void): Command {
  const program = new Command("hotline");
  program
    .description("Runs a citizen hotline: who calls, who answers, when it is open.")
    .option("--json", "print nothing but JSON")
    .version(programVersion(), "-V, --version", "print the version")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    // Errors come out as one line, in report(); help after an error would bury it, except before a person.
    .configureOutput({
      outputError: () => {},
      writeErr: (text) => {
        if (process.stderr.isTTY) process.stderr.write(text);
      },
    });
  addStatus(program);
  addWatch(program);
  addCalls(program);
  addStaffing(program);
  addHours(program);
  addExplain(program);
  addAgent(program);
  addHotline(program);
  addNumber(program);
  addAnnounce(program);
  addHistory(program);
  addUndo(program);
  addDocument(program);
  addBackup(program);
  addRestore(program);
  addConfig(program);
  addPrepare(program);
  addDoctor(program);
  addHelp(program);
  addCompletion(program);
  addServe(program, exitWith, () => {
    // A daemon must outlive whoever reads its output.
    for (const stream of [process.stdout, process.stderr]) stream.off("error", endWhenNobodyReads);
  });
  examples(program, [
    ["hotline status", "what happens right now"],
    ["hotline watch", "the same, live"],
    ["hotline agent add 201 --name 'Erika Muster'", "a new agent, and what to set in the phone"],
    ["hotline agent login 201", "from now on 201 gets calls"],
    ["hotline hours set mon-fri 08:00-18:00 sat-sun closed", ""],
    ["hotline hours close --for 2h --reason 'Fire drill'", "closed for all new callers, then open again"],
    ["hotline calls", "the latest calls; `hotline calls show ID` tells the story of one"],
  ]).addHelpText(
    "after",
    "\nThe home is the folder in HOTLINE_HOME (default: var/ beside the program).\nExit codes: 0 done, 1 could not be done, 2 wrong use.",
  );
  return program;
}

/** One line on stderr for what was to be expected, everything for a bug. Returns the exit code. */
function report(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof CliError) {
    complain(error.message);
    return error.exitCode;
  }
  if (error instanceof CommanderError) {
    // Help and version that were asked for.
    if (error.exitCode === 0) return exitCodes.success;
    complain(describeWrongUse(error, program, argv));
    return exitCodes.wrongUse;
  }
  process.stderr.write(
    `hotline: this is a bug, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return exitCodes.failure;
}

function complain(message: string): void {
  process.stderr.write(`hotline: ${oneLine(message)}\n`);
}

/** The command that was meant, as far as it is known: `hotline agent pause`; and the word behind it. */
function commandMeant(program: Command, argv: readonly string[]) {
  let command = program;
  let line = program.name();
  for (const word of argv) {
    if (word.startsWith("-")) continue;
    const next = command.commands.find((each) => each.name() === word);
    if (!next) return { command, line, next: word };
    command = next;
    line += ` ${word}`;
  }
  return { command, line, next: null };
}

function describeWrongUse(error: CommanderError, program: Command, argv: readonly string[]): string {
  const { command, line, next } = commandMeant(program, argv);
  const help = `see ${line} --help`;
  // Commander shows the help instead of an error when a command is missing, or when help is asked for one that is not.
  if (error.code === "commander.help") {
    const names = command === program ? "" : `: ${command.commands.map((each) => each.name()).join(", ")}`;
    return `a command is missing or unknown after "${line}"${names}; ${help}`;
  }
  // `hotline close` for `hotline hours close`.
  const groups = program.commands.filter((group) => group.commands.some((each) => each.name() === next));
  if (error.code === "commander.unknownCommand" && command === program && groups.length > 0)
    return `unknown command '${next}'; did you mean ${groups.map((group) => `${group.name()} ${next}`).join(", or ")}? ${help}`;
  const message = error.message
    .replace(/^error: /, "")
    .replace(/\n\(Did (you mean .*\?)\)/, "; did $1")
    .replace(/\.$/, "");
  return `${message}${message.endsWith("?") ? "" : ";"} ${help}`;
}
