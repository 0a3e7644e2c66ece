import type { ChangeView, ChangeWithRows, Difference } from "../api/audit.ts";
import { formatDuration } from "../api/duration.ts";
import { formatOverflowStep } from "../api/overflow-line.ts";
import { formatPeriodic } from "../api/periodic-line.ts";
import type { AgentSettings, Duty } from "../core/agents.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { AdminEvent } from "../core/events.ts";
import type { Hotline } from "../core/hotlines.ts";
import { localText } from "../core/hours/calendar.ts";
import { describeInterval, describeWeekly } from "../core/hours/parse.ts";
import type { DateException, Holidays, Schedule } from "../core/hours/schedule.ts";
import { same } from "../core/same.ts";
import type { NumberRow } from "../core/state.ts";
import type { AuditRecord, RowChange } from "../store/audit.ts";
import { settingsView } from "./settings.ts";
import { isoTime } from "./views.ts";

/** Changes in words. */

/** So many agents are named. */
const namedMax = 5;
/** An action is one line of a list. */
const actionMax = 200;

/** `hours demo`, `hotline demo`, `number 115`, `agent 201`. Of several rows, the one the others have followed. */
export function objectOf(event: AdminEvent, rows: readonly RowChange[]): string {
  const hotline = rows.find((row) => row.kind === "hotline");
  if (hotline) return `${onlyHours(hotline) ? "hours" : "hotline"} ${hotline.id}`;
  const agents = rows.filter(({ kind }) => kind === "agent").map(({ id }) => id);
  if (agents.length > 1) return namesOfAgents(agents);
  const first = rows[0];
  if (first) return `${first.kind === "duty" ? "agent" : first.kind} ${first.id}`;
  return "agent" in event ? `agent ${event.agent}` : event.type;
}

/** `agent 201`, `agents 201, 202`, `agents 201, 202, 203, 204, 205 and 12 more`. */
export function namesOfAgents(ids: readonly string[]): string {
  const more = ids.length > namedMax ? ` and ${ids.length - namedMax} more` : "";
  return `${ids.length === 1 ? "agent" : "agents"} ${ids.slice(0, namedMax).join(", ")}${more}`;
}

function onlyHours({ before, after }: Extract<RowChange, { kind: "hotline" }>): boolean {
  const others = (hotline: Hotline) => ({ ...hotline, schedule: null, hoursOf: null });
  return before !== null && after !== null && same(others(before), others(after));
}

/** `added`, `removed`, `wrap-up 10s -> 30s`. */
export function actionOf(event: AdminEvent, rows: readonly RowChange[]): string {
  if (event.type === "wrap_up_end_asked") return "wrap-up ended";
  if (event.type === "wrap_up_extend_asked") return `wrap-up extended by ${formatDuration(event.byMs)}`;
  const [first] = rows;
  if (!first) return event.type;
  if (first.kind === "announcement")
    return short(`now ${first.after ? announcementText(first.after) : "the built-in text"}`);
  if (first.before === null) return `added${detail(differencesOf(rows.slice(0, 1)), "after")}`;
  if (first.after === null) return `removed${detail(differencesOf(rows.slice(0, 1)), "before")}`;
  const texts = differencesOf(rows.slice(0, 1)).map(
    ({ setting, before, after }) => `${setting} ${before ?? "none"} -> ${after ?? "none"}`,
  );
  return short(texts.join("; "));
}

/** What a new or removed row is first of all: a name, or where a number leads. */
function detail(differences: readonly Difference[], side: "before" | "after"): string {
  const main = differences.find(({ setting }) => setting === "name" || setting === "leads to");
  return main ? short(` (${main[side]})`) : "";
}

const short = (text: string) => (text.length <= actionMax ? text : `${text.slice(0, actionMax - 1)}…`);

/** Setting by setting, all rows; those that stay are left out. */
export function differencesOf(rows: readonly RowChange[]): Difference[] {
  return rows.flatMap((row) => {
    const before = settingsOfRow(row, "before");
    const after = settingsOfRow(row, "after");
    const settings = [...new Set([...before.keys(), ...after.keys()])];
    const object = `${row.kind === "duty" ? "agent" : row.kind} ${row.id}`;
    return settings
      .map((setting) => ({
        object,
        setting,
        before: before.get(setting) ?? null,
        after: after.get(setting) ?? null,
      }))
      .filter((difference) => difference.before !== difference.after);
  });
}

type Settings = Map<string, string>;

