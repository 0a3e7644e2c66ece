import { type Command, Option } from "commander";
import { formatDuration } from "../../api/duration.ts";
import { wrongUse } from "../errors.ts";
import { changeHours, type HoursChangeOptions, hoursChanging } from "../hours-change.ts";
import { duration, examples, someText } from "../options.ts";

/** Closing and opening for now. */

const longestMs = 31 * 86_400_000;

interface EndingOptions extends HoursChangeOptions {
  readonly reason: string;
  readonly until?: string;
  readonly for?: number;
  readonly now?: true;
}

export function addClose(hours: Command): void {
  const command = hours
    .command("close")
    .description("Closes for all new callers, until the next regular opening unless an end is given.");
  withEnding(command, "open again")
    .option("--now", "who waits is told at once, instead of being served for the closing grace")
    .action(async (options: EndingOptions, self: Command) => {
      const releaseWaiting = options.now === true;
      const order = { do: "close", ...ending(options), releaseWaiting } as const;
      const then = releaseWaiting ? "All who wait are let go too." : "New callers hear that it is closed.";
      await changeHours(self, options, order, `Close, reason "${options.reason}"? ${then}`);
    });
  hoursChanging(command);
  examples(command, [
    ["hotline hours close --reason 'Storm'", "until the next regular opening"],
    ["hotline hours close --until 14:00 --reason 'Staff meeting'", ""],
    ["hotline hours close --until '7.12. 8 Uhr' --reason 'Move'", "until a day"],
    ["hotline hours close --until resumed --reason 'Flood'", "until `hotline hours resume`"],
    ["hotline hours close --for 2h --reason 'Fire drill'", ""],
    ["hotline hours close --now --reason 'Evacuation'", "also for those who wait already"],
    ["hotline hours resume", "ends it early"],
  ]);
}

export function addOpen(hours: Command): void {
  const command = hours
    .command("open")
    .description("Opens outside the hours, until they next close unless an end is given.");
  withEnding(command, "the hours count again").action(async (options: EndingOptions, self: Command) => {
    const order = { do: "open", ...ending(options) } as const;
    await changeHours(self, options, order, `Open, reason "${options.reason}"?`);
  });
  hoursChanging(command);
  examples(command, [
    ["hotline hours open --until 22:00 --reason 'Election night'", ""],
    ["hotline hours open --for 3h --reason 'Flood'", "on a holiday too"],
  ]);
}

export function addResume(hours: Command): void {
  const command = hours
    .command("resume")
    .description("Ends what was closed or opened for now: the planned hours count again.")
    .action((options: HoursChangeOptions, self: Command) =>
      changeHours(self, options, { do: "resume" }, "Let the planned hours count again?"),
    );
  hoursChanging(command);
  examples(command, [
    ["hotline hours resume --hotline demo", "it opens at once, if it is open at this time of the week"],
  ]);
}

function withEnding(command: Command, then: string): Command {
  return command
    .requiredOption("--reason <text>", "why; kept in the record", someText)
    .addOption(
      new Option("--until <time>", `${then} then: 14:00, '2026-12-07 14:00', '7.12. 14 Uhr'; or resumed`)
        .argParser(someText)
        .conflicts("for"),
    )
    .addOption(new Option("--for <duration>", `${then} after this time, such as 2h`).argParser(duration));
}

function ending({ reason, until, for: forMs }: EndingOptions) {
  if (forMs !== undefined && (forMs < 1000 || forMs > longestMs))
    throw wrongUse(`--for: ${formatDuration(forMs)} is not allowed; from 1s to ${longestMs / 3_600_000}h`);
  return { reason, until: until ?? null, forMs: forMs ?? null };
}
