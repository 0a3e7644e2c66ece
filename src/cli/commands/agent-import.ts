import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Command } from "commander";
import type { AgentCredential, Mistake } from "../../api/many-agents.ts";
import type { AdminApi } from "../admin-api.ts";
import { exampleFile, readAgents } from "../agents-file.ts";
import { credentialsCsv } from "../credentials-csv.ts";
import { failure } from "../errors.ts";
import { examples } from "../options.ts";
import { closeToOthers, makePrivateFile } from "../private-output.ts";
import { changing, openSession } from "../session.ts";
import { countText } from "../text.ts";

/** A spreadsheet of thousands of agents has less. */
const fileBytesMax = 4 * 1024 * 1024;

interface Options {
  readonly dryRun?: boolean;
  readonly out?: string;
}

export function addImport(agent: Command): void {
  const command = agent
    .command("import")
    .description("Adds all agents of a CSV file, or none of them, and prints what to set in their phones.")
    .argument("<file>", "a CSV file in UTF-8 with the columns id, name, hotlines; - reads from stdin")
    .option("--dry-run", "only check the file; change nothing")
    .option("--out <file>", "write the passwords into a new file that only you may read (CSV)")
    .action(async (file: string, { dryRun, out }: Options, self: Command) => {
      const session = openSession(self);
      const content = await read(file);
      const name = file === "-" ? "stdin" : file;
      const { agents, mistakes } = readAgents(content, name);
      const api = await session.api();
      if (agents.length > 0) mistakes.push(...(await api.checkAgents(agents)).mistakes);
      mistakes.sort((a, b) => a.line - b.line);
      if (mistakes.length > 0 || dryRun) {
        session.print(
          { file: name, agents: agents.length, ok: mistakes.length === 0, mistakes },
          describeCheck,
        );
        if (mistakes.length === 0) return;
        throw failure(`${countText(mistakes.length, "mistake", "mistakes")} in ${name}; nothing was changed`);
      }
      await session.confirm(() => `Add ${countText(agents.length, "agent", "agents")} from ${name}?`);
      if (out === undefined) closeToOthers();
      const added = await addInto(api, agents, out);
      if (out === undefined) session.print(added, (list) => credentialsCsv(list));
      else session.print({ added: added.length, file: out }, describeOut);
    });
  changing(command);
  examples(command, [
    ["hotline agent import agents.csv --dry-run", "what would be wrong, line by line"],
    ["hotline agent import agents.csv --out passwords.csv", ""],
    ["hotline agent sheet --show-secret --out sheets.html", "then: a page for each agent to print"],
  ]).addHelpText(
    "after",
    `\nSuch a file (demo:2 is tier 2; en and tax are skills):\n${exampleFile.replace(/^/gm, "  ").trimEnd()}`,
  );
}

async function read(file: string): Promise<Buffer> {
  try {
    const content = await (file === "-" ? buffer(process.stdin) : readFile(file));
    if (content.length > fileBytesMax)
      throw failure(`${file} is too big for a list of agents (at most 4 MB)`);
    return content;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure(`there is no file ${file}`, error);
    if (code === "EACCES") throw failure(`${file} may not be read by this user`, error);
    if (code === "EISDIR") throw failure(`${file} is a folder, not a CSV file`, error);
    throw error;
  }
}

/** The file for the passwords is made first: what cannot be kept must not be handed out. */
async function addInto(
  api: AdminApi,
  agents: Parameters<AdminApi["importAgents"]>[0],
  out: string | undefined,
): Promise<AgentCredential[]> {
  if (out === undefined) return api.importAgents(agents);
  const file = makePrivateFile(out);
  let added: AgentCredential[];
  try {
    added = await api.importAgents(agents);
  } catch (error) {
    file.remove();
    throw error;
  }
  file.write(credentialsCsv(added));
  return added;
}

function describeCheck(check: { file: string; agents: number; mistakes: readonly Mistake[] }): string {
  const { file, agents, mistakes } = check;
  if (mistakes.length === 0)
    return `${file} is good: ${countText(agents, "agent", "agents")} would be added. Nothing was changed.`;
  return mistakes.map(({ line, message }) => `${file}:${line}: ${message}`).join("\n");
}

function describeOut({ added, file }: { added: number; file: string }): string {
  return `Added ${countText(added, "agent", "agents")}; what to set in their phones is in ${file}. Pages to print: hotline agent sheet --help`;
}
