import type { Command } from "commander";
import type { AgentCounts, Status } from "../../api/schemas.ts";
import type { Target } from "../../api/today.ts";
import { formulas, todayText } from "../figures.ts";
import { examples } from "../options.ts";
import { phaseNames } from "../phases.ts";
import { openSession } from "../session.ts";
import { ageText, countText, facts, lengthText, paint, table } from "../text.ts";

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("What happens right now: alarms, hotlines, agents, today's figures, calls in progress.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).status(), describeStatus);
    });
  examples(command, [
    ["hotline status", ""],
    ["hotline watch", "the same, live"],
    ["hotline status --json | jq '.hotlines[].waiting'", "for a script"],
  ]).addHelpText("after", `\n${formulas}`);
}

/** Most urgent first, for somebody who is tired. */
function describeStatus(status: Status): string {
  const parts = [...describeAlarms(status), `${describePbx(status)}\n${describeLoad(status)}`];
  if (status.hotlines.length === 0) parts.push("There is no hotline yet.");
  const hotlines = status.hotlines.map((hotline) => describeHotline(hotline, status.target));
  parts.push(...hotlines, describeCalls(status), ...describeNotices(status));
  return parts.join("\n\n");
}

function describeAlarms(status: Status): string[] {
  if (status.alarms.length === 0) return [];
  const lines = status.alarms.map(
    (alarm) => `${paint("alarm", " ALARM ")} ${paint("red", alarm.message)} (for ${ageText(alarm.since)})`,
  );
  return [lines.join("\n")];
}

/** Nothing is wrong: what is special about opening hours. */
function describeNotices({ notices }: Status): string[] {
  if (notices.length === 0) return [];
  return [notices.map(({ message }) => `${paint("bold", "note")}  ${message}`).join("\n")];
}

function describePbx({ pbx }: Status): string {
  if (!pbx.connected) return `Asterisk: ${paint("alarm", " NOT CONNECTED ")} no call can be taken`;
  return `Asterisk: ${paint("green", "connected")}${pbx.version === null ? "" : ` (${pbx.version})`}`;
}

function describeLoad({ load }: Status): string {
  const { calls, maxCalls, maxNewPerSecond, eventsWaiting, requestsWaiting } = load;
  const near = maxCalls !== null && calls >= maxCalls * 0.8;
  const limits = maxCalls === null ? "" : ` of at most ${maxCalls}, ${maxNewPerSecond} new ones per second`;
  const behind = eventsWaiting + requestsWaiting;
  const late = behind === 0 ? "" : `; ${eventsWaiting} events and ${requestsWaiting} requests wait`;
  return `Load:     ${paint(near ? "yellow" : "green", countText(calls, "call", "calls"))}${limits}${late}`;
}

type HotlineStatus = Status["hotlines"][number];

function describeHotline(hotline: HotlineStatus, target: Target): string {
  const { id, name, open, reason, waiting, longestWaitMs, today } = hotline;
  const opening = open ? paint("green", "open") : paint("yellow", "CLOSED");
  const queue =
    waiting === 0
      ? "nobody"
      : paint(
          "yellow",
          countText(waiting, "caller", "callers") +
            (longestWaitMs === null ? "" : `, the longest for ${lengthText(longestWaitMs)}`),
        );
  const lines: [string, string][] = [
    ["hours", `${opening}: ${reason}`],
    ["waiting", queue],
    ["agents", describeAgents(hotline)],
    ["today", todayText(today, target)],
  ];
  return `${paint("bold", id)}${name === "" || name === id ? "" : `  ${name}`}\n${facts(lines)}`;
}

/** In the order of how soon they can take the next call. */
const stateNames: readonly (readonly [keyof AgentCounts, string])[] = [
  ["ready", "ready"],
  ["offered", "ringing"],
  ["talking", "talking"],
  ["wrap_up", "in wrap-up"],
  ["busy", "on an own call"],
  ["paused", "paused"],
  ["offline", "offline"],
  ["logged_out", "logged out"],
];

function describeAgents({ open, agents }: HotlineStatus): string {
  const present = stateNames.filter(([state]) => agents[state] > 0);
  if (present.length === 0) return paint("yellow", "none belong to this hotline");
  const text = present.map(([state, name]) => `${agents[state]} ${name}`).join(", ");
  const nobody = present.every(([state]) => state === "offline" || state === "logged_out");
  return nobody && open ? `${paint("red", "NOBODY IS THERE:")} ${text}` : text;
}

function describeCalls({ calls }: Status): string {
  if (calls.length === 0) return "No calls in progress.";
  const rows = calls.map((call) => [
    call.id,
    call.hotline ?? "-",
    phaseNames[call.phase],
    call.agent ?? call.forwardedTo ?? "-",
    ageText(call.since),
  ]);
  return `${countText(calls.length, "call", "calls")} in progress:\n${table(["CALL", "HOTLINE", "WHAT", "WITH", "FOR"], rows)}`;
}
