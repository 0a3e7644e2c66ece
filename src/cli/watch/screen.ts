import type { LiveAgent, LiveCall } from "../../api/live.ts";
import type { Today } from "../../api/today.ts";
import { percentText, timeText } from "../figures.ts";
import { phaseNames } from "../phases.ts";
import { printable } from "../text.ts";
import { fit, width } from "../width.ts";
import { type Cell, painted, type Style, type Table, tableLines } from "./table.ts";
import { agentStates, agentsOf, callsOf, hotlinesOf, inQueue, stateName, type View } from "./view.ts";

export type Size = { readonly columns: number; readonly rows: number };

/** From this width on, calls and agents stand side by side. */
const twoPanesFrom = 130;
const paneGap = "   ";

/**
 * The screen as lines, at most `rows` of at most `columns` each. `nowMs` is this machine's clock; `rows` may be infinite.
 */
export function screenLines(view: View, size: Size, colour: boolean, nowMs: number): string[] {
  const shown = printable(view);
  const daemonNowMs = nowMs + view.clockOffsetMs;
  const top = [titleLine(shown, size.columns, colour, nowMs), ...noticeLines(shown, size, colour)];
  const foot = painted(fit(footText(shown), size.columns).trimEnd(), "dim", colour);
  const room = size.rows - top.length - 1;
  const callTables = [waitingTable(shown, daemonNowMs), progressTable(shown, daemonNowMs)];
  const agents = agentTable(shown, daemonNowMs);
  const overview = [hotlineTable(shown, daemonNowMs), todayTable(shown)];
  const body =
    size.columns >= twoPanesFrom
      ? twoPanes(overview, callTables, agents, { ...size, rows: room }, colour)
      : stacked([...overview, ...callTables, agents], { ...size, rows: room }, colour);
  const all = [...top, ...body];
  const fillTo = Number.isFinite(size.rows) ? size.rows - 1 : all.length;
  while (all.length < fillTo) all.push("");
  return [...all.slice(0, Math.max(0, size.rows - 1)), foot].slice(0, Math.max(1, size.rows));
}

function titleLine(view: View, columns: number, colour: boolean, nowMs: number): string {
  const { pbx } = view.live;
  // Debian's addition to the version says nothing here.
  const version = pbx.version?.split("+")[0] ?? "";
  const asterisk = pbx.connected ? `Asterisk ${version}`.trim() : " ASTERISK NOT CONNECTED ";
  const clock = clockText(nowMs);
  const left = "hotline watch";
  const room = columns - left.length - clock.length - 4;
  if (room < 0) return fit(clock, columns).trimEnd();
  const middle = fit(asterisk, Math.max(0, Math.min(room, width(asterisk))));
  const blanks = " ".repeat(Math.max(1, columns - left.length - width(middle) - clock.length - 2));
  const style = pbx.connected ? "dim" : "alarm";
  return `${painted(left, "bold", colour)}  ${painted(middle, style, colour)}${blanks}${clock}`;
}

/** What is wrong, before everything else; no more than a third of the window. */
function noticeLines({ live, awaySince }: View, { columns, rows }: Size, colour: boolean): string[] {
  const away =
    awaySince === null
      ? []
      : [` The daemon is away since ${clockText(awaySince)}, trying again. Calls go on in Asterisk. `];
  const notices = [...away, ...live.alarms.map(({ message }) => ` ALARM ${message} `)];
  const most = Math.max(1, Math.floor(rows / 3));
  const shown =
    notices.length <= most
      ? notices
      : [...notices.slice(0, most - 1), ` … and ${notices.length - most + 1} more alarms `];
  return shown.map((text) => painted(fit(text, columns).trimEnd(), "alarm", colour));
}

function footText({ live }: View): string {
  const { percent, withinMs } = live.target;
  return `q quits  REACH answered÷offered  SL answered ≤${withinMs / 1000}s÷(offered−short), target ${percent}%`;
}

/** One under the other, a blank line between them where there is room. */
function stacked(tables: readonly Table[], { columns, rows }: Size, colour: boolean): string[] {
  const present = tables.filter((table) => table.rows.length > 0);
  const wanted = present.map((table) => table.rows.length);
  const total = wanted.reduce((sum, each) => sum + each + 1, 0);
  const gaps = present.length - 1;
  const blank = total + gaps <= rows ? 1 : 0;
  const rowsOf = share(wanted, rows - present.length - blank * gaps);
  return present.flatMap((table, i) => [
    ...(i > 0 && blank ? [""] : []),
    ...tableLines(table, columns, rowsOf[i]!, colour),
  ]);
}

