import { type Command, CommanderError } from "commander";
import type { CreateProgram } from "./base-program.ts";
import { CliError, exitCodes, NotDone } from "./errors.ts";
import { oneLine } from "./text.ts";

/** Carries out one command line (without `node` and the script). Returns the exit code; see errors.ts. */
export async function run(argv: string[], createProgram: CreateProgram): Promise<number> {
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
export function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodes.success);
}

/** One line on stderr for what was to be expected, everything for a bug. Returns the exit code. */
function report(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof NotDone) {
    process.stdout.write(`${error.message}\n`);
    return exitCodes.success;
  }
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
  // `hotline history 3` for `hotline history show 3`.
  if (error.code === "commander.excessArguments" && command.commands.some((each) => each.name() === "show"))
    return `${line} takes no arguments; did you mean ${line} show ${next}? ${help}`;
  const message = error.message
    .replace(/^error: /, "")
    .replace(/^command-argument value ('.*') is invalid for argument ('\w+')/, "argument $2: $1 is invalid")
    .replace(/\n\(Did (you mean .*\?)\)/, "; did $1")
    .replace(/\.$/, "");
  return `${message}${message.endsWith("?") ? "" : ";"} ${help}`;
}
