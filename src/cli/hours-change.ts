import type { Command } from "commander";
import type { HoursOrderInput, HoursPreview, HoursView } from "../api/hours.ts";
import { describeHours, describePreview } from "./hours-text.ts";
import { hotlineOption } from "./options.ts";
import { changing, openSession } from "./session.ts";

export interface HoursChangeOptions {
  readonly hotline?: string;
  readonly dryRun?: true;
}

/** Options of every command that changes opening hours. */
export function hoursChanging(command: Command): Command {
  return changing(hotlineOption(command)).option(
    "--dry-run",
    "only say what would differ; nothing is changed",
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
  let shown = false;
  await session.confirm(async () => {
    process.stderr.write(`${describePreview(await api.previewHours(hotline, order))}\n`);
    shown = true;
    return question;
  });
  const preview = shown || session.json ? null : await api.previewHours(hotline, order);
  const result = await api.changeHours(hotline, order);
  session.print(result, (view) => describeResult(preview, view));
}

function describeResult(preview: HoursPreview | null, view: HoursView): string {
  return [...(preview ? [describePreview(preview)] : []), describeHours(view)].join("\n\n");
}