/** Overview on top; below it calls on the left, agents on the right. */
function twoPanes(
  overview: readonly Table[],
  calls: readonly Table[],
  agents: Table,
  { columns, rows }: Size,
  colour: boolean,
): string[] {
  const half = Math.floor(rows / 2);
  const top = stacked(overview, { columns, rows: Number.isFinite(rows) ? half : rows }, colour);
  const rest = { columns: Math.floor((columns - paneGap.length) / 2), rows: rows - top.length - 1 };
  const left = stacked(calls, rest, colour);
  const right = stacked([agents], rest, colour);
  const below = Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const line = left[i] ?? "";
    return `${line}${" ".repeat(rest.columns - width(line))}${paneGap}${right[i] ?? ""}`.trimEnd();
  });
  return [...top, "", ...below];
}

/** How many rows each table gets: none more than it has, the room dealt out one by one, first things first. */
export function share(wanted: readonly number[], room: number): number[] {
  const given = wanted.map(() => 0);
  let left = room;
  for (let dealt = true; dealt && left > 0; ) {
    dealt = false;
    for (const [i, want] of wanted.entries()) {
      if (left <= 0 || given[i]! >= want) continue;
      given[i]! += 1;
      left -= 1;
      dealt = true;
    }
  }
  return given;
}

const cell = (text: string | number, style: Style = "plain"): Cell => ({ text: String(text), style });
/** A zero is there, but does not catch the eye. */
const count = (number: number, style: Style = "plain") => cell(number, number === 0 ? "dim" : style);

function hotlineTable(view: View, nowMs: number): Table {
  const number = (head: string, importance: number) => ({ head, align: "right", importance }) as const;
  return {
    columns: [
      { head: "HOTLINE", importance: 1, widthMin: 8 },
      { head: "OPEN", importance: 2 },
      number("WAITING", 1),
      number("LONGEST", 1),
      number("READY", 2),
      number("RINGING", 3),
      number("TALKING", 2),
      number("WRAP-UP", 4),
      number("PAUSED", 4),
      number("OWN CALL", 5),
      number("OFFLINE", 5),
      { head: "NAME", importance: 6, widthMin: 16 },
      { head: "WHY", importance: 7, widthMin: 30 },
    ],
    rows: hotlinesOf(view).map(({ id, name, open, reason, waiting, waitingSince, agents }) => {
      const isThere =
        agents.ready + agents.offered + agents.talking + agents.wrap_up + agents.paused + agents.busy > 0;
      return [
        cell(id, "bold"),
        open ? cell("open", "green") : cell("CLOSED", "yellow"),
        count(waiting, "yellow"),
        waitingSince === null ? cell("-", "dim") : waitCell(waitingSince, nowMs, view),
        isThere || !open ? count(agents.ready, "green") : cell("NOBODY", "red"),
        count(agents.offered, "yellow"),
        count(agents.talking, "cyan"),
        count(agents.wrap_up),
        count(agents.paused, "yellow"),
        count(agents.busy),
        count(agents.offline, "red"),
        cell(name === id ? "" : name),
        cell(reason, "dim"),
      ];
    }),
  };
}

function todayTable(view: View): Table {
  const number = (head: string, importance: number) => ({ head, align: "right", importance }) as const;
  const { percent, withinMs } = view.live.target;
  return {
    columns: [
      { head: "TODAY", importance: 1, widthMin: 8 },
      number("OFFERED", 1),
      number("ANSWERED", 1),
      number("ABANDONED", 2),
      number("SHORT", 3),
      number("OTHER", 3),
      number("REACH", 1),
      number(`SL ${percent}/${withinMs / 1000}`, 1),
      number("ASA", 2),
    ],
    rows: hotlinesOf(view).map(({ id, today }) => [
      cell(id, "bold"),
      count(today.offered),
      count(today.answered),
      count(today.abandoned, "yellow"),
      count(today.abandonedShort),
      count(today.otherwise),
      cell(percentText(today.reachability)),
      levelCell(today, percent),
      cell(today.asaMs === null ? "-" : timeText(today.asaMs)),
    ]),
  };
}

function levelCell({ serviceLevel }: Today, percent: number): Cell {
  const style = serviceLevel === null ? "plain" : serviceLevel * 100 < percent ? "red" : "green";
  return cell(percentText(serviceLevel), style);
}

function waitingTable(view: View, nowMs: number): Table {
  const calls = callsOf(view)
    .filter(inQueue)
    .sort((a, b) => compare(a.waitingSince, b.waitingSince));
  return {
    columns: [
      { head: "WAITING", align: "right", importance: 1 },
      { head: "HOTLINE", importance: 2, widthMin: 8 },
      { head: "FROM", importance: 1 },
      { head: "WHAT", importance: 1, widthMin: 20 },
      { head: "CALL", importance: 3 },
    ],
    rows: orNobody(calls, 5, (call) => [
      waitCell(call.waitingSince, nowMs, view),
      cell(call.hotline ?? "-"),
      fromCell(call),
      call.phase === "offering"
        ? cell(`rings ${call.agents.map((id) => agentText(view, id)).join(", ")}`, "green")
        : cell(phaseNames[call.phase], "dim"),
      cell(call.id, "dim"),
    ]),
  };
}

