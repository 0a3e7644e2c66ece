/** What has come of it, as a table. */
import type { Fault } from "./faults.ts";
import { type Findings, isShortTalk, wasHeard } from "./judge.ts";
import { faultKinds, type Options } from "./options.ts";
import type { People } from "./people.ts";
import type { TheRecord } from "./record.ts";

export interface Report {
  readonly seconds: number;
  readonly faults: readonly Fault[];
  readonly people: People;
  readonly record: TheRecord;
  readonly findings: Findings;
  readonly overtaken: readonly string[];
  readonly leftovers: readonly string[];
}

/** So many of each kind of finding are told in full. */
const toldMax = 5;

/** Returns whether no rule was broken. */
export function printReport(report: Report, options: Options): boolean {
  const { findings, overtaken, leftovers, people, record, faults } = report;
  const broken: [string, readonly string[]][] = [
    ["calls dropped", findings.dropped],
    ["wrong outcomes", findings.wrong],
    ["double connections", findings.doubled],
    ["places lost", overtaken],
    ["leftovers and stuck agents", leftovers],
  ];
  const noted: [string, readonly string[]][] = [
    ["picked up in vain (the daemon died in between)", findings.pickedUpInVain],
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
  const lines: [string, string | number][] = [
    ["seed", options.seed],
    ["lasted", `${report.seconds.toFixed(0)} s, ${options.rate} calls a second, ${options.agents} agents`],
    ["faults injected", tally(faults.map(({ kind }) => kind))],
    ["calls", `${people.callers.length} (in the record: ${record.rows.length})`],
    ["outcomes", tally(record.rows.map(({ outcome }) => String(outcome)))],
    ["phones rung", `${people.legs.length}; talks: ${talks.length}, of these heard: ${proven.length}`],
    ["waiting, each second", spread(people.queueCurve)],
    ...broken.map(([what, list]): [string, number] => [what, list.length]),
    ...noted.map(([what, list]): [string, number] => [what, list.length]),
    ["arrival in the record, later by (ms)", spread(findings.arrivalOffMs)],
    ["end in the record, later by (ms)", spread(findings.endOffMs)],
    ["longest silence of a caller (ms)", spread(people.callers.map(({ ears }) => ears.longestGapMs))],
    ...faultKinds.flatMap((kind) => timesOf(kind, faults)),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  console.log(lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n"));
  return broken.every(([, list]) => list.length === 0);
}

function timesOf(kind: Fault["kind"], faults: readonly Fault[]): [string, string][] {
  const mine = faults.filter((fault) => fault.kind === kind);
  if (mine.length === 0) return [];
  const times = (from: (fault: Fault) => number | null, to: (fault: Fault) => number | null) =>
    spread(
      mine.flatMap((fault) => {
        const [start, end] = [from(fault), to(fault)];
        return start !== null && end !== null ? [end - start] : [];
      }),
    );
  return [
    [`${kind}: calls alive`, spread(mine.map(({ aliveCalls }) => aliveCalls))],
    [
      `${kind}: noticed after (ms)`,
      times(
        ({ atMs }) => atMs,
        ({ noticedMs }) => noticedMs,
      ),
    ],
    [
      `${kind}: started again after (ms)`,
      times(
        ({ atMs }) => atMs,
        ({ startedMs }) => startedMs,
      ),
    ],
    [
      `${kind}: from start to first offer (ms)`,
      times(
        ({ startedMs }) => startedMs,
        ({ firstOfferMs }) => firstOfferMs,
      ),
    ],
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
