import type { Command } from "commander";
import type { ChangeView, ChangeWithRows, Difference, Undone, UndoPreview } from "../../api/audit.ts";
import { examples, someText, wholeNumber } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { sipFacts } from "../sip-facts.ts";
import { facts, paint, table } from "../text.ts";
import { dateTimeText } from "../times.ts";

const changeNumber = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const shownByDefault = 20;

export function addHistory(program: Command): void {
  const history = program
    .command("history")
    .description(
      "What administrators have changed, newest first: who, when, why. `hotline undo` takes it back.",
    )
    .option(
      "--object <prefix>",
      "only what begins like this, such as hours, 'hotline demo' or agent; also where a document has changed it",
      someText,
    )
    .option("--limit <number>", "at most so many", wholeNumber(1, 10_000), shownByDefault)
    .action(async ({ object, limit }: { object?: string; limit: number }, self: Command) => {
      const session = openSession(self);
      const changes = await (await session.api()).changes(object ?? "", limit);
      const zone = session.json ? "UTC" : await session.zone(null);
      session.print(changes, (rows) => describeChanges(rows, zone, object));
    });
  examples(history, [
    ["hotline history", `the last ${shownByDefault} changes`],
    ["hotline history --object hours", "only opening hours"],
    ["hotline history show 12", "before and after"],
    ["hotline undo 12", "takes change 12 back"],
  ]);
  const show = history
    .command("show")
    .description("Shows one change: what was before, and after.")
    .argument("<number>", "of the change, from `hotline history`", changeNumber)
    .action(async (number: number, _options: object, self: Command) => {
      const session = openSession(self);
      const change = await (await session.api()).change(number);
      const zone = session.json ? "UTC" : await session.zone(null);
      session.print(change, (shown) => describeChange(shown, zone));
    });
  examples(show, [["hotline history show 12", "what change 12 has replaced, and by what"]]);
}

function describeChanges(changes: readonly ChangeView[], zone: string, object?: string): string {
  if (changes.length === 0)
    return object === undefined
      ? "Nothing was changed yet."
      : `No change of "${object}" is recorded. Changes are of: hours, hotline, number, agent, announcement, document`;
  const rows = changes.map((change) => [
    String(change.id),
    dateTimeText(change.at, zone),
    whoText(change),
    change.object,
    [change.action, ...noteOf(change)].join(" "),
    change.reason ?? "-",
  ]);
  return table(["CHANGE", "WHEN", "WHO", "WHAT", "DONE", "WHY"], rows);
}

/** `anna`, or `anna (as root)` when a program of root's says that it was she. */
const whoText = ({ who, found, account }: ChangeView): string =>
  found === "claimed" ? `${who} (as ${account})` : who;

function noteOf({ undoneBy }: ChangeView): string[] {
  return undoneBy === null ? [] : [paint("dim", `[undone by ${undoneBy}]`)];
}

function describeChange(change: ChangeWithRows, zone: string): string {
  const lines: [string, string][] = [
    ["when", dateTimeText(change.at, zone)],
    ["who", `${whoText(change)}${change.found === "claimed" ? "; that is what root's program said" : ""}`],
    ["why", change.reason ?? "-"],
    ["what", change.object],
    ["done", change.action],
  ];
  if (change.undoes !== null) lines.push(["undoes", `change ${change.undoes}`]);
  if (change.undoneBy !== null) lines.push(["undone", `by change ${change.undoneBy}`]);
  return `${paint("bold", `Change ${change.id}`)}\n${facts(lines)}\n\n${describeDifferences(change.differences)}`;
}

/** Before and after, line by line, as `diff` has it. */
function describeDifferences(differences: readonly Difference[]): string {
  if (differences.length === 0) return "No setting was changed.";
  const objects = [...new Set(differences.map(({ object }) => object))];
  return objects
    .map((object) => {
      const lines = differences
        .filter((difference) => difference.object === object)
        .flatMap(({ setting, before, after }) => [
          ...(before === null ? [] : [paint("red", `  - ${setting}: ${before}`)]),
          ...(after === null ? [] : [paint("green", `  + ${setting}: ${after}`)]),
        ]);
      return [object, ...lines].join("\n");
    })
    .join("\n");
}

export function addUndo(program: Command): void {
  const command = program
    .command("undo")
    .description("Takes a change back: what it has changed is as it was before. Undoing can be undone too.")
    .argument(
      "[number]",
      "of the change, from `hotline history`; default: the last one in effect",
      changeNumber,
    )
    .option("--dry-run", "only show what would be changed")
    .action(async (number: number | undefined, options: { dryRun?: true }, self: Command) => {
      const session = openSession(self);
      const api = await session.api();
      const preview = await api.previewUndo(number ?? null);
      if (options.dryRun) {
        session.print(preview, describePreview);
        return;
      }
      await session.confirm(() => {
        const { id, object, action, who } = preview.change;
        const differences = preview.differences.map(
          ({ object: row, setting, before, after }) =>
            `${row}: ${setting} ${before ?? "-"} -> ${after ?? "-"}`,
        );
        return `Undo change ${id} by ${who} (${object}: ${action})? ${differences.join("; ")}.`;
      }, true);
      // The change that was shown, whatever has become the last one meanwhile.
      session.print(await api.undo(preview.change.id), describeUndone);
    });
  changing(command);
  examples(command, [
    ["hotline undo", "the last change; once more: the one before it"],
    ["hotline undo 12 --dry-run", "what it would do"],
    ["hotline undo 12 --reason 'Storm is over'", ""],
  ]);
}

function describePreview({ change, differences }: UndoPreview): string {
  return `Undoing change ${change.id} (${change.object}: ${change.action}) would change:\n${describeDifferences(differences)}`;
}

function describeUndone({ change, by, differences, agents }: Undone): string {
  const passwords = agents.map(
    ({ id, sip }) => `Agent ${id} is there again, with a new password. Set in the phone:\n${sipFacts(sip)}`,
  );
  const done = `Change ${change.id} (${change.object}: ${change.action}) is undone; this is change ${by.id}.`;
  return [done, describeDifferences(differences), ...passwords].join("\n");
}
