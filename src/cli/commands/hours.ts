import { type Command, Option } from "commander";
import { formatDuration } from "../../api/duration.ts";
import type { HoursView } from "../../api/schemas.ts";
import { wrongUse } from "../errors.ts";
import { duration, examples, hotlineOption, someText, timeOfDay } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { facts, lengthText, paint } from "../text.ts";
import { appointmentText } from "../times.ts";
import { weeklyLines } from "../weekly-lines.ts";

const longestCloseMs = 31 * 86_400_000;

export function addHours(program: Command): void {
  const hours = program
    .command("hours")
    .description("Opening hours: show, set, close for now, open again. Counts for the very next call.");
  addShow(hours);
  addSet(hours);
  addClose(hours);
  addResume(hours);
  examples(hours, [
    ["hotline hours show", "open now? and when next"],
    ["hotline hours set mon-fri 08:00-18:00", ""],
    ["hotline hours close --for 2h --reason 'Fire drill'", ""],
  ]);
}

function addShow(hours: Command): void {
  const command = hours
    .command("show")
    .description("Shows the weekly hours, whether it is open now and why, and when it opens next.")
    .action(async (options: { hotline?: string }, self: Command) => {
      const session = openSession(self);
      const hotline = await session.hotline(options.hotline);
      session.print(await (await session.api()).hours(hotline), describeHours);
    });
  hotlineOption(command);
  examples(command, [["hotline hours show --hotline demo", ""]]);
}

function addSet(hours: Command): void {
  const command = hours
    .command("set")
    .description(
      "Sets the weekly hours of the days that are named; other days stay. All lines are taken or none.",
    )
    .argument("<lines...>", "days and hours, such as mon-fri 08:00-18:00")
    .action(async (words: string[], options: { hotline?: string }, self: Command) => {
      const lines = weeklyLines(words);
      const session = openSession(self);
      const hotline = await session.hotline(options.hotline);
      const api = await session.api();
      await session.confirm(async () => {
        const before = await api.hours(hotline);
        return `${hotline} now has: ${before.weekly.join(", ")}. Set: ${lines.join(", ")}. Go on?`;
      });
      session.print(await api.setHours(hotline, lines), describeHours);
    });
  changing(hotlineOption(command));
  examples(command, [
    ["hotline hours set mon-fri 08:00-18:00", ""],
    ["hotline hours set mon-fri 08:00-18:00 sat-sun closed", "several lines at once"],
    ['hotline hours set "wed 08:00-12:00,14:00-20:00"', "a break at noon"],
    ["hotline hours set mon-sun 00:00-24:00", "around the clock"],
    ["hotline hours set fri-sat 22:00-02:00", "across midnight"],
  ]);
}

interface CloseOptions {
  readonly reason: string;
  readonly until?: string;
  readonly for?: number;
  readonly now?: true;
  readonly hotline?: string;
}

function addClose(hours: Command): void {
  const command = hours
    .command("close")
    .description("Closes for all new callers, until the next regular opening unless an end is given.")
    .requiredOption("--reason <text>", "why; kept in the record", someText)
    .addOption(
      new Option("--until <time>", "open again at this time of day, such as 14:00")
        .argParser(timeOfDay)
        .conflicts("for"),
    )
    .addOption(new Option("--for <duration>", "open again after this time, such as 2h").argParser(duration))
    .option("--now", "who waits is told at once, instead of being served for the closing grace")
    .action(async (options: CloseOptions, self: Command) => {
      const releaseWaiting = options.now === true;
      const forMs = options.for ?? null;
      const until = options.until ?? null;
      if (forMs !== null && (forMs < 1000 || forMs > longestCloseMs))
        throw wrongUse(
          `--for: ${formatDuration(forMs)} is not allowed; from 1s to ${longestCloseMs / 3_600_000}h`,
        );
      const session = openSession(self);
      const hotline = await session.hotline(options.hotline);
      await session.confirm(() => {
        const end =
          until !== null
            ? `until ${until}`
            : forMs !== null
              ? `for ${lengthText(forMs)}`
              : "until the next regular opening";
        return `Close ${hotline} ${end}, reason "${options.reason}"? ${releaseWaiting ? "All who wait are let go too." : "New callers hear that it is closed."}`;
      });
      const { reason } = options;
      const api = await session.api();
      session.print(await api.close(hotline, { reason, until, forMs, releaseWaiting }), describeHours);
    });
  changing(hotlineOption(command));
  examples(command, [
    ["hotline hours close --reason 'Storm'", "until the next regular opening"],
    ["hotline hours close --until 14:00 --reason 'Staff meeting'", ""],
    ["hotline hours close --for 2h --reason 'Fire drill'", ""],
    ["hotline hours close --now --reason 'Evacuation'", "also for those who wait already"],
    ["hotline hours resume", "ends it early"],
  ]);
}

function addResume(hours: Command): void {
  const command = hours
    .command("resume")
    .description("Ends an ad-hoc closing: the weekly hours count again.")
    .action(async (options: { hotline?: string }, self: Command) => {
      const session = openSession(self);
      const hotline = await session.hotline(options.hotline);
      await session.confirm(() => `End the ad-hoc closing of ${hotline}; the weekly hours count again?`);
      session.print(await (await session.api()).resumeHours(hotline), describeHours);
    });
  changing(hotlineOption(command));
  examples(command, [
    ["hotline hours resume --hotline demo", "it opens at once, if it is open at this time of the week"],
  ]);
}

function describeHours(hours: HoursView): string {
  const { hotline, open, reason, adHoc, nextOpening, timeZone, weekly } = hours;
  const lines: [string, string][] = [
    ["now", `${open ? paint("green", "open") : paint("yellow", "CLOSED")}: ${reason}`],
  ];
  // With an ad-hoc closing the reason names its end, and the next regular opening is beside the point.
  if (!open && adHoc === null)
    lines.push(["opens", nextOpening === null ? "not planned" : appointmentText(nextOpening, timeZone)]);
  for (const [i, line] of weekly.entries()) lines.push([i === 0 ? "weekly" : "", line]);
  lines.push(["zone", timeZone]);
  return `${paint("bold", hotline)}\n${facts(lines)}`;
}
