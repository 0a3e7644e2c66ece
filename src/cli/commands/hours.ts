import type { Command } from "commander";
import { describeHours, describeNext } from "../hours-text.ts";
import { examples, hotlineOption, wholeNumber } from "../options.ts";
import { openSession } from "../session.ts";
import { addClose, addOpen, addResume } from "./hours-ad-hoc.ts";
import { addExcept, addHolidays, addSet, addShare, addZone } from "./hours-plan.ts";

export function addHours(program: Command): void {
  const hours = program
    .command("hours")
    .description("Opening hours: the week, exceptions, holidays, closing and opening for now.");
  addShow(hours);
  addNext(hours);
  addSet(hours);
  addExcept(hours);
  addHolidays(hours);
  addClose(hours);
  addOpen(hours);
  addResume(hours);
  addShare(hours);
  addZone(hours);
  examples(hours, [
    ["hotline hours show", "the coming two weeks, as on a door"],
    ["hotline hours set mon-fri 08:00-18:00", ""],
    ["hotline hours except 24.12. 8-12 --reason Heiligabend", ""],
    ["hotline hours holidays TH", "closed on the public holidays of Thüringen"],
    ["hotline hours close --for 2h --reason 'Fire drill'", ""],
  ]);
}

function addShow(hours: Command): void {
  const command = hours
    .command("show")
    .description("Shows the coming days as they would stand on a door, and whether it is open now and why.")
    .option("--days <number>", "how many; else 14", wholeNumber(1, 366))
    .action(async (options: { hotline?: string; days?: number }, self: Command) => {
      const session = openSession(self);
      const hotline = await session.hotline(options.hotline);
      session.print(await (await session.api()).hours(hotline, options.days), describeHours);
    });
  hotlineOption(command);
  examples(command, [
    ["hotline hours show --hotline demo", ""],
    ["hotline hours show --days 60", "with the holidays of two months"],
  ]);
}

function addNext(hours: Command): void {
  const command = hours
    .command("next")
    .description("Says when it opens or closes next.")
    .action(async (options: { hotline?: string }, self: Command) => {
      const session = openSession(self);
      const view = await (await session.api()).hours(await session.hotline(options.hotline), 1);
      const { hotline, open, reason, nextOpening, nextClosing, timeZone } = view;
      session.print({ hotline, open, reason, nextOpening, nextClosing, timeZone }, describeNext);
    });
  hotlineOption(command);
  examples(command, [["hotline hours next --json | jq -r .nextOpening", "for a script"]]);
}
