import { type Command, InvalidArgumentError } from "commander";
import type { StaffingQuestion, StaffingView } from "../../api/staffing.ts";
import { wrongUse } from "../errors.ts";
import { duration, examples, hotlineOption } from "../options.ts";
import { openSession } from "../session.ts";
import { countText, lengthText, paint, table } from "../text.ts";

interface StaffingOptions {
  readonly callsPerHour?: number;
  readonly talk?: number;
  readonly wrapUp?: number;
  readonly patience?: number;
  readonly target?: Target;
  readonly weeks?: number;
  readonly hotline?: string;
}

type Target = { readonly percent: number; readonly withinMs: number };

export function addStaffing(program: Command): void {
  const command = program
    .command("staffing")
    .description(
      "How many agents are needed. Without figures: for the busiest hour of the week, from the calls of the last weeks.",
    )
    .option("--calls-per-hour <count>", "how many people call in an hour, such as 30", decimal)
    .option("--talk <duration>", "how long a conversation lasts on average, such as 6m", duration)
    .option("--wrap-up <duration>", "time after a call until the next one, such as 30s", duration)
    .option("--patience <duration>", "how long callers wait on average before they give up", duration)
    .option(
      "--target <percent/seconds>",
      "so many percent answered in so many seconds (default: 75/30)",
      target,
    )
    .option("--weeks <count>", "how far back to look at the calls, 1 to 52 (default: 4)", decimal);
  hotlineOption(command).action(async (options: StaffingOptions, self: Command) => {
    const question = await checkedQuestion(options);
    const session = openSession(self);
    const from = question.talkMs === undefined ? { hotline: await session.hotline(options.hotline) } : {};
    session.print(await (await session.api()).staffing({ ...question, ...from }), describeStaffing);
  });
  examples(command, [
    ["hotline staffing --calls-per-hour 30 --talk 6m --target 75/30", ""],
    ["hotline staffing --calls-per-hour 30 --talk 6m --wrap-up 30s --patience 3m", "some give up"],
    ["hotline staffing", "for the busiest hour, from the calls of the last 4 weeks"],
    ["hotline staffing --weeks 12 --target 80/20", ""],
  ]);
}

/** Commander's own default for numbers takes `12abc`. */
function decimal(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError("Allowed: a number, for example 30");
  return Number(text);
}

function target(text: string): Target {
  const [, percent, seconds] = /^(\d{1,4}(?:\.\d{1,3})?)\/(\d{1,6})$/.exec(text) ?? [];
  if (percent === undefined || seconds === undefined)
    throw new InvalidArgumentError("Allowed: percent/seconds, for example 75/30");
  return { percent: Number(percent), withinMs: Number(seconds) * 1000 };
}

const flags: { readonly [K in keyof StaffingQuestion]: string } = {
  callsPerHour: "--calls-per-hour",
  talkMs: "--talk",
  wrapUpMs: "--wrap-up",
  patienceMs: "--patience",
  targetPercent: "--target",
  targetWithinMs: "--target",
  weeks: "--weeks",
  hotline: "--hotline",
};

/** Wrong use when a value lies outside what the API allows, or the figures do not go together. */
async function checkedQuestion(options: StaffingOptions): Promise<StaffingQuestion> {
  const all: { [K in keyof StaffingQuestion]: StaffingQuestion[K] | undefined } = {
    callsPerHour: options.callsPerHour,
    talkMs: options.talk,
    wrapUpMs: options.wrapUp,
    patienceMs: options.patience,
    targetPercent: options.target?.percent,
    targetWithinMs: options.target?.withinMs,
    weeks: options.weeks,
    hotline: options.hotline,
  };
  const question = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const { staffingQuerySchema } = await import("../../api/staffing.ts");
  const parsed = staffingQuerySchema.safeParse(question);
  if (parsed.success) return question;
  const complaints = parsed.error.issues.map(({ path, message }) => {
    const flag = flags[path[0] as keyof StaffingQuestion];
    return flag === undefined ? message : `${flag}: not allowed (${message})`;
  });
  throw wrongUse(complaints.join("; "));
}

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function describeStaffing(staffing: StaffingView): string {
  const { agents, agentsMin, targetPercent, targetWithinMs, patienceMs } = staffing;
  const needed = paint("bold", `${countText(agents, "agent is", "agents are")} needed`);
  const within = lengthText(targetWithinMs);
  const parts = [
    ...describeRecord(staffing),
    `${describeDemand(staffing)}\n${needed} to answer ${targetPercent} % of the calls within ${within}.`,
    describeTable(staffing).trimEnd(),
  ];
  if (agentsMin > 1) parts.push(`With fewer than ${agentsMin} agents the queue would grow without end.`);
  parts.push(
    patienceMs === null
      ? "Erlang C: calls come at random and everybody waits. The time until an agent picks up comes on top."
      : "Erlang A: calls come at random, some give up. The time until an agent picks up comes on top.",
  );
  return parts.join("\n\n");
}

function describeRecord({ record }: StaffingView): string[] {
  if (!record) return [];
  const { hotline, weekday, hour, weeks, hours, calls, answeredCalls, timeZone } = record;
  const clock = (h: number) => `${String(h).padStart(2, "0")}:00`;
  const name = `${weekdays[weekday - 1]} ${clock(hour)}-${clock(hour + 1)}`;
  const period = weeks === 1 ? "last week" : `last ${weeks} weeks`;
  return [
    [
      `${hotline}: the busiest hour of the ${period} was ${paint("bold", name)} (${timeZone}),`,
      `with ${countText(calls, "call", "calls")} in ${countText(hours, "such hour", "such hours")}. ` +
        `The talk time is that of ${answeredCalls} answered calls of all hours.`,
    ].join("\n"),
  ];
}

function describeDemand({ callsPerHour, talkMs, wrapUpMs, patienceMs, load }: StaffingView): string {
  const wrapUp = wrapUpMs === 0 ? "" : ` and ${lengthText(wrapUpMs)} of wrap-up`;
  const patience = patienceMs === null ? "" : `, patience of ${lengthText(patienceMs)}`;
  return `${round(callsPerHour)} calls per hour, ${lengthText(talkMs)} of talk${wrapUp}${patience}: a load of ${round(load)} erlangs.`;
}

const round = (figure: number) => String(Math.round(figure * 10) / 10);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function describeTable({ table: lines, agents, targetWithinMs, patienceMs }: StaffingView): string {
  const head = ["", "AGENTS", "OCCUPANCY", "MUST WAIT", "MEAN WAIT", `WITHIN ${lengthText(targetWithinMs)}`];
  const rows = lines.map((line) => [
    line.agents === agents ? "->" : "",
    String(line.agents),
    percent(line.occupancy),
    percent(line.waitProbability),
    lengthText(Math.round(line.meanWaitMs / 1000) * 1000),
    paint(line.meetsTarget ? "green" : "red", percent(line.serviceLevel)),
    ...(line.abandoned === null ? [] : [percent(line.abandoned)]),
  ]);
  return table(patienceMs === null ? head : [...head, "GIVE UP"], rows);
}
