import type { Command } from "commander";
import { examples, someText } from "../options.ts";
import { openSession } from "../session.ts";

export type WatchOptions = {
  readonly hotline?: string;
  readonly once?: boolean;
  readonly plain?: boolean;
  readonly color?: boolean;
};

export function addWatch(program: Command): void {
  const command = program
    .command("watch")
    .description("Shows what happens, the moment it happens: hotlines, callers, agents, today's figures.")
    .option("--hotline <id>", "only this hotline", someText)
    .option("--once", "show it once and end")
    .option("--plain", "a line for each change; so also without a terminal")
    .option("--color", "colours also without a terminal")
    .option("--no-color", "no colours; so also with NO_COLOR set")
    .action(async (options: WatchOptions, self: Command) => {
      const session = openSession(self);
      // The daemon's schemas take a while to load; no other command needs this.
      const { watch } = await import("../watch/watch.ts");
      await watch(session.home, {
        only: options.hotline ?? null,
        once: options.once === true,
        json: session.json,
        plain: options.plain === true || process.stdout.isTTY !== true || process.stdin.isTTY !== true,
        colour: options.color ?? process.stdout.hasColors?.() ?? false,
      });
    });
  examples(command, [
    ["hotline watch", "q quits"],
    ["hotline watch --plain | grep ' call '", "a line for each change"],
    ["hotline watch --json", "for a program: a snapshot, then the changes"],
    ["hotline watch --once --hotline demo", ""],
  ]);
}
