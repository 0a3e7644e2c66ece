import { type Command, InvalidArgumentError, Option } from "commander";
import { periodicAnnouncements, strategies } from "../api/distribution.ts";
import { formatDuration } from "../api/duration.ts";
import { LineError } from "../api/line-error.ts";
import {
  actionExamples,
  conditionExamples,
  formatOverflowStep,
  parseOverflowStep,
} from "../api/overflow-line.ts";
import { formatPeriodic, parsePeriodic } from "../api/periodic-line.ts";
import type { HotlineChange, HotlineSettings, OverflowStep, Periodic } from "../api/schemas.ts";
import { wrongUse } from "./errors.ts";
import { duration, someText, wholeNumber, yesOrNo } from "./options.ts";

/** Stands for null, which commander takes for an option that was given without a value. */
const noValue = Symbol("null");

/** How a hotline's setting is given on the command line, and shown so that it can be given again. */
interface Setting<Value> {
  readonly flag: string;
  readonly help: string;
  readonly choices?: readonly string[];
  parse?(text: string, before: Value | undefined): Value | typeof noValue;
  /** As it is given on the command line; a list has a line for each. */
  show(value: Value): string | readonly string[];
  /** What the value means, where it does not say so. */
  note?(value: Value): string | null;
}

const settings: { readonly [K in keyof HotlineSettings]: Setting<HotlineSettings[K]> } = {
  name: { flag: "--name <name>", help: "shown on the agents' phones", parse: someText, show: String },
  strategy: {
    flag: "--strategy <strategy>",
    help: "whom to ring",
    choices: strategies,
    show: String,
  },
  priority: {
    flag: "--priority <number>",
    help: "who serves several hotlines takes the call of the one with the highest, -100 to 100",
    parse: wholeNumber(-100, 100),
    show: String,
  },
  ringTimeoutMs: {
    flag: "--ring-timeout <duration>",
    help: "how long one agent's phone rings, such as 20s",
    parse: duration,
    show: formatDuration,
  },
  ringNextAfterMs: {
    flag: "--ring-next-after <duration>",
    help: "strategy progressive: one more agent is rung each time, such as 10s",
    parse: duration,
    show: formatDuration,
  },
  nextTierAfterMs: {
    flag: "--next-tier-after <duration>",
    help: "one more tier joins each time a caller has waited this long, such as 30s",
    parse: duration,
    show: formatDuration,
  },
  wrapUpMs: {
    flag: "--wrap-up <duration>",
    help: "time after a call until the next one, such as 10s or 0s",
    parse: duration,
    show: formatDuration,
  },
  autoPause: {
    flag: "--auto-pause <count>",
    help: "pause agents after so many missed calls in a row, 0 = never",
    parse: wholeNumber(0, 1_000_000),
    show: String,
    note: (misses) => (misses === 0 ? "never" : "missed calls in a row"),
  },
  maxWaiting: {
    flag: "--max-waiting <count>",
    help: "how many callers may wait",
    parse: wholeNumber(0, 1_000_000),
    show: String,
  },
  maxWaitMs: {
    flag: "--max-wait <duration>",
    help: "how long a caller may wait, such as 60m",
    parse: duration,
    show: formatDuration,
  },
  shortAbandonMs: {
    flag: "--short-abandon <duration>",
    help: "who gives up within this time is counted apart, such as 5s",
    parse: duration,
    show: formatDuration,
  },
  resumeWithinMs: {
    flag: "--resume-within <duration>",
    help: "who gave up and calls again in time gets the old place, such as 10m; 0 = off",
    parse: (text) => (text === "0" ? 0 : duration(text)),
    show: formatDuration,
    note: (ms) => (ms === 0 ? "off" : null),
  },
  closingGraceMs: {
    flag: "--closing-grace <duration>",
    help: "how long those are served who wait at closing time, such as 30m; none = until answered",
    parse: (text) => (text.trim().toLowerCase() === "none" ? noValue : duration(text)),
    show: (ms) => (ms === null ? "none" : formatDuration(ms)),
    note: (ms) => (ms === null ? "until answered" : null),
  },
  greetingMustFinish: {
    flag: "--greeting-must-finish <yes|no>",
    help: "nobody is rung before the greeting is over",
    parse: yesOrNo,
    show: (must) => (must ? "yes" : "no"),
  },
  periodic: {
    flag: "--periodic <list>",
    help: "heard while waiting, in turn: 'waiting_1 60s'; several times or with commas; none clears",
    parse: (text, before) => collect("--periodic", text, before, parsePeriodic),
    show: (list: readonly Periodic[]) => (list.length === 0 ? "none" : list.map(formatPeriodic)),
  },
  overflow: {
    flag: "--overflow <step>",
    help: "what else to try, in order: 'waited 120s: move sued'; several times; none clears",
    parse: (text, before) => collect("--overflow", text, before, (line) => [parseOverflowStep(line)]),
    show: (list: readonly OverflowStep[]) => (list.length === 0 ? "none" : list.map(formatOverflowStep)),
  },
};

