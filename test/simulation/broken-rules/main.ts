import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Many } from "../many.ts";
import { type BrokenRule, brokenRules } from "./rules.ts";

/*
 * Shows that the simulator can fail: breaks one rule at a time in a copy of the source, and counts the seeds until the fault
 * is found. Arguments: words that the names of the rules to try must contain; none: all. `--seeds`: a rule that is not found
 * broken by then is not found.
 */

const repository = fileURLToPath(new URL("../../../", import.meta.url));

type Found = { readonly rule: BrokenRule; readonly failure: Many["failure"] };

/** The copy, with the rule broken. Throws when the text to be replaced is not there, or there twice. */
function breakRule(rule: BrokenRule): string {
  const folder = mkdtempSync(join(tmpdir(), "hotline-broken-rule-"));
  for (const part of ["package.json", "src", "test/simulation", "test/traces"])
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const file = join(folder, rule.file);
  const parts = readFileSync(file, "utf8").split(rule.text);
  if (parts.length !== 2)
    throw new Error(`"${rule.name}": its text is ${parts.length - 1} times in ${rule.file}, not once`);
  writeFileSync(file, parts.join(rule.instead));
  return folder;
}

/** On one thread, so that the first failing seed is the first of all. */
function simulate(folder: string, seeds: string): Promise<Many> {
  const args = ["test/simulation/main.ts", "--json", "--jobs", "1", "--seeds", seeds];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error && error.code !== 1) reject(new Error(`The simulation ended with ${error.code}: ${stderr}`));
      else resolve(JSON.parse(stdout) as Many);
    });
  });
}

async function tryRule(rule: BrokenRule, seeds: string): Promise<Found> {
  const folder = breakRule(rule);
  try {
    const { failure } = await simulate(folder, seeds);
    return { rule, failure };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function tell({ rule, failure }: Found): void {
  const found = failure
    ? `${String(failure.seed).padStart(5)} seeds | ${failure.violation.rule} | ${failure.moves} moves`
    : "NOT FOUND";
  console.log(`| ${rule.name} | ${found} |`);
}

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      seeds: { type: "string", default: "3000" },
      jobs: { type: "string", default: String(availableParallelism()) },
    },
  });
  const { seeds } = values;
  const rules = brokenRules.filter(({ name }) => words.every((word) => name.includes(word)));
  const waiting = [...rules];
  let missed = 0;
  console.log("| broken rule | found after | by | shortened to |");
  const workOff = async () => {
    for (let rule = waiting.shift(); rule; rule = waiting.shift()) {
      const found = await tryRule(rule, seeds);
      if (!found.failure) missed += 1;
      tell(found);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, workOff));
  console.log(`${rules.length - missed} of ${rules.length} broken rules were found.`);
  return missed === 0 && rules.length > 0 ? 0 : 1;
}

process.exitCode = await main();
