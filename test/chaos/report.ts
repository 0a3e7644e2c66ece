/** What has come of it, as a table. */
import type { Fault } from "./faults.ts";
import { type Findings, isShortTalk, servedMeanwhile, silenceOf, wasHeard } from "./judge.ts";
import { faultKinds, isStoreFault, type Options } from "./options.ts";
import type { People } from "./people.ts";
import type { TheRecord } from "./record.ts";

export interface Report {
  readonly seconds: number;
  readonly faults: readonly Fault[];
  /** How often Asterisk died by itself. */
  readonly ownDeaths: number;
  readonly people: People;
  readonly record: TheRecord;
  readonly findings: Findings;
  readonly overtaken: readonly string[];
  readonly leftovers: readonly string[];
}

type List = readonly [what: string, found: readonly string[]];
type Figure = readonly [what: string, value: string | number];

/** So many of each kind of finding are told in full. */
const toldMax = 5;

/** What must not be, each with what was found of it. */
export const brokenRules = ({ findings, overtaken, leftovers }: Report): List[] => [
  ["calls dropped", findings.dropped],
  ["wrong outcomes", findings.wrong],
  ["double connections", findings.doubled],
  ["places lost", overtaken],
  ["picked up in vain", findings.pickedUpInVain],
  ["callers in silence for too long", findings.silent],
  ["nobody served while the store was harmed", findings.unserved],
  ["leftovers and stuck agents", leftovers],
];

/** Returns whether no rule was broken. */
export function printReport(report: Report, options: Options): boolean {
  const { findings, people, record, faults, ownDeaths } = report;
  const broken = brokenRules(report);
  const noted: List[] = [
    ["picked up in vain, too late or while something was away", findings.excusedInVain],
    ["offers that are not in the record", findings.unrecordedOffers],
  ];
  for (const [what, list] of [...broken, ...noted])
    for (const one of list.slice(0, toldMax)) console.log(`${what}: ${one}`);
  const talks = people.legs.filter((leg) => leg.answeredMs !== null && !isShortTalk(leg));
  const callers = new Map(people.callers.map((caller) => [caller.from, caller]));
  const proven = talks.filter((leg) => {
    const caller = callers.get(leg.caller);
    return caller && wasHeard(caller, leg);
  });
  const count = ([what, list]: List): Figure => [what, list.length];
  print([
    ["seed", options.seed],
    ["lasted", `${report.seconds.toFixed(0)} s, ${options.rate} calls a second, ${options.agents} agents`],
    ["faults injected", tally(faults.map(({ kind }) => kind))],
    ["Asterisk died by itself", ownDeaths],
    ["calls", `${people.callers.length} (in the record: ${record.rows.length})`],
    ["outcomes", tally(record.rows.map(({ outcome }) => String(outcome)))],
    ["phones rung", `${people.legs.length}; talks: ${talks.length}, of these heard: ${proven.length}`],
    ["waiting, each second", spread(people.queueCurve)],
    ...broken.map(count),
    ...noted.map(count),
    ["arrival in the record, later by (ms)", spread(findings.arrivalOffMs)],
    ["end in the record, later by (ms)", spread(findings.endOffMs)],
    ["longest silence of a caller (ms)", spread(people.callers.map(silenceOf))],
    ...faultKinds.flatMap((kind) => timesOf(kind, faults, people)),
  ]);
  return broken.every(([, list]) => list.length === 0);
}

function print(lines: readonly Figure[]): void {
  const width = Math.max(...lines.map(([name]) => name.length));
  console.log(lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n"));
}

/** Whoever is overtaken by the next fault does not count: it was not let become well. */
function timesOf(kind: Fault["kind"], faults: readonly Fault[], people: People): Figure[] {
  const mine = faults
    .map((fault, index) => ({ ...fault, overMs: faults[index + 1]?.atMs ?? Number.POSITIVE_INFINITY }))
    .filter((fault) => fault.kind === kind);
  if (mine.length === 0) return [];
  type Moment = "atMs" | "noticedMs" | "startedMs" | "connectedMs" | "writtenMs" | "firstOfferMs";
  const line = (what: string, from: Moment, to: Moment): Figure[] => {
    const times = mine.flatMap((fault) => {
      const [start, end] = [fault[from], fault[to]];
      return start !== null && end !== null && end < fault.overMs ? [end - start] : [];
    });
    return times.length === 0 ? [] : [[`${kind}: ${what} (ms)`, spread(times)]];
  };
  const alive: Figure = [`${kind}: calls alive`, spread(mine.map(({ aliveCalls }) => aliveCalls))];
  if (isStoreFault(kind)) {
    const served = mine.map(({ atMs, startedMs }) => servedMeanwhile(people.legs, atMs, startedMs ?? atMs));
    return [
      alive,
      ...line("alarm after", "atMs", "noticedMs"),
      ...line("over after", "atMs", "startedMs"),
      [`${kind}: phones picked up meanwhile`, spread(served.map(({ answered }) => answered))],
      [`${kind}: longest time without (ms)`, spread(served.map(({ longestPauseMs }) => longestPauseMs))],
      ...line("from then until all was written", "startedMs", "writtenMs"),
    ];
  }
  const begun = kind.endsWith("kill") ? "started again" : kind.endsWith("cut") ? "cut" : "thawed or replaced";
  return [
    alive,
    ...line("noticed after", "atMs", "noticedMs"),
    ...line(`${begun} after`, "atMs", "startedMs"),
    ...line("from then to the connection", "startedMs", "connectedMs"),
    ...line("from then to the first offer", "startedMs", "firstOfferMs"),
    ...line("from the fault to the first offer", "atMs", "firstOfferMs"),
  ];
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return "-";
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)]!);
  return `least ${at(0)}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)} (of ${sorted.length})`;
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";
}
