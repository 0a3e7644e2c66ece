import { type Command, InvalidArgumentError, Option } from "commander";
import { wrongUse } from "../errors.ts";
import { changeHours, type HoursChangeOptions, hoursChanging } from "../hours-change.ts";
import { describeHolidays } from "../hours-text.ts";
import { examples, someText } from "../options.ts";
import { openSession, refuseWithoutYes } from "../session.ts";

/** Hours that are planned: the week, exceptions, holidays. */

export function addSet(hours: Command): void {
  const command = hours
    .command("set")
    .description(
      "Sets the weekly hours of the days that are named; other days stay. All of it is taken or nothing.",
    )
    .argument("<words...>", "days and hours, such as mon-fri 08:00-18:00")
    .option("--from <date>", "from this day on, such as 2026-12-07 or 7.12.; else at once", someText)
    .action(async (words: string[], options: HoursChangeOptions & { from?: string }, self: Command) => {
      const lines = [words.join(" ")];
      const order = { do: "set" as const, lines, from: options.from ?? null };
      await changeHours(self, options, order);
    });
  hoursChanging(command);
  examples(command, [
    ["hotline hours set mon-fri 08:00-18:00", ""],
    ["hotline hours set mon-fri 08:00-18:00 sat-sun closed", "several at once"],
    ["hotline hours set Mo bis Fr 8 bis 18 Uhr", ""],
    ["hotline hours set wed 08:00-12:00,14:00-20:00", "a break at noon"],
    ["hotline hours set 24/7", "around the clock"],
    ["hotline hours set fri-sat 22:00-02:00", "across midnight"],
    ["hotline hours set mon 8-14 --from 2026-12-07", "from then on"],
  ]);
}

interface ExceptOptions extends HoursChangeOptions {
  readonly reason?: string;
  readonly announcement?: "special_1" | "special_2" | "special_3";
  readonly remove?: true;
}

export function addExcept(hours: Command): void {
  const command = hours
    .command("except")
    .description("Other hours on a day, or from one day to another; they go before holidays and the week.")
    .argument("<words...>", "the date and the hours, such as 24.12. 8-12 or 2026-12-24..2027-01-01 closed")
    .option("--reason <text>", "why; kept in the record and shown", someText)
    .addOption(
      new Option("--announcement <name>", "what callers hear then instead of `closed`").choices([
        "special_1",
        "special_2",
        "special_3",
      ]),
    )
    .option("--remove", "these days are as usual again")
    .action(async (words: string[], options: ExceptOptions, self: Command) => {
      const text = words.join(" ");
      const { reason, announcement, remove } = options;
      if (remove) {
        if (announcement !== undefined)
          throw wrongUse("--announcement goes with new hours, not with --remove");
        await changeHours(self, options, { do: "remove_exception", days: text });
        return;
      }
      if (reason === undefined)
        throw wrongUse("required option '--reason <text>' not specified; for example --reason Heiligabend");
      await changeHours(self, options, {
        do: "except",
        line: text,
        reason,
        announcement: announcement ?? null,
      });
    });
  hoursChanging(command);
  examples(command, [
    ["hotline hours except 24.12. 8-12 --reason Heiligabend", ""],
    ["hotline hours except 2026-12-24..2027-01-01 closed --reason 'Between the years'", ""],
    ["hotline hours except 7.12. closed --reason Move --announcement special_1", ""],
    ["hotline hours except 24.12. --remove", ""],
  ]);
}

interface HolidayOptions extends HoursChangeOptions {
  readonly yes?: true;
  readonly except?: string[];
  readonly keep?: string[];
  readonly add?: string[];
  readonly removeOwn?: string[];
}

const collect = (text: string, before: readonly string[] = []): string[] => {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty");
  return [...before, text];
};

export function addHolidays(hours: Command): void {
  const command = hours
    .command("holidays")
    .description("Lists the holidays on which it is closed, or changes them.")
    .argument("[region]", "a federal state such as TH or Thüringen, or none", someText)
    .option("--except <name>", "this holiday is worked on; several times", collect)
    .option("--keep <name>", "this holiday is kept again; several times", collect)
    .option("--add <day and name>", "one of our own, each year: '12-24 Heiligabend'", collect)
    .option("--remove-own <name or day>", "takes one of our own away", collect)
    .option("--reason <text>", "why; kept in the history", someText)
    .option("--yes", "do it without asking")
    .action(async (region: string | undefined, options: HolidayOptions, self: Command) => {
      const { except: workOn = [], keep = [], add = [], removeOwn = [] } = options;
      const isChange = region !== undefined || [workOn, keep, add, removeOwn].some((list) => list.length > 0);
      if (!isChange) {
        const session = openSession(self);
        const hotline = await session.hotline(options.hotline);
        session.print(await (await session.api()).holidays(hotline), describeHolidays);
        return;
      }
      refuseWithoutYes(options);
      const order = { do: "holidays", region: region ?? null, workOn, keep, add, removeOwn } as const;
      await changeHours(self, options, order);
    });
  command
    .option("--hotline <id>", "which hotline; not needed while there is only one", someText)
    .option("--dry-run", "only say what would differ; nothing is changed");
  examples(command, [
    ["hotline hours holidays", "those of the coming year"],
    ["hotline hours holidays TH", ""],
    ["hotline hours holidays --except Weltkindertag", "open on that day"],
    ["hotline hours holidays --add '12-24 Heiligabend' --add '31.12. Silvester'", ""],
    ["hotline hours holidays none", "no public holidays; our own stay"],
  ]);
}

export function addShare(hours: Command): void {
  const command = hours
    .command("share")
    .description("Lets a hotline have the hours of another one; closing and opening for now stay its own.")
    .argument("<hotline>", "which hotline", someText)
    .argument("<other>", "whose hours, or none for its own", someText)
    .action(async (hotline: string, other: string, options: HoursChangeOptions, self: Command) => {
      if (options.hotline !== undefined && options.hotline !== hotline)
        throw wrongUse(`which hotline: ${hotline} or ${options.hotline}?`);
      const shared = other.toLowerCase() === "none" ? null : other;
      await changeHours(self, { ...options, hotline }, { do: "share", with: shared });
    });
  hoursChanging(command);
  examples(command, [
    ["hotline hours share sued demo", "sued is open when demo is"],
    ["hotline hours share sued none", "hours of its own again"],
  ]);
}

export function addZone(hours: Command): void {
  const command = hours
    .command("zone")
    .description("Sets the time zone in which the hours are meant.")
    .argument("<zone>", "such as Europe/Berlin", someText)
    .action((timeZone: string, options: HoursChangeOptions, self: Command) =>
      changeHours(self, options, { do: "zone", timeZone }),
    );
  hoursChanging(command);
  examples(command, [["hotline hours zone Europe/Berlin", ""]]);
}
