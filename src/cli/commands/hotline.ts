import { type Command, Option } from "commander";
import { strategies } from "../../api/distribution.ts";
import { formatDuration } from "../../api/duration.ts";
import type { HotlineChange, HotlineView } from "../../api/schemas.ts";
import { wrongUse } from "../errors.ts";
import { duration, examples, someText, wholeNumber } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { facts, paint, table } from "../text.ts";

export function addHotline(program: Command): void {
  const hotline = program.command("hotline").description("The hotlines and how they distribute calls.");
  addList(hotline);
  addShow(hotline);
  addSet(hotline);
}

function addList(hotline: Command): void {
  hotline
    .command("list")
    .description("Lists the hotlines.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).hotlines(), (hotlines) => {
        if (hotlines.length === 0) return "There is no hotline yet.";
        const rows = hotlines.map(({ id, name, numbers, strategy, agents }) => [
          id,
          name,
          numbers.join(", ") || "-",
          strategy,
          String(agents.length),
        ]);
        return table(["HOTLINE", "NAME", "NUMBERS", "STRATEGY", "AGENTS"], rows);
      });
    });
}

function addShow(hotline: Command): void {
  hotline
    .command("show")
    .description("Shows a hotline's settings.")
    .argument("[id]", "which hotline; not needed while there is only one", someText)
    .action(async (named: string | undefined, _options: object, self: Command) => {
      const session = openSession(self);
      const id = await session.hotline(named);
      session.print(await (await session.api()).hotline(id), describeHotline);
    });
}

type Settings = Required<HotlineChange>;

/** How a setting is called on the command line and shown. */
const settings: {
  readonly [K in keyof Settings]: { flag: string; label: string; show(value: Settings[K]): string };
} = {
  name: { flag: "--name", label: "name", show: String },
  strategy: { flag: "--strategy", label: "strategy", show: String },
  ringTimeoutMs: { flag: "--ring-timeout", label: "ring timeout", show: formatDuration },
  wrapUpMs: { flag: "--wrap-up", label: "wrap-up", show: formatDuration },
  autoPause: {
    flag: "--auto-pause",
    label: "auto-pause",
    show: (misses) => (misses === 0 ? "never" : `after ${misses} missed in a row`),
  },
  maxWaiting: { flag: "--max-waiting", label: "max. waiting", show: String },
  maxWaitMs: { flag: "--max-wait", label: "max. wait", show: formatDuration },
};
const settingNames = Object.keys(settings) as (keyof Settings)[];

function describeHotline(hotline: HotlineView): string {
  const lines: [string, string][] = settingNames.map((name) => [settings[name].label, shown(name, hotline)]);
  lines.push(["numbers", hotline.numbers.join(", ") || "none"]);
  lines.push(["agents", hotline.agents.join(", ") || "none"]);
  return `${paint("bold", hotline.id)}\n${facts(lines)}`;
}

function shown(name: keyof Settings, values: HotlineChange): string {
  const show = settings[name].show as (value: unknown) => string;
  return show(values[name]);
}

interface SetOptions {
  readonly name?: string;
  readonly strategy?: Settings["strategy"];
  readonly ringTimeout?: number;
  readonly wrapUp?: number;
  readonly autoPause?: number;
  readonly maxWaiting?: number;
  readonly maxWait?: number;
}

function addSet(hotline: Command): void {
  const count = wholeNumber(0, 1_000_000);
  const command = hotline
    .command("set")
    .description("Changes a hotline's settings, also while calls wait. What is not named stays.")
    .argument("[id]", "which hotline; not needed while there is only one", someText)
    .option("--name <name>", "shown on the agents' phones", someText)
    .addOption(new Option("--strategy <strategy>", "whom to ring").choices(strategies))
    .option("--ring-timeout <duration>", "how long one agent's phone rings, such as 20s", duration)
    .option("--wrap-up <duration>", "time after a call until the next one, such as 10s or 0s", duration)
    .option("--auto-pause <count>", "pause agents after so many missed calls in a row, 0 = never", count)
    .option("--max-waiting <count>", "how many callers may wait", count)
    .option("--max-wait <duration>", "how long a caller may wait, such as 60m", duration)
    .action(async (named: string | undefined, options: SetOptions, self: Command) => {
      const change = await checkedChange(options);
      const session = openSession(self);
      const id = await session.hotline(named);
      const api = await session.api();
      await session.confirm(async () => describeChange(await api.hotline(id), change));
      session.print(await api.changeHotline(id, change), describeHotline);
    });
  changing(command);
  examples(command, [
    ["hotline hotline set demo --strategy longest-idle --ring-timeout 20s", ""],
    ["hotline hotline set demo --wrap-up 30s --auto-pause 2", ""],
    ["hotline hotline set demo --max-waiting 500 --max-wait 60m", ""],
  ]);
}

/** Wrong use when nothing is named or a value lies outside what the API allows. */
async function checkedChange(options: SetOptions): Promise<HotlineChange> {
  const all: { [K in keyof Settings]: Settings[K] | undefined } = {
    name: options.name,
    strategy: options.strategy,
    ringTimeoutMs: options.ringTimeout,
    wrapUpMs: options.wrapUp,
    autoPause: options.autoPause,
    maxWaiting: options.maxWaiting,
    maxWaitMs: options.maxWait,
  };
  const change = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as HotlineChange;
  if (Object.keys(change).length === 0)
    throw wrongUse(
      `nothing to change; name at least one of: ${settingNames.map((name) => settings[name].flag).join(", ")}`,
    );
  const { hotlineChangeSchema } = await import("../../api/schemas.ts");
  const parsed = hotlineChangeSchema.safeParse(change);
  if (parsed.success) return change;
  const complaints = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]) as keyof Settings;
    return `${settings[name].flag}: ${shown(name, change)} is not allowed (${issue.message})`;
  });
  throw wrongUse(complaints.join("; "));
}

function describeChange(before: HotlineView, change: HotlineChange): string {
  const lines = settingNames
    .filter((name) => change[name] !== undefined)
    .map((name) => `${settings[name].label} ${shown(name, before)} -> ${shown(name, change)}`);
  return `Change ${before.id}: ${lines.join(", ")}?`;
}
