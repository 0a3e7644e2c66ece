import { type Command, InvalidArgumentError } from "commander";
import { skillPattern } from "../api/distribution.ts";
import { durationHelp, parseDuration } from "../api/duration.ts";

/** Argument parsers for commander: what they throw becomes one line that names the option and its value. */

/** For ids: what is not there cannot be looked up. */
export function someText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty");
  // `--reason --yes`
  if (/^--[a-z]/.test(text))
    throw new InvalidArgumentError("That looks like an option; is the value missing?");
  return text.trim();
}

/** Milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError(`Allowed: ${durationHelp}`);
  return ms;
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^-?\d+$/.test(text) || number < min || number > max)
      throw new InvalidArgumentError(
        `Allowed: a whole number from ${min} ${max === Number.MAX_SAFE_INTEGER ? "on" : `to ${max}`}`,
      );
    return number;
  };
}

export function yesOrNo(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word !== "yes" && word !== "no") throw new InvalidArgumentError("Allowed: yes, no");
  return word === "yes";
}

/** `en,tax`; `none` is an empty list. Given several times they add up. */
export function skillsList(text: string, before: readonly string[] = []): string[] {
  if (text.trim().toLowerCase() === "none") return [...before];
  const skills = text.split(",").map((each) => each.trim().toLowerCase());
  for (const skill of skills)
    if (!skillPattern.test(skill) || skill === "none")
      throw new InvalidArgumentError(
        `"${skill}" is no skill. Allowed: a list of names of letters, digits, - or _, for example en,tax; or none`,
      );
  return [...new Set([...before, ...skills])];
}

/** `14:00`; the day it falls on is the daemon's to find. */
export function timeOfDay(text: string): string {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (hour === undefined || Number(hour) * 60 + Number(minute) > 24 * 60 || Number(minute) > 59)
    throw new InvalidArgumentError("Allowed: a time of day from 00:00 to 24:00, for example 14:00");
  return text;
}

export function hotlineOption(command: Command): Command {
  return command.option("--hotline <id>", "which hotline; not needed while there is only one", someText);
}

export type Example = readonly [command: string, why: string];

const known = new WeakMap<Command, readonly Example[]>();

/** Those that examples() has given it. */
export const examplesOf = (command: Command): readonly Example[] => known.get(command) ?? [];

/** Examples at the end of a command's help and in the man page, each a line with an explanation. */
export function examples(command: Command, lines: readonly Example[]): Command {
  known.set(command, lines);
  const longest = Math.max(...lines.map(([example]) => example.length));
  const text = lines.map(([example, why]) => `  ${example.padEnd(longest)}  ${why}`.trimEnd()).join("\n");
  return command.addHelpText("after", `\nExamples:\n${text}`);
}
