import type { Command } from "commander";
import { examplesOf } from "./options.ts";

/** The man page hotline(1) of a command tree, as troff. */
export function manPage(program: Command, version: string): string {
  const lines = [
    `.TH HOTLINE 1 "" "hotlined ${version}" "User Commands"`,
    ".SH NAME",
    `hotline \\- ${escapeRoff(lowerFirst(program.description()))}`,
    ".SH SYNOPSIS",
    ".B hotline",
    "[\\fB\\-\\-json\\fR] \\fICOMMAND\\fR ...",
    ".SH DESCRIPTION",
    "Every command explains itself with",
    ".BR \\-\\-help ;",
    ".B hotline help",
    "\\fISUBJECT\\fR explains a subject with examples. Changing commands ask first;",
    ".B \\-\\-yes",
    "does not ask. With",
    ".B \\-\\-json",
    "nothing but JSON comes on stdout.",
    ".SH OPTIONS",
    ...optionLines(program),
    ".SH COMMANDS",
    ...leaves(program).flatMap((command) => commandLines(command)),
    ".SH EXAMPLES",
    ...exampleLines(program),
    ".SH EXIT STATUS",
    ".TP\n0\nIt was done.",
    ".TP\n1\nIt could not be done.",
    ".TP\n2\nWrong use: an unknown command or option, or a value that is never right.",
    ".SH ENVIRONMENT",
    ".TP\n.B HOTLINE_HOME\nThe folder of this hotline, by default var/ beside the program.",
    ".TP\n.B NO_COLOR\nNo colours.",
  ];
  return `${lines.join("\n")}\n`;
}

/** Commands that do something, in the order of the help. */
function leaves(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== "help" || each.parent?.parent === null)
    .flatMap((each) => {
      const below = leaves(each);
      return each.registeredArguments.length > 0 || below.length === 0 || hasAction(each)
        ? [each, ...below]
        : below;
    });
}

/** A group alone only shows its help. `calls` is a group and a command. */
const hasAction = (command: Command) => command.options.length > 0;

function commandLines(command: Command): string[] {
  return [
    `.SS "${escapeRoff(`${pathOf(command)} ${command.usage()}`)}"`,
    escapeRoff(command.description()),
    ...command.registeredArguments
      .filter(({ description }) => description !== "")
      .flatMap((argument) => [".TP", `.I ${escapeRoff(argument.name())}`, escapeRoff(argument.description)]),
    ...optionLines(command),
    ...exampleLines(command),
  ];
}

function optionLines(command: Command): string[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .flatMap((option) => {
      const choices = option.argChoices ? ` (${option.argChoices.join(", ")})` : "";
      return [".TP", `.B ${escapeRoff(option.flags)}`, escapeRoff(`${option.description}${choices}`)];
    });
}

function exampleLines(command: Command): string[] {
  const lines = examplesOf(command).map(([example, why]) =>
    escapeRoff(why === "" ? example : `${example}   # ${why}`),
  );
  return lines.length === 0 ? [] : [".PP", ".nf", ".RS", ...lines, ".RE", ".fi"];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

const lowerFirst = (text: string) => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

/** Backslashes, hyphens that are to be copied, quotes, and points and apostrophes at the beginning of a line. */
function escapeRoff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replace(/^\./gm, "\\&.");
}
