import type { LiveAgent, LiveCall, LiveHotline, LiveSnapshot } from "../../api/live.ts";
import { timeText, todayText } from "../figures.ts";
import { phaseNames } from "../phases.ts";
import { printable } from "../text.ts";
import { clockText, countsText } from "./screen.ts";
import { agentsOf, callsOf, hotlinesOf, inQueue, stateName, type View } from "./view.ts";

/**
 * What is different between two views, a line for each hotline, agent, call and alarm: for a screen reader, for grep, for
 * a log file. `before` null: all there is.
 */
export function changeLines(before: View | null, after: View, nowMs: number): string[] {
  const was = before && printable(before);
  const is = printable(after);
  return [
    ...alarmLines(was?.live ?? null, is.live),
    ...rowLines(was && hotlinesOf(was), hotlinesOf(is), "hotline", hotlineText),
    ...rowLines(was && hotlinesOf(was), hotlinesOf(is), "today", ({ today }) =>
      todayText(today, is.live.target),
    ),
    ...rowLines(was && agentsOf(was), agentsOf(is), "agent", agentText),
    ...rowLines(was && callsOf(was), callsOf(is), "call", callText),
  ].map((line) => `${clockText(nowMs)} ${line}`);
}

function rowLines<Row extends { id: string }>(
  before: readonly Row[] | null,
  after: readonly Row[],
  what: string,
  toText: (row: Row) => string,
): string[] {
  const known = new Map((before ?? []).map((row) => [row.id, row]));
  const lines: string[] = [];
  for (const row of after) {
    const old = known.get(row.id);
    known.delete(row.id);
    const text = toText(row);
    if (!old || toText(old) !== text) lines.push(`${what} ${row.id}: ${text}`);
  }
  for (const id of known.keys()) lines.push(`${what} ${id}: gone`);
  return lines;
}

function hotlineText({ open, waiting, agents }: LiveHotline): string {
  return `${open ? "open" : "CLOSED"}, ${waiting} waiting, ${countsText(agents)}`;
}

function agentText({ name, state, reason }: LiveAgent): string {
  return `${name}: ${stateName.get(state)}${reason === null ? "" : ` (${reason})`}`;
}

function callText(call: LiveCall): string {
  const from = call.from ?? "anonymous";
  const whom = [...call.agents, ...(call.forwardedTo === null ? [] : [call.forwardedTo])].join(", ");
  const what =
    call.outcome !== null
      ? `ending (${call.outcome})`
      : `${phaseNames[call.phase]}${whom === "" ? "" : ` ${inQueue(call) ? "" : "with "}${whom}`}`;
  const waited =
    call.talkingSince === null
      ? ""
      : `, waited ${timeText(Date.parse(call.talkingSince) - Date.parse(call.waitingSince))}`;
  return `${call.hotline ?? "no hotline"}, from ${from}: ${what}${waited}`;
}

function alarmLines(before: LiveSnapshot | null, { alarms, pbx }: LiveSnapshot): string[] {
  const known = new Map((before?.alarms ?? []).map((alarm) => [alarm.code, alarm.message]));
  const lines: string[] = [];
  if (before?.pbx.connected !== pbx.connected)
    lines.push(pbx.connected ? "Asterisk: connected" : "Asterisk: NOT CONNECTED");
  for (const { code, message } of alarms) if (known.get(code) !== message) lines.push(`ALARM: ${message}`);
  for (const [code, message] of known)
    if (!alarms.some((alarm) => alarm.code === code)) lines.push(`alarm over: ${message}`);
  return lines;
}