const settingNames = Object.keys(settings) as (keyof HotlineSettings)[];
const optionOf = (name: keyof HotlineSettings) => new Option(settings[name].flag, settings[name].help);
const flagOf = (name: keyof HotlineSettings) => optionOf(name).long!;

/** What `none` stands for must stand alone; else the texts add up. */
function collect<Item>(
  flag: string,
  text: string,
  before: readonly Item[] | undefined,
  parse: (text: string) => Item[],
): Item[] {
  const isNone = text.trim().toLowerCase() === "none";
  if (before !== undefined && (isNone || before.length === 0))
    throw new InvalidArgumentError(`${flag} none clears the list and stands alone`);
  if (isNone) return [];
  try {
    return [...(before ?? []), ...parse(text)];
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    throw new InvalidArgumentError(`At character ${error.position + 1}: ${error.message}`);
  }
}

/** All settings as options; read back by changeFrom(). */
export function settingOptions(command: Command): Command {
  for (const name of settingNames) {
    const { choices, parse } = settings[name] as Setting<unknown>;
    const option = optionOf(name);
    if (choices) option.choices(choices);
    if (parse) option.argParser(parse);
    command.addOption(option);
  }
  return command.addHelpText(
    "after",
    [
      "",
      "Steps of --overflow are CONDITION: ACTION.",
      `  conditions  ${conditionExamples.join(", ")}`,
      `  actions     ${actionExamples.slice(0, 3).join(", ")},`,
      `              ${actionExamples.slice(3).join(", ")}`,
      `Announcements of --periodic: ${periodicAnnouncements.join(", ")}`,
      "docs/distribution.md says what each setting means.",
    ].join("\n"),
  );
}

/** What was named on the command line. Wrong use when a value lies outside what the API allows. */
export async function changeFrom(options: Record<string, unknown>): Promise<HotlineChange> {
  const change = Object.fromEntries(
    settingNames
      .map((name) => [name, options[optionOf(name).attributeName()]] as const)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value === noValue ? null : value]),
  ) as HotlineChange;
  if (Object.keys(change).length === 0)
    throw wrongUse(`nothing to change; name at least one of: ${settingNames.map(flagOf).join(", ")}`);
  const { hotlineChangeSchema } = await import("../api/schemas.ts");
  const parsed = hotlineChangeSchema.safeParse(change);
  if (parsed.success) return change;
  const complaints = parsed.error.issues.map(({ path, message }) => {
    const [name, index] = path as [keyof HotlineSettings, number?];
    const lines = shown(name, change);
    return `${flagOf(name)}: ${lines[index ?? 0]} is not allowed (${message})`;
  });
  throw wrongUse(complaints.join("; "));
}

function shown(name: keyof HotlineSettings, values: HotlineChange): readonly string[] {
  const text = (settings[name] as Setting<unknown>).show(values[name]);
  return typeof text === "string" ? [text] : text;
}

/** Lines of a name, which is that of the option, and a value. */
export function settingFacts(values: HotlineSettings): [string, string][] {
  return settingNames.flatMap((name) => {
    const note = (settings[name] as Setting<unknown>).note?.(values[name]) ?? null;
    return shown(name, values).map((line, i): [string, string] => [
      i === 0 ? flagOf(name).slice(2) : "",
      note === null ? line : `${line}  (${note})`,
    ]);
  });
}

/** `ring-timeout 20s -> 30s, overflow none -> waited 90s: next-tier`, or without the old values of a new hotline. */
export function describeSettings(change: HotlineChange, before?: HotlineSettings): string {
  const value = (name: keyof HotlineSettings, of: HotlineChange) => shown(name, of).join(" | ");
  return settingNames
    .filter((name) => change[name] !== undefined)
    .map((name) => {
      const old = before === undefined ? "" : `${value(name, before)} -> `;
      return `${flagOf(name).slice(2)} ${old}${value(name, change)}`;
    })
    .join(", ");
}
