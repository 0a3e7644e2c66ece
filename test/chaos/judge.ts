/**
 * Holds what callers and phones saw on the wire against what the database says. The wire is the truth.
 *
 * What is allowed, and why:
 * - Within `blinkMs` two things happened at once: both ends of a line hung up, a call was picked up and withdrawn. Neither
 *   side can know which came first, and either is right.
 * - An agent who picks up and hangs up again, or whose caller leaves, before the two were put together need not be in the
 *   record as the one who answered; nobody was heard.
 * - A ringing phone may fall silent when the daemon dies (the offer is "ended cleanly") and the caller is offered anew.
 * - A call that is withdrawn before Asterisk has answered it need not be in the record: nobody was told of it.
 * - Calls that Asterisk had when it was killed: `failed`, or answered and ended by `pbx_lost`.
 */
import type { Fault } from "./faults.ts";
import type { AgentSide, CallerSide } from "./people.ts";
import type { Row, TheRecord } from "./record.ts";

export interface Findings {
  /** Ended on the wire by us, and neither by the caller nor by the agent. One line for each; so with all lists. */
  readonly dropped: string[];
  readonly wrong: string[];
  readonly doubled: string[];
  /** Phones that were picked up and let go again, since the daemon died before the two were put together. */
  readonly pickedUpInVain: string[];
  readonly unrecordedOffers: string[];
  /** Milliseconds by which the record is off, of every call. */
  readonly arrivalOffMs: number[];
  readonly endOffMs: number[];
}

const blinkMs = 250;
/** Voices come every 100 ms; a talk as short as this may be over before one has got through. */
const mutterMs = 400;
/** About the limit between `abandoned_short` and `abandoned`. */
const shortMs = 5_000;

export function judge(
  callers: readonly CallerSide[],
  legs: readonly AgentSide[],
  record: TheRecord,
  faults: readonly Fault[],
): Findings {
  const findings: Findings = {
    dropped: [],
    wrong: [],
    doubled: [],
    pickedUpInVain: [],
    unrecordedOffers: [],
    arrivalOffMs: [],
    endOffMs: [],
  };
  const rows = Map.groupBy(record.rows, ({ from }) => from);
  const deaths = faults.filter(({ kind }) => kind === "asterisk-kill").map(({ atMs }) => atMs);
  for (const caller of callers) {
    const mine = rows.get(caller.from) ?? [];
    if (mine.length > 1) findings.wrong.push(`${caller.from}: ${mine.length} rows`);
    judgeCall(caller, mine[0] ?? null, deaths, findings);
  }
  const known = new Set(callers.map(({ from }) => from));
  for (const { id, from } of record.rows)
    if (from === null || !known.has(from)) findings.wrong.push(`${from}: row ${id} of nobody who called`);
  for (const leg of legs)
    if (!known.has(leg.caller)) findings.wrong.push(`${leg.agent} rung for nobody: ${leg.caller}`);
  findDoubleRings(legs, findings);
  return findings;
}

function judgeCall(caller: CallerSide, row: Row | null, deaths: readonly number[], findings: Findings): void {
  const { from, ending, legs, answeredMs } = caller;
  const say = (list: string[], what: string) => list.push(`${from} ${what}\n${tellCall(caller, row)}`);
  if (!ending) return void say(findings.wrong, "has not ended");
  const lost = ending.reason === "vanished";
  if (row === null) {
    if (answeredMs !== null || ending.by !== "us") say(findings.wrong, "is not in the record");
    return;
  }
  const hungUpByAgent = legs.filter((leg) => leg.answeredMs !== null && leg.ending?.by === "us");
  if (ending.by !== "us" && !hungUpByAgent.some((leg) => leg.ending!.at <= ending.at + blinkMs))
    say(findings.dropped, `was dropped (${ending.by}, ${ending.status})`);
  judgeLegs(caller, row, findings);
  judgeRow(caller, row, lost, (what) => void say(findings.wrong, what));
  findings.arrivalOffMs.push(row.arrivedMs - caller.invitedMs);
  const atDeath = deaths.some((at) => Math.abs(ending.at - at) < 2_000);
  if (row.endedMs !== null && !atDeath) findings.endOffMs.push(row.endedMs - ending.at);
}

