import { Command } from "commander";
import { programVersion } from "../config/version.ts";
import { addServe } from "./commands/serve.ts";
import { endWhenNobodyReads } from "./run.ts";

/** `hotline` itself. `exitWith` takes the exit code of a daemon that ran. */
export type CreateProgram = (exitWith: (code: number) => void) => Command;

/** Without any command. */
export function bareProgram(): Command {
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
  return program;
}

/** With the one command that is loaded while people wait: after a crash. */
export const createDaemonOnly: CreateProgram = (exitWith) => {
  const program = bareProgram();
  addDaemon(program, exitWith);
  return program;
};

export function addDaemon(program: Command, exitWith: (code: number) => void): void {
  addServe(program, exitWith, () => {
    // A daemon must outlive whoever reads its output.
    for (const stream of [process.stdout, process.stderr]) stream.off("error", endWhenNobodyReads);
  });
}
