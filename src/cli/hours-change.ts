import type { Command } from "commander";
import type { HoursOrderInput } from "../api/hours.ts";
import { describeNext, describePreview } from "./hours-text.ts";
import { hotlineOption } from "./options.ts";
import { changing, openSession } from "./session.ts";
import { printable } from "./text.ts";

export interface HoursChangeOptions {
  readonly hotline?: string;
  readonly dryRun?: true;
}

/** Options of every command that changes opening hours. */
export function hoursChanging(command: Command): Command {
  return changing(
    hotlineOption(command).option("--dry-run", "only say what would differ; nothing is changed"),
  );
}

/** Says what will differ, asks, and makes the change. `question`: what there is to know beyond the preview. */
export async function changeHours(
  self: Command,
  { hotline: named, dryRun }: HoursChangeOptions,
  order: HoursOrderInput,
  question = "Make this change?",
): Promise<void> {
  const session = openSession(self);
  const hotline = await session.hotline(named);
  const api = await session.api();
  if (dryRun) {
    session.print(await api.previewHours(hotline, order), describePreview);
    return;
  }
  let done = "Done; `hotline undo` takes it back.";
  let basis: string | null = null;
  if (session.json) await session.confirm(() => question);
  else {
    const preview = await api.previewHours(hotline, order);
    process.stdout.write(`${describePreview(printable(preview))}\n`);
    if (!preview.changes) return;
    // `undo` would take back the change before.
    if (preview.confirms) done = "It was so already; there is nothing to undo.";
    // What somebody has said yes to is what is done; with --yes it is to be done whatever the hours are.
    if (await session.confirm(() => question, true)) basis = preview.basis;
  }
  session.print(await api.changeHours(hotline, order, basis), (view) => `${done}\n${describeNext(view)}`);
}