/** Outcome, who ended it, with whom. */
function judgeRow(caller: CallerSide, row: Row, lost: boolean, wrong: (what: string) => void): void {
  const { ending, legs, invitedMs } = caller;
  const count = (what: string) => row.story.filter((line) => line.what === what).length;
  for (const what of ["arrived", "ended", "gone"])
    if (count(what) !== 1) wrong(`has ${count(what)} times "${what}" in its story`);
  const heard = legs.filter((leg) => wasHeard(caller, leg));
  const pickedUp = legs.filter(({ answeredMs }) => answeredMs !== null);
  if (row.outcome === "answered") {
    if (!pickedUp.some(({ agent }) => agent === row.agent)) wrong(`was not answered by ${row.agent}`);
    if (heard.length > 0 && heard.at(-1)!.agent !== row.agent) wrong(`talked to ${heard.at(-1)!.agent}`);
    const byAgent = legs.some(
      (leg) => leg.agent === row.agent && leg.answeredMs !== null && leg.ending?.by === "us",
    );
    const expected = lost
      ? ["pbx_lost"]
      : ending!.by === "them"
        ? ["agent"]
        : byAgent
          ? ["agent", "caller"]
          : ["caller"];
    if (!expected.includes(row.endedBy ?? "")) wrong(`was ended by ${expected.join(" or ")}`);
    return;
  }
  if (heard.length > 0) wrong(`talked to ${heard.at(-1)!.agent}`);
  if (lost) {
    if (row.outcome !== "failed") wrong("was lost with Asterisk");
    return;
  }
  const stayedMs = ending!.at - invitedMs;
  const isShort = row.outcome === "abandoned_short";
  if (!isShort && row.outcome !== "abandoned") wrong("left while waiting");
  // By the same length of time: what the caller waited. A second is for an end that nobody watched.
  if (isShort ? stayedMs > shortMs + 1_000 : stayedMs < shortMs - 1_000) wrong(`left after ${stayedMs} ms`);
}

function judgeLegs(caller: CallerSide, row: Row, findings: Findings): void {
  const offered = row.story.filter(({ what }) => what === "offered").map(({ detail }) => detail.agent);
  for (const leg of caller.legs) {
    const { agent, ending, answeredMs } = leg;
    if (!offered.includes(agent)) findings.unrecordedOffers.push(`${caller.from} was offered to ${agent}`);
    const callerLeft = caller.ending?.by === "us" && ending && caller.ending.at <= ending.at + blinkMs;
    if (answeredMs === null || ending?.by === "us" || callerLeft) continue;
    const line = `${agent} was thrown out\n${tellCall(caller, row)}`;
    if (wasHeard(caller, leg)) findings.dropped.push(line);
    else findings.pickedUpInVain.push(line);
  }
  const others = [...caller.ears.voices].sort(([, a], [, b]) => a.firstMs - b.firstMs);
  for (const [index, [agent, voice]] of others.entries()) {
    const next = others[index + 1];
    if (next && next[1].firstMs < voice.lastMs)
      findings.doubled.push(`${caller.from} heard ${agent} and ${next[0]}\n${tellCall(caller, row)}`);
  }
}

/** Nobody is rung on a phone, or hears somebody, while another call is on it. */
function findDoubleRings(legs: readonly AgentSide[], findings: Findings): void {
  for (const leg of legs)
    for (const voice of leg.ears.voices.keys())
      if (voice !== leg.caller)
        findings.doubled.push(`${leg.agent} was rung for ${leg.caller} and heard ${voice}`);
  for (const mine of Map.groupBy(legs, ({ agent }) => agent).values()) {
    for (const [index, leg] of mine.entries()) {
      const next = mine[index + 1];
      if (next && (leg.ending?.at ?? Infinity) > next.invitedMs + blinkMs)
        findings.doubled.push(`${leg.agent} had ${leg.caller} and was rung for ${next.caller}`);
    }
  }
}

/** One of the two has heard the other. */
export function wasHeard(caller: CallerSide, leg: AgentSide): boolean {
  const voice = caller.ears.voices.get(leg.agent);
  const sinceAnswer = voice && leg.answeredMs !== null && voice.lastMs >= leg.answeredMs;
  return !!sinceAnswer || leg.ears.voices.has(caller.from);
}

export const isShortTalk = ({ answeredMs, ending }: AgentSide): boolean =>
  answeredMs === null || ending === null || ending.at - answeredMs < mutterMs;

/** All that is known of a call, for people. */
export function tellCall(
  { from, patience, invitedMs, answeredMs, ending, legs, ears }: CallerSide,
  row: Row | null,
) {
  const at = (time: number | null | undefined) =>
    time ? new Date(time).toISOString().slice(11, 23) : "never";
  const end = (one: AgentSide["ending"]) => `ended by ${one?.by} at ${at(one?.at)} ${one?.reason ?? ""}`;
  const lines = [
    `caller ${from} ${patience}: called ${at(invitedMs)}, answered ${at(answeredMs)}, ${end(ending)}, heard ${[...ears.voices.keys()].join(" ")}`,
    ...legs.map(
      (leg) =>
        `agent ${leg.agent} ${leg.whim}: rung ${at(leg.invitedMs)}, picked up ${at(leg.answeredMs)}, ${end(leg.ending)}, heard ${[...leg.ears.voices.keys()].join(" ")}`,
    ),
    `row: ${row ? JSON.stringify({ ...row, story: undefined }) : "none"}`,
    ...(row?.story ?? []).map((line) => `  ${at(line.atMs)} ${line.what} ${JSON.stringify(line.detail)}`),
  ];
  return lines.map((line) => `    ${line}`).join("\n");
}
