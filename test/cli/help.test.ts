import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { Command, Option } from "commander";
import { helpTopics } from "../../src/cli/commands/help.ts";
import { manPage } from "../../src/cli/man.ts";
import { examplesOf } from "../../src/cli/options.ts";
import { createProgram } from "../../src/cli/program.ts";
import { hotline, makeHome } from "./support.ts";

const program = createProgram(() => undefined);
const docs = join(import.meta.dirname, "..", "..", "docs", "help");

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** Why this command line cannot be right; null: it can. Only commands and options are looked at. */
function wrongIn(line: string): string | null {
  const words = line.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  let command = program;
  let given = 0;
  let skip = false;
  for (const word of words.slice(1)) {
    if (["|", "&&", ">", "#"].includes(word)) break;
    if (skip) {
      skip = false;
      continue;
    }
    if (word.startsWith("--")) {
      const option = optionOf(command, word);
      if (!option && word !== "--help" && word !== "--") return `no option ${word}`;
      skip = option?.required === true;
      continue;
    }
    const next = given === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (next) command = next;
    else given += 1;
  }
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  const most = command.registeredArguments.at(-1)?.variadic
    ? Number.POSITIVE_INFINITY
    : command.registeredArguments.length;
  return given < needed || given > most ? `${given} arguments for ${pathOf(command)}` : null;
}

function optionOf(command: Command, flag: string): Option | undefined {
  for (let at: Command | null = command; at; at = at.parent) {
    const found = at.options.find(({ long }) => long === flag);
    if (found) return found;
  }
  return undefined;
}

suite("help", { concurrency: 4 }, () => {
  test("every command says what it does, and how by an example that is right", () => {
    for (const command of all(program)) {
      assert.ok(command.description().length > 10, `${pathOf(command)} has no description`);
      const lines = examplesOf(command);
      assert.ok(lines.length > 0, `${pathOf(command)} has no example`);
      for (const [line] of lines) {
        const own = line.split(/ (?:&&|\|) /).filter((part) => part.startsWith("hotline "));
        for (const part of own) assert.equal(wrongIn(part), null, `${pathOf(command)}: ${part}`);
      }
      for (const { description, flags } of command.options)
        assert.ok(description, `${pathOf(command)} ${flags}`);
      for (const argument of command.registeredArguments)
        assert.ok(argument.description, `${pathOf(command)} ${argument.name()}`);
    }
  });

  test("every command in the texts exists", () => {
    assert.deepEqual(
      helpTopics(),
      readdirSync(docs)
        .map((name) => name.replace(".md", ""))
        .sort(),
    );
    for (const topic of helpTopics()) {
      const text = readFileSync(join(docs, `${topic}.md`), "utf8");
      const lines = text
        .replaceAll(/ \\\n +/g, " ")
        .split("\n")
        .flatMap((line) => {
          const code = /^ {4}(hotline .*?)(?: {3,}.*)?$/.exec(line)?.[1];
          return [
            ...(code ? [code] : []),
            ...[...line.matchAll(/`(hotline [^`]+)`/g)].map((match) => match[1]!),
          ];
        });
      assert.ok(lines.length > 0, topic);
      for (const line of lines) assert.equal(wrongIn(line), null, `${topic}.md: ${line}`);
      for (const line of text.split("\n")) assert.ok(line.length <= 130, `${topic}.md: ${line}`);
    }
  });

  test("the subject of opening hours has every command of theirs, and every option of its own", () => {
    const text = readFileSync(join(docs, "hours.md"), "utf8");
    const hours = program.commands.find((command) => command.name() === "hours");
    for (const command of hours?.commands ?? []) {
      assert.match(text, new RegExp(`^ {4}hotline hours ${command.name()}\\b`, "m"));
      for (const { long } of command.options)
        assert.ok(text.includes(long!), `${pathOf(command)} ${long} is not told of`);
    }
  });

  test("a subject, a command, and neither", async (t) => {
    const home = makeHome(t);
    const hours = await hotline(home, ["help", "hours"]);
    assert.match(hours.stdout, /^Opening hours\n/);
    assert.doesNotMatch(hours.stdout, /`|^#/m);
    const add = await hotline(home, ["help", "agent", "add"]);
    assert.equal(add.stdout, (await hotline(home, ["agent", "add", "--help"])).stdout);
    assert.equal((await hotline(home, ["help"])).stdout, (await hotline(home, ["--help"])).stdout);
    const json = JSON.parse((await hotline(home, ["help", "hours", "--json"])).stdout);
    assert.equal(json.topic, "hours");
    const unknown = await hotline(home, ["help", "weather"]);
    assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
    assert.match(unknown.stderr, /no help on "weather"; subjects: agents, .*hours/);
  });

  test("the man page has every command and every option", () => {
    const page = manPage(program, "0.0.0").replaceAll("\\-", "-");
    for (const command of all(program).slice(1)) {
      if (command.name() === "complete") continue;
      for (const { long } of command.options) assert.ok(page.includes(long!), `${pathOf(command)} ${long}`);
      if (command.commands.length === 0 || command.name() === "calls")
        assert.ok(page.includes(`.SS "${pathOf(command)} `), pathOf(command));
    }
    // A line of text that begins like a request would vanish.
    for (const line of page.split("\n"))
      if (/^[.']/.test(line)) assert.match(line, /^\.[A-Z]{1,2}\b|^\.(nf|fi)$/);
  });
});
