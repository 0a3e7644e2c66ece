import type { AgentRow, Mistake } from "../api/many-agents.ts";
import { parseCsv } from "./csv.ts";
import { failure } from "./errors.ts";

/**
 * Agents in a CSV file. The first line names the columns, in any order:
 *
 *   id        201
 *   name      Erika Muster
 *   hotlines  demo        with blanks between several; behind a colon the tier, behind another the skills:
 *             demo:2 nord:1:en+tax
 */
const columns = ["id", "name", "hotlines"] as const;

export const exampleFile = "id;name;hotlines\n201;Erika Muster;demo\n202;Ben Reserve;demo:2 nord:1:en+tax\n";

/** `file` names it in messages. Throws a CliError when it is no such file at all. */
export function readAgents(content: Uint8Array, file: string): { agents: AgentRow[]; mistakes: Mistake[] } {
  const { rows, mistakes } = parseCsv(decode(content, file));
  const [head, ...body] = rows;
  if (!head)
    throw failure(
      mistakes[0] ? `${file}, line ${mistakes[0].line}: ${mistakes[0].message}` : `${file} is empty`,
    );
  const place = placeColumns(head.cells, file);
  const agents: AgentRow[] = [];
  for (const { line, cells } of body) {
    if (cells.slice(head.cells.length).some((cell) => cell !== "")) {
      const message = `${cells.length} cells, but the first line names ${head.cells.length} columns; put a cell with the separator in it in quotes`;
      mistakes.push({ line, message });
      continue;
    }
    const cell = (name: (typeof columns)[number]) => cells[place[name]] ?? "";
    const memberships = cell("hotlines")
      .split(/[\s,|]+/)
      .filter((each) => each !== "");
    const wrong = (message: string) => mistakes.push({ line, message });
    agents.push({
      line,
      id: cell("id"),
      name: cell("name"),
      memberships: memberships.flatMap((each) => readMembership(each, wrong)),
    });
  }
  if (agents.length === 0 && mistakes.length === 0)
    throw failure(`${file} names no agent: below the first line nothing stands`);
  return { agents, mistakes };
}

function decode(content: Uint8Array, file: string): string {
  try {
    // A byte order mark is taken away by this.
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    throw failure(
      `${file} is not UTF-8, so names would be wrong. Save it as "CSV UTF-8", or convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE`,
      error,
    );
  }
}

function placeColumns(head: readonly string[], file: string): Record<(typeof columns)[number], number> {
  const names = head.map((name) => name.toLowerCase());
  const example = `the first line must be: ${columns.join(";")}`;
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw failure(`${file}, line 1: there is no column ${missing.join(", ")}; ${example}`);
  const other = names.find(
    (name, i) => names.indexOf(name) !== i || !columns.some((column) => column === name),
  );
  if (other !== undefined)
    throw failure(`${file}, line 1: column "${other}" is unknown or there twice; ${example}`);
  return { id: names.indexOf("id"), name: names.indexOf("name"), hotlines: names.indexOf("hotlines") };
}

/** `demo`, `demo:2`, `demo:2:en+tax`. */
function readMembership(text: string, wrong: (message: string) => void): AgentRow["memberships"] {
  const [hotline = "", tier = "1", skills = "", ...rest] = text.split(":");
  if (rest.length > 0 || hotline === "" || !/^\d{1,3}$/.test(tier)) {
    wrong(`"${text}" is no hotline with tier and skills; write demo, demo:2 or demo:2:en+tax`);
    return [];
  }
  return [{ hotline, tier: Number(tier), skills: skills.split("+").filter((skill) => skill !== "") }];
}
