import { isBug } from "../config/bug.ts";

/**
 * How a command ends.
 *
 * 0  It was done.
 * 1  It could not be done: the hotline is not running, this user may not, there is no such agent, hotline, call or file,
 *    it conflicts with what is, the answer was no, or the hotline failed.
 * 2  Wrong use: unknown command or option, a missing argument, a value that is never right (a bad duration, time or day;
 *    found here or by the daemon, which says 400), or a change without `--yes` where nobody can be asked. Typing the same
 *    again can never work.
 */
export const exitCodes = { success: 0, failure: 1, wrongUse: 2 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An expected failure: shown as one line without a stack trace. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.exitCode = exitCode;
  }
}

/** A change was only to be checked, and nothing stands in its way: what is printed in place of its result. No failure. */
export class NotDone extends Error {
  override readonly name = "NotDone";
}

export function failure(message: string, cause?: unknown): CliError {
  return new CliError(message, exitCodes.failure, cause);
}

export function wrongUse(message: string): CliError {
  return new CliError(message, exitCodes.wrongUse);
}

/** For code that throws plain errors with one clear line each: those are expected, what the language throws is a bug. */
export function expected(error: unknown): unknown {
  return isBug(error) || error instanceof CliError || error instanceof NotDone
    ? error
    : failure((error as Error).message, error);
}
