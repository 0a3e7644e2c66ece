import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import type { DocumentApplied, DocumentPreview, DocumentProblem, ObjectChange } from "../../api/document.ts";
import type { AdminApi } from "../admin-api.ts";
import { credentialsCsv } from "../credentials-csv.ts";
import { failure } from "../errors.ts";
import { examples } from "../options.ts";
import { closeToOthers, makePrivateFile } from "../private-output.ts";
import { changing, openSession } from "../session.ts";
import { countText, paint, printable } from "../text.ts";

/** As the API has it (document.ts). */
const fileLengthMax = 4 * 1024 * 1024;
/** Nobody mends more at once; --json has them. */
const problemsShown = 50;

export function addDocument(program: Command): void {
  const exported = program
    .command("export")
    .description(
      "Prints all operations data as one YAML document with comments: hotlines, hours, numbers, agents, announcements. No passwords.",
    )
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      const { yaml, document } = await (await session.api()).exportDocument();
      // As it is: it has many lines, and is to be read back.
      if (session.json) session.print(document, () => "");
      else process.stdout.write(yaml);
    });
  examples(exported, [
    ["hotline export > hotline-data.yaml", "to be changed with an editor, and kept in git"],
    ["hotline apply hotline-data.yaml --dry-run", "what would be changed"],
  ]);
  addApply(program);
}

interface Options {
  readonly dryRun?: boolean;
  readonly out?: string;
}

function addApply(program: Command): void {
  const command = program
    .command("apply")
    .description(
      "Makes everything as a document says, as a whole or not at all; what is not in the document is removed.",
    )
    .argument("<file>", "as `hotline export` writes it; - reads from stdin")
    .option("--dry-run", "only show what would be changed")
    .option("--out <file>", "write new agents' passwords into a new file that only you may read (CSV)")
    .action(async (file: string, { dryRun, out }: Options, self: Command) => {
      const session = openSession(self);
      const name = file === "-" ? "stdin" : file;
      const yaml = await read(file);
      const api = await session.api();
      const preview = await api.previewDocument(yaml);
      const { problems, changes, basis } = preview;
      if (problems.length > 0 || dryRun || changes.length === 0) {
        session.print({ file: name, ...preview }, describePreview);
        if (problems.length === 0) return;
        throw failure(`${countText(problems.length, "mistake", "mistakes")} in ${name}; nothing was changed`);
      }
      if (!session.json) process.stdout.write(`${describeChanges(printable(changes))}\n`);
      await session.confirm(() => `${summary(changes)} Apply ${name}?`, true);
      const newAgents = changes.filter(({ object, what }) => what === "added" && object.startsWith("agent "));
      if (newAgents.length > 0 && out === undefined) closeToOthers();
      const applied = await applyInto(api, { yaml, basis }, newAgents.length > 0 ? out : undefined);
      const shown = out === undefined ? applied : { ...applied, agents: [] };
      session.print({ ...shown, file: applied.agents.length > 0 ? (out ?? null) : null }, describeApplied);
    });
  changing(command);
  examples(command, [
    ["hotline apply hotline-data.yaml --dry-run", "what would be changed, or all mistakes with their lines"],
    ["hotline apply hotline-data.yaml --reason 'Summer hours'", ""],
    ["hotline apply hotline-data.yaml --yes --out passwords.csv", "without a question, in a script"],
    ["hotline undo", "takes all of it back"],
  ]);
}

async function read(file: string): Promise<string> {
  try {
    const content = await (file === "-" ? text(process.stdin) : readFile(file, "utf8"));
    if (content.length > fileLengthMax) throw failure(`${file} is too big for a document (at most 4 MB)`);
    return content;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure(`there is no file ${file}`, error);
    if (code === "EACCES") throw failure(`${file} may not be read by this user`, error);
    if (code === "EISDIR") throw failure(`${file} is a folder, not a YAML file`, error);
    throw error;
  }
}

/** The file for the passwords is made first: what cannot be kept must not be handed out. */
async function applyInto(
  api: AdminApi,
  { yaml, basis }: { yaml: string; basis: string },
  out: string | undefined,
): Promise<DocumentApplied> {
  if (out === undefined) return api.applyDocument(yaml, basis);
  const file = makePrivateFile(out);
  let applied: DocumentApplied;
  try {
    applied = await api.applyDocument(yaml, basis);
  } catch (error) {
    file.remove();
    throw error;
  }
  file.write(credentialsCsv(applied.agents));
  return applied;
}

function describePreview({ file, problems, changes }: DocumentPreview & { file: string }): string {
  if (problems.length > 0) {
    const lines = problems.slice(0, problemsShown).map((problem) => describeProblem(file, problem));
    const more = problems.length - lines.length;
    return [...lines, ...(more > 0 ? [`... and ${more} more`] : [])].join("\n");
  }
  if (changes.length === 0) return `Everything is as ${file} says; there is nothing to change.`;
  return `${describeChanges(changes)}\n${summary(changes)} Nothing was changed.`;
}

/** `FILE:LINE:COLUMN: PATH: MESSAGE`, as editors and people read it. */
function describeProblem(file: string, { line, column, path, message }: DocumentProblem): string {
  const place = line === null ? file : `${file}:${line}:${column}`;
  return `${place}: ${path === "" ? "" : `${path}: `}${message}`;
}

function describeChanges(changes: readonly ObjectChange[]): string {
  return changes.map(describeChange).join("\n");
}

function describeChange({ object, what, settings }: ObjectChange): string {
  if (what === "removed") {
    const main = settings.find(({ setting }) => setting === "name" || setting === "leads to");
    return paint("red", `- ${object} is REMOVED${main?.before ? ` (${main.before})` : ""}`);
  }
  const head = what === "added" ? paint("green", `+ ${object} is new`) : `~ ${object}`;
  const lines = settings.flatMap(({ setting, before, after }) => [
    ...(before === null ? [] : [paint("red", `    - ${setting}: ${before}`)]),
    ...(after === null ? [] : [paint("green", `    + ${setting}: ${after}`)]),
  ]);
  return [head, ...lines].join("\n");
}

/** `1 new, 2 REMOVED, 3 changed.` */
function summary(changes: readonly ObjectChange[]): string {
  const words = { added: "new", removed: "REMOVED", changed: "changed" } as const;
  const parts = (["added", "removed", "changed"] as const)
    .map((what) => [changes.filter((each) => each.what === what).length, words[what]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  return `${parts.join(", ")}.`;
}

function describeApplied({
  changes,
  change,
  agents,
  file,
}: DocumentApplied & { file: string | null }): string {
  const done = `Applied: ${summary(changes)} This is change ${change}; \`hotline undo ${change}\` takes it back.`;
  if (file !== null) return `${done}\nWhat to set in the phones of new agents is in ${file}.`;
  return agents.length === 0
    ? done
    : `${done}\nWhat to set in the phones of new agents:\n${credentialsCsv(agents)}`;
}
