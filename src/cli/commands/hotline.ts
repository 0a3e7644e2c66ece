import type { Command } from "commander";
import type { HotlineView } from "../../api/schemas.ts";
import { wrongUse } from "../errors.ts";
import { examples, hotlineOption, someText } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { changeFrom, describeSettings, settingFacts, settingOptions } from "../settings.ts";
import { facts, listLines, paint, table } from "../text.ts";

export function addHotline(program: Command): void {
  const hotline = program
    .command("hotline")
    .description("The hotlines and how they distribute calls: add, show, set, remove.");
  addAdd(hotline);
  addList(hotline);
  addShow(hotline);
  addSet(hotline);
  addRemove(hotline);
  examples(hotline, [
    ["hotline hotline list", ""],
    ["hotline hotline show demo", "all settings"],
    ["hotline hotline set demo --strategy ring-all", ""],
  ]);
}

function addAdd(hotline: Command): void {
  const command = hotline
    .command("add")
    .description("Adds a hotline. It is closed until its opening hours are set.")
    .argument("<id>", "1 to 32 letters, digits, - or _, such as sued", someText);
  settingOptions(command).action(async (id: string, options: Record<string, unknown>, self: Command) => {
    if (options.name === undefined)
      throw wrongUse("required option '--name <name>' not specified; see hotline hotline add --help");
    const change = await changeFrom(options);
    const { name = "" } = change;
    const session = openSession(self);
    await session.confirm(() => `Add hotline ${id} (${describeSettings(change)})?`);
    const added = await (await session.api()).addHotline({ ...change, id, name });
    session.print(added, (view) => `Hotline ${view.id} is there.\n${describeHotline(view)}`);
  });
  changing(command);
  examples(command, [
    ["hotline hotline add sued --name 'Bürgertelefon Süd'", ""],
    ["hotline hours set --hotline sued mon-fri 08:00-18:00", "then its hours,"],
    ["hotline number add 116 sued", "the number that leads to it,"],
    ["hotline agent assign 201 sued", "and who answers"],
  ]);
}

function addList(hotline: Command): void {
  const command = hotline
    .command("list")
    .description("Lists the hotlines.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).hotlines(), (hotlines) => {
        if (hotlines.length === 0) return "There is no hotline yet; see: hotline hotline add --help";
        const rows = hotlines.map(({ id, name, numbers, strategy, agents, missing }) => [
          id,
          name,
          numbers.join(", ") || "-",
          strategy,
          String(agents.length),
          missing.length === 0 ? "-" : paint("yellow", missing.join(", ")),
        ]);
        return table(["HOTLINE", "NAME", "NUMBERS", "STRATEGY", "AGENTS", "MISSING"], rows);
      });
    });
  examples(command, [
    ["hotline hotline list", ""],
    ["hotline hotline list --json | jq -r '.[].id'", "for a script"],
  ]);
}

/** The hotline may be named by its place or by the option that other commands have. */
function oneName(place: string | undefined, option: string | undefined): string | undefined {
  if (place !== undefined && option !== undefined && place !== option)
    throw wrongUse(`which hotline: ${place} or ${option}? Name it once`);
  return place ?? option;
}

function addShow(hotline: Command): void {
  const command = hotline
    .command("show")
    .description("Shows a hotline's settings, as `hotline hotline set` takes them.")
    .argument("[id]", "which hotline; not needed while there is only one", someText)
    .action(async (id: string | undefined, options: { hotline?: string }, self: Command) => {
      const named = oneName(id, options.hotline);
      const session = openSession(self);
      session.print(await (await session.api()).hotline(await session.hotline(named)), describeHotline);
    });
  hotlineOption(command);
  examples(command, [["hotline hotline show demo", ""]]);
}

function describeHotline(hotline: HotlineView): string {
  const { numberSkills, memberships, missing } = hotline;
  const numbers = numberSkills.map(({ number, skills }) => withSkills(number, skills));
  const lines: [string, string][] = settingFacts(hotline);
  const addList = (name: string, items: readonly string[]) =>
    listLines(items, 54).forEach((line, i) => {
      lines.push([i === 0 ? name : "", line]);
    });
  addList("numbers", numbers);
  const tiers = [...new Set(memberships.map(({ tier }) => tier))].sort((a, b) => a - b);
  if (tiers.length === 0) addList("agents", []);
  for (const tier of tiers) {
    const agents = memberships.filter((each) => each.tier === tier);
    addList(
      `agents, tier ${tier}`,
      agents.map(({ agent, skills }) => withSkills(agent, skills)),
    );
  }
  const text = `${paint("bold", hotline.id)}\n${facts(lines)}`;
  return missing.length === 0 ? text : `${text}\n\n${describeMissing(hotline)}`;
}

const withSkills = (id: string, skills: readonly string[]) =>
  skills.length === 0 ? id : `${id} (${skills.join(",")})`;

function describeMissing({ id, missing }: HotlineView): string {
  const commands: Record<HotlineView["missing"][number], string> = {
    hours: `hotline hours set --hotline ${id} mon-fri 08:00-18:00`,
    number: `hotline number add NUMBER ${id}`,
    agents: `hotline agent assign AGENT ${id}`,
  };
  const lines = missing.map((what): [string, string] => [what, commands[what]]);
  return `${paint("yellow", "Callers cannot be served yet. Still missing:")}\n${facts(lines)}`;
}

function addSet(hotline: Command): void {
  const command = hotline
    .command("set")
    .description("Changes a hotline's settings, also while calls wait. What is not named stays.")
    .argument("[id]", "which hotline; not needed while there is only one", someText);
  settingOptions(hotlineOption(command)).action(
    async (id: string | undefined, options: Record<string, unknown>, self: Command) => {
      const named = oneName(id, options.hotline as string | undefined);
      const change = await changeFrom(options);
      const session = openSession(self);
      const hotline = await session.hotline(named);
      const api = await session.api();
      await session.confirm(async () => {
        const before = await api.hotline(hotline);
        return `Change ${before.id}: ${describeSettings(change, before)}?`;
      });
      session.print(await api.changeHotline(hotline, change), describeHotline);
    },
  );
  changing(command);
  examples(command, [
    ["hotline hotline set demo --strategy longest-idle --ring-timeout 20s", ""],
    ["hotline hotline set --wrap-up 30s --auto-pause 2", ""],
    ["hotline hotline set --periodic 'position 45s, waiting_1 60s'", ""],
    ["hotline hotline set --overflow 'waited 90s: next-tier' --overflow 'full: forward 0361123'", ""],
    ["hotline hotline set --overflow none", ""],
  ]);
}

function addRemove(hotline: Command): void {
  const command = hotline
    .command("remove")
    .description("Removes a hotline for good. No number and no overflow step may lead to it any more.")
    .argument("<id>", "which hotline", someText)
    .action(async (id: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(
        () => `Remove hotline ${id} for good, with its hours, settings and recordings? Agents stay.`,
      );
      await (await session.api()).removeHotline(id);
      session.print({ id, removed: true }, () => `Hotline ${id} is removed.`);
    });
  changing(command);
  examples(command, [
    ["hotline number remove 116", "first what leads to it,"],
    ["hotline hotline remove sued", "then the hotline"],
  ]);
}