function settingsOfRow(row: RowChange, side: "before" | "after"): Settings {
  switch (row.kind) {
    case "hotline":
      return row[side] ? hotlineSettings(row[side]) : new Map();
    case "number":
      return row[side] ? numberSettings(row[side]) : new Map();
    case "agent":
      return row[side] ? agentTexts(row[side]) : new Map();
    case "announcement":
      return new Map([["heard", row[side] ? announcementText(row[side]) : "the built-in text"]]);
    case "duty":
      return row[side] ? new Map([["duty", dutyText(row[side])]]) : new Map();
  }
}

function hotlineSettings(hotline: Hotline): Settings {
  const settings = Object.entries(settingsView(hotline)).map(([name, value]): [string, string] => [
    optionName(name),
    valueText(name, value),
  ]);
  const schedule = (Object.keys(hotline.schedule) as (keyof Schedule)[]).map((name): [string, string] => [
    optionName(name),
    scheduleText(name, hotline.schedule),
  ]);
  return new Map([...settings, ["hours-of", hotline.hoursOf ?? "its own"], ...schedule]);
}

/** `ringTimeoutMs` is `ring-timeout`, as the command line has it. */
export const optionName = (name: string) =>
  name.replace(/Ms$/, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function valueText(name: string, value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (name.endsWith("Ms")) return formatDuration(value as number);
  if (name === "overflow") return listText((value as Hotline["overflow"]).map(formatOverflowStep));
  if (name === "periodic") return listText((value as Hotline["periodic"]).map(formatPeriodic));
  return typeof value === "string" ? value : JSON.stringify(value);
}

const listText = (lines: readonly string[]) => (lines.length === 0 ? "none" : lines.join(" | "));

export function scheduleText(name: keyof Schedule, schedule: Schedule): string {
  switch (name) {
    case "timeZone":
      return schedule.timeZone;
    case "weekly":
      return describeWeekly(schedule.weekly).join(", ");
    case "laterWeeks":
      return listText(
        schedule.laterWeeks.map(({ from, weekly }) => `from ${from}: ${describeWeekly(weekly).join(", ")}`),
      );
    case "exceptions":
      return listText(schedule.exceptions.map(exceptionText));
    case "holidays":
      return holidaysText(schedule.holidays);
    case "adHoc":
      return adHocText(schedule);
  }
}

function exceptionText({ from, to, intervals, reason, announcement }: DateException): string {
  const days = from === to ? from : `${from} to ${to}`;
  const hours = intervals.map(describeInterval).join(",") || "closed";
  return `${days} ${hours} (${[reason, ...(announcement ? [announcement] : [])].join(", ")})`;
}

function holidaysText({ region, workedOn, own }: Holidays): string {
  return [
    region ?? "none",
    ...workedOn.map((name) => `open on ${name}`),
    ...own.map(({ month, day, name }) => `${name} on ${day}.${month}.`),
  ].join(", ");
}

/** In the hotline's own time, as it was asked for. */
function adHocText({ adHoc, timeZone }: Schedule): string {
  if (adHoc.kind === "none") return "none";
  const until = adHoc.untilMs === null ? "resumed" : localText(timeZone, adHoc.untilMs);
  return `${adHoc.kind} until ${until} (${adHoc.reason})`;
}

const skillsText = (skills: readonly string[]) => (skills.length === 0 ? "none" : skills.join(", "));

const numberSettings = ({ hotline, requires }: NumberRow): Settings =>
  new Map([
    ["leads to", hotline],
    ["skills", skillsText(requires)],
  ]);

const agentTexts = ({ name, memberships }: AgentSettings): Settings =>
  new Map([
    ["name", name],
    ...memberships.map(({ hotline, tier, skills }): [string, string] => [
      `at ${hotline}`,
      `tier ${tier}, skills ${skillsText(skills)}`,
    ]),
  ]);

const announcementText = ({ source, text }: AnnouncementRow): string =>
  source === "file" ? `the recording ${text}` : `the text "${text}"`;

function dutyText(duty: Duty): string {
  switch (duty.kind) {
    case "logged_out":
      return "logged out";
    case "on":
      return "logged in";
    case "paused":
      return duty.reason === null ? "paused" : `paused (${duty.reason})`;
    case "leaving":
      return duty.next === "removed" ? "removed after this call" : "logged out after this call";
  }
}

export function changeView(record: AuditRecord): ChangeView {
  const { atMs, rows: _, ...view } = record;
  return { ...view, at: isoTime(atMs) };
}

export function changeWithRows(record: AuditRecord): ChangeWithRows {
  return {
    ...changeView(record),
    differences: differencesOf(record.rows),
    rows: record.rows.map((row) => ({ ...row })),
  };
}
