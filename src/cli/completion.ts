import type { Command, Option } from "commander";
import { recordedAnnouncements } from "../api/distribution.ts";

/** What an argument or an option can be filled with. */
export type Source = "agents" | "hotlines" | "numbers" | "calls" | "announcements" | "topics" | "files";

export interface Candidate {
  readonly value: string;
  readonly about: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** The names of files fit, too; the shell knows them. */
  readonly files: boolean;
}

/**
 * What may stand where the cursor is: at the last of the words behind `hotline`, which may be empty or begun. `lookUp` names
 * the ids there are at the moment, and nothing when they cannot be had.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  lookUp: (source: Source) => Promise<readonly Candidate[]>,
): Promise<Completion> {
  const begun = words.at(-1) ?? "";
  const place = walk(program, words.slice(0, -1));
  const inline = /^(--[^=]+)=(.*)$/.exec(begun);
  const option = inline ? findOption(place.command, inline[1]!) : place.option;
  const found = option
    ? await valuesOf(option, place.command, lookUp)
    : begun.startsWith("-") && !place.onlyWords
      ? { candidates: optionsOf(place.command), files: false }
      : await wordsAt(place, lookUp);
  const prefix = inline ? `${inline[1]}=` : "";
  const candidates = found.candidates
    .map(({ value, about }) => ({ value: `${prefix}${value}`, about }))
    .filter(({ value }) => value.startsWith(begun) && !/[\s'"\\]/.test(value));
  return { candidates, files: found.files };
}

interface Place {
  readonly command: Command;
  /** Arguments of it that stand there already. */
  readonly given: number;
  /** Set when its value comes next. */
  readonly option: Option | null;
  /** Behind `--`: no more options. */
  readonly onlyWords: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  let given = 0;
  let option: Option | null = null;
  let onlyWords = false;
  for (const word of words) {
    // bash makes three words of --hotline=demo.
    if (word === "=") continue;
    if (option) option = null;
    else if (word === "--") onlyWords = true;
    else if (word.startsWith("-") && !onlyWords)
      option = word.includes("=") ? null : takingValue(findOption(command, word));
    else {
      const next: Command | undefined = given === 0 ? subcommand(command, word) : undefined;
      if (next) command = next;
      else given += 1;
    }
  }
  return { command, given, option, onlyWords };
}

const subcommand = (command: Command, word: string) =>
  command.commands.find((each) => each.name() === word || each.aliases().includes(word));

function findOption(command: Command, flag: string): Option | null {
  for (let at: Command | null = command; at; at = at.parent) {
    const found = at.options.find(({ long, short }) => long === flag || short === flag);
    if (found) return found;
  }
  return null;
}

const takingValue = (option: Option | null) =>
  option && (option.required || option.optional) ? option : null;

function optionsOf(command: Command): Candidate[] {
  const found: Candidate[] = [{ value: "--help", about: "show what it takes" }];
  for (let at: Command | null = command; at; at = at.parent)
    for (const { long, description, hidden } of at.options)
      if (long && !hidden) found.push({ value: long, about: description });
  return found;
}

type LookUp = Parameters<typeof complete>[2];

async function valuesOf(option: Option, command: Command, lookUp: LookUp): Promise<Completion> {
  return fill(option.argChoices, sourceOf(option.attributeName(), command), lookUp);
}

async function wordsAt({ command, given }: Place, lookUp: LookUp): Promise<Completion> {
  const subcommands =
    given > 0
      ? []
      : command
          .createHelp()
          .visibleCommands(command)
          .map((each) => ({ value: each.name(), about: each.summary() || each.description() }));
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[given] ?? (last?.variadic ? last : undefined);
  if (!argument) return { candidates: subcommands, files: false };
  const { candidates, files } = await fill(argument.argChoices, sourceOf(argument.name(), command), lookUp);
  return { candidates: [...subcommands, ...candidates], files };
}

async function fill(
  choices: readonly string[] | undefined,
  source: Source | null,
  lookUp: LookUp,
): Promise<Completion> {
  if (choices) return { candidates: choices.map((value) => ({ value, about: "" })), files: false };
  if (source === null) return { candidates: [], files: false };
  if (source === "files") return { candidates: [], files: true };
  if (source === "announcements")
    return { candidates: recordedAnnouncements.map((value) => ({ value, about: "" })), files: false };
  return { candidates: await lookUp(source), files: false };
}

/** By its name, and for an id by the command it stands at. A new one that is being added has no source. */
function sourceOf(name: string, command: Command): Source | null {
  const group = command.parent?.name() ?? "";
  if (command.name() === "help") return "topics";
  if (name === "hotline" || name === "file" || name === "out")
    return name === "hotline" ? "hotlines" : "files";
  if (command.name() === "add") return null;
  if (name === "id" || name === "ids")
    return group === "agent"
      ? "agents"
      : group === "hotline"
        ? "hotlines"
        : group === "calls"
          ? "calls"
          : null;
  if (name === "number") return "numbers";
  return name === "name" && group === "announce" ? "announcements" : null;
}

export const shells = ["bash", "zsh", "fish"] as const;

/** What the shell has to read. It asks `hotline complete` each time, so it always knows what this version can do. */
export const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `# Completion of hotline for bash.
_hotline() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _hotline hotline
`,
  zsh: `#compdef hotline
# Completion of hotline for zsh.
_hotline() {
  local line
  local -a found
  for line in "\${(@f)$(\${(Q)words[1]} complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
    elif [[ -n $line ]]; then
      found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( \${#found} )) && _describe hotline found
}
if [[ $funcstack[1] == _hotline ]]; then _hotline "$@"; else compdef _hotline hotline; fi
`,
  fish: `# Completion of hotline for fish.
function __hotline_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] complete -- $words[2..] 2>/dev/null)
        if test $line = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c hotline -f -a '(__hotline_complete)'
`,
};