function progressTable(view: View, nowMs: number): Table {
  const calls = callsOf(view)
    .filter((call) => !inQueue(call))
    .sort(
      (a, b) => compare(a.talkingSince ?? "~", b.talkingSince ?? "~") || compare(a.arrivedAt, b.arrivedAt),
    );
  return {
    columns: [
      { head: "TALKING", align: "right", importance: 1 },
      { head: "HOTLINE", importance: 2, widthMin: 8 },
      { head: "FROM", importance: 1 },
      { head: "WITH", importance: 1, widthMin: 12 },
      { head: "WAITED", align: "right", importance: 3 },
      { head: "CALL", importance: 4 },
    ],
    rows: orNobody(calls, 6, (call) => {
      const waitedMs = Date.parse(call.talkingSince ?? call.arrivedAt) - Date.parse(call.waitingSince);
      return [
        call.talkingSince === null ? cell("-", "dim") : cell(sinceText(call.talkingSince, nowMs), "cyan"),
        cell(call.hotline ?? "-"),
        fromCell(call),
        withCell(call, view),
        cell(call.talkingSince === null ? "-" : timeText(waitedMs), "dim"),
        cell(call.id, "dim"),
      ];
    }),
  };
}

/** A table does not come and go with its rows: whoever looks for it finds it where it was. */
function orNobody(calls: readonly LiveCall[], columns: number, toRow: (call: LiveCall) => Cell[]): Cell[][] {
  if (calls.length > 0) return calls.map(toRow);
  return [Array.from({ length: columns }, (_, i) => cell(i === 2 ? "nobody" : i === 0 ? "-" : "", "dim"))];
}

function withCell(call: LiveCall, view: View): Cell {
  const [agent] = call.agents;
  if (call.outcome !== null) return cell(`hears the end (${call.outcome})`, "dim");
  if (call.phase === "forwarding") return cell(`rings ${call.forwardedTo ?? "?"}`, "yellow");
  return cell(call.forwardedTo ?? (agent === undefined ? phaseNames[call.phase] : agentText(view, agent)));
}

const stateStyle: Record<LiveAgent["state"], Style> = {
  ready: "green",
  offered: "yellow",
  talking: "cyan",
  wrap_up: "plain",
  busy: "plain",
  paused: "yellow",
  offline: "red",
  logged_out: "dim",
};

/** Those who are logged out are not here: a line says how many there are. */
function agentTable(view: View, nowMs: number): Table {
  const agents = agentsOf(view);
  const here = agents.filter(({ state }) => state !== "logged_out");
  const away = agents.length - here.length;
  const rows = here.map((agent): Cell[] => [
    cell(agent.id, "bold"),
    cell(agent.name),
    cell(stateName.get(agent.state)!, stateStyle[agent.state]),
    cell(agent.since === null ? "-" : sinceText(agent.since, nowMs)),
    cell(
      agent.reason ?? (agent.until === null ? "" : `${timeText(Date.parse(agent.until) - nowMs)} left`),
      "dim",
    ),
    cell(agent.hotlines.join(", "), "dim"),
  ]);
  const last: Cell[] = [
    cell("-", "dim"),
    cell(`${away} logged out`, "dim"),
    cell(""),
    cell(""),
    cell(""),
    cell(""),
  ];
  return {
    columns: [
      { head: "AGENT", importance: 1 },
      { head: "NAME", importance: 2, widthMin: 8 },
      { head: "STATE", importance: 1 },
      { head: "FOR", align: "right", importance: 1 },
      { head: "NOTE", importance: 3, widthMin: 8 },
      { head: "HOTLINES", importance: 4, widthMin: 8 },
    ],
    rows: away > 0 ? [...rows, last] : rows,
  };
}

function waitCell(since: string, nowMs: number, { live }: View): Cell {
  const waitedMs = nowMs - Date.parse(since);
  return cell(timeText(waitedMs), waitedMs > live.target.withinMs ? "red" : "yellow");
}

const fromCell = ({ from }: LiveCall): Cell => (from === null ? cell("anonymous", "dim") : cell(from));

function agentText({ live }: View, id: string): string {
  const name = live.agents.find((agent) => agent.id === id)?.name;
  return name === undefined || name === id ? id : `${id} ${name}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sinceText = (since: string, nowMs: number): string => timeText(nowMs - Date.parse(since));

/** By the clock on the wall where the terminal stands. */
export function clockText(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}

/** The states in the order of the screen, for the lines of `--plain`. */
export const countsText = (agents: Record<LiveAgent["state"], number>): string =>
  agentStates
    .filter(([state]) => agents[state] > 0)
    .map(([state, name]) => `${agents[state]} ${name}`)
    .join(", ") || "no agents";
