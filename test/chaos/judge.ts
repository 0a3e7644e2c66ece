/**
 * Holds what callers and phones saw on the wire against what the database says. The wire is the truth.
 *
 * What is allowed, and why:
 * - Within `blinkMs` two things happened at once: both ends of a line hung up, a call was picked up and withdrawn. Neither
 *   side can know which came first, and either is right.
 * - An agent who picks up and hangs up again, or whose caller leaves, before the two were put together need not be in the
 *   record as the one who answered; nobody was heard.
 * - Who picks up while the daemon, Asterisk or the connection between the two is away may be let go again in vain; so may who picks
 *   up when the offer is over already, and the phone has not heard of it yet: on a busy machine that may take seconds.
 * - A ringing phone may fall silent when the daemon dies (the offer is "ended cleanly") and the caller is offered anew.
 * - A call that is withdrawn before Asterisk has answered it need not be in the record: nobody was told of it.
 * - Calls that Asterisk had when it was killed: `failed`, or answered and ended by `pbx_lost`. Who left in the last moment before
 *   may be either: Asterisk may have died before it told anybody. Where the agent had hung up and the caller's line was still to
 *   be ended, it is the agent who has ended the call.
 * - A caller is there from when Asterisk has first answered. While it stands still it reads nothing, and there is nobody who
 *   could know since when somebody calls.
 */
import type { Fault } from "./faults.ts";
import { isStoreFault, type Options } from "./options.ts";
import type { AgentSide, CallerSide } from "./people.ts";
import type { Row, TheRecord } from "./record.ts";

export interface Findings {
  /** Ended on the wire by us, and neither by the caller nor by the agent. One line for each; so with all lists. */
  readonly dropped: string[];
  readonly wrong: string[];
  readonly doubled: string[];
  /** Phones that were picked up and let go again before the two were put together, although nothing was away. */
  readonly pickedUpInVain: string[];
  /** The same, too late or since the daemon, Asterisk or the connection was away in between. */
  readonly excusedInVain: string[];
  readonly unrecordedOffers: string[];
  /** Callers who heard nothing for longer than the faults explain. */
  readonly silent: string[];
  /** Harm to the store during which calls were not served on. */
  readonly unserved: string[];
  /** Milliseconds by which the record is off, of every call. */
  readonly arrivalOffMs: number[];
  readonly endOffMs: number[];
}

const blinkMs = 250;
/** Voices come every 100 ms; a talk as short as this may be over before one has got through. */
const mutterMs = 400;
/** So long nobody need be served, or hear anything, whatever has happened; what was frozen besides comes on top. */
const stillMs = 10_000;
const silenceMs = 15_000;
/** What was away is back, and what was begun before it went is being sorted out. */
const sortedOutMs = 2_000;
/** About the limit between `abandoned_short` and `abandoned`. */
const shortMs = 5_000;

/** What was done to the system. */
export interface Harms {
  readonly faults: readonly Fault[];
  /** When Asterisk died, `Date.now()`. */
  readonly deaths: readonly number[];
  readonly options: Pick<Options, "faults" | "freezeMs" | "rate">;
}

export function judge(
  callers: readonly CallerSide[],
  legs: readonly AgentSide[],
  record: TheRecord,
  harms: Harms,
): Findings {
  const findings: Findings = {
    dropped: [],
    wrong: [],
    doubled: [],
    pickedUpInVain: [],
    excusedInVain: [],
    unrecordedOffers: [],
    silent: [],
    unserved: findUnserved(legs, harms),
    arrivalOffMs: [],
    endOffMs: [],
  };
  const rows = Map.groupBy(record.rows, ({ from }) => from);
  for (const caller of callers) {
    const mine = rows.get(caller.from) ?? [];
    if (mine.length > 1) findings.wrong.push(`${caller.from}: ${mine.length} rows`);
    judgeCall(caller, mine[0] ?? null, harms, findings);
  }
  const known = new Set(callers.map(({ from }) => from));
  for (const { id, from } of record.rows)
    if (from === null || !known.has(from)) findings.wrong.push(`${from}: row ${id} of nobody who called`);
  for (const leg of legs)
    if (!known.has(leg.caller)) findings.wrong.push(`${leg.agent} rung for nobody: ${leg.caller}`);
  findDoubleRings(legs, findings);
  return findings;
}

function judgeCall(caller: CallerSide, row: Row | null, harms: Harms, findings: Findings): void {
  const { deaths } = harms;
  const { from, ending, legs, answeredMs } = caller;
  const say = (list: string[], what: string) => list.push(`${from} ${what}\n${tellCall(caller, row)}`);
  if (!ending) return void say(findings.wrong, "has not ended");
  const lost = ending.reason === "vanished";
  const silence = silenceOf(caller);
  if (silence > silenceMs + frozenMs(harms.options)) say(findings.silent, `heard nothing for ${silence} ms`);
  if (row === null) {
    if (answeredMs === null && ending.by === "us") return;
    say(findings.wrong, "is not in the record");
    return;
  }
  // Of one who hung up before anybody was heard the caller knows nothing, and is offered to the next one.
  const hungUpByAgent = legs.filter(
    (leg) =>
      leg.answeredMs !== null && leg.ending?.by === "us" && (wasHeard(caller, leg) || leg === legs.at(-1)),
  );
  if (ending.by !== "us" && !hungUpByAgent.some((leg) => hungUpAt(leg) <= ending.at + blinkMs))
    say(findings.dropped, `was dropped (${ending.by}, ${ending.status})`);
  judgeLegs(caller, row, harms, findings);
  const leftAtDeath = deaths.some((at) => ending.at <= at && ending.at > at - blinkMs);
  if (!leftAtDeath || !wasLost(row)) judgeRow(caller, row, lost, (what) => void say(findings.wrong, what));
  findings.arrivalOffMs.push(row.arrivedMs - since(caller));
  const atDeath = deaths.some((at) => Math.abs(ending.at - at) < 2_000);
  if (row.endedMs !== null && !atDeath) findings.endOffMs.push(row.endedMs - ending.at);
}

/** The answer to a BYE may be late. */
const hungUpAt = ({ call, ending }: Pick<AgentSide, "call" | "ending">): number =>
  call.byeSentAt ?? ending?.at ?? Number.POSITIVE_INFINITY;

/** Since when the caller is there. */
export const since = ({ reachedMs, invitedMs }: CallerSide): number => reachedMs ?? invitedMs;

const wasLost = ({ outcome, endedBy }: Row): boolean => outcome === "failed" || endedBy === "pbx_lost";

/** Outcome, who ended it, with whom. */
function judgeRow(caller: CallerSide, row: Row, lost: boolean, wrong: (what: string) => void): void {
  const { ending, legs } = caller;
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
    const hungUpBefore = legs.some(
      ({ agent, ending, call }) =>
        agent === row.agent && (ending?.reason !== "vanished" || call.byeSentAt !== null),
    );
    const expected = lost
      ? ["pbx_lost", ...(hungUpBefore ? ["agent"] : [])]
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
  const stayedMs = ending!.at - since(caller);
  const isShort = row.outcome === "abandoned_short";
  if (!isShort && row.outcome !== "abandoned") wrong("left while waiting");
  // By the same length of time: what the caller waited. A second is for an end that nobody watched.
  if (isShort ? stayedMs > shortMs + 1_000 : stayedMs < shortMs - 1_000) wrong(`left after ${stayedMs} ms`);
}

function judgeLegs(caller: CallerSide, row: Row, harms: Harms, findings: Findings): void {
  const offered = row.story.filter(({ what }) => what === "offered").map(({ detail }) => detail.agent);
  for (const leg of caller.legs) {
    const { agent, ending, answeredMs } = leg;
    if (!offered.includes(agent)) findings.unrecordedOffers.push(`${caller.from} was offered to ${agent}`);
    const callerLeft = caller.ending?.by === "us" && ending && hungUpAt(caller) <= ending.at + blinkMs;
    if (answeredMs === null || ending?.by === "us" || callerLeft) continue;
    const line = `${agent} was thrown out\n${tellCall(caller, row)}`;
    if (wasHeard(caller, leg)) findings.dropped.push(line);
    else if (wasOver(leg, row) || wasAway(answeredMs, ending?.at ?? Infinity, harms))
      findings.excusedInVain.push(line);
    else findings.pickedUpInVain.push(line);
  }
  const others = [...caller.ears.voices].sort(([, a], [, b]) => a.firstMs - b.firstMs);
  for (const [index, [agent, voice]] of others.entries()) {
    const next = others[index + 1];
    if (next && next[1].firstMs < voice.lastMs)
      findings.doubled.push(`${caller.from} heard ${agent} and ${next[0]}\n${tellCall(caller, row)}`);
  }
}

/** Whether the offer had ended already when the phone was picked up. It may have been followed by another one to the same phone. */
function wasOver({ agent, invitedMs, answeredMs }: AgentSide, { story }: Row): boolean {
  const mine = story.filter(({ detail }) => detail.agent === agent);
  const offered = mine.findLastIndex(({ what, atMs }) => what === "offered" && atMs <= invitedMs);
  const over = offered === -1 ? undefined : mine.slice(offered).find(({ what }) => what === "offer_ended");
  return over !== undefined && over.atMs <= answeredMs! + blinkMs;
}

/** Whether the daemon, Asterisk or the connection between them was away at some time between the two. */
function wasAway(fromMs: number, toMs: number, { faults, deaths }: Harms): boolean {
  const away = faults.flatMap(({ kind, atMs, firstOfferMs }, index) => {
    if (isStoreFault(kind) || kind === "ami-cut") return [];
    return [{ atMs, backMs: firstOfferMs ?? faults[index + 1]?.atMs ?? Infinity }];
  });
  // Also one that died by itself; by then all are back.
  for (const atMs of deaths) away.push({ atMs, backMs: atMs + 20_000 });
  return away.some(({ atMs, backMs }) => atMs <= toMs && fromMs <= backMs + sortedOutMs);
}

/** While the store is harmed somebody is picked up for all the time. */
function findUnserved(legs: readonly AgentSide[], { faults, options }: Harms): string[] {
  const longestMs = Math.max(stillMs, stillMs / options.rate);
  return faults.flatMap((fault) => {
    if (!isStoreFault(fault.kind) || fault.startedMs === null) return [];
    const { answered, longestPauseMs } = servedMeanwhile(legs, fault.atMs, fault.startedMs);
    if (answered > 0 && longestPauseMs <= longestMs) return [];
    return [`${fault.kind} at ${timeOf(fault.atMs)}: ${answered} picked up, nobody for ${longestPauseMs} ms`];
  });
}

/** How many phones were picked up between two moments, and the longest time without. */
export function servedMeanwhile(
  legs: readonly AgentSide[],
  fromMs: number,
  toMs: number,
): { answered: number; longestPauseMs: number } {
  const times = legs
    .flatMap(({ answeredMs }) => (answeredMs === null ? [] : [answeredMs]))
    .filter((at) => at >= fromMs && at <= toMs)
    .sort((a, b) => a - b);
  const moments = [fromMs, ...times, toMs];
  const pauses = moments.slice(1).map((at, index) => at - moments[index]!);
  return { answered: times.length, longestPauseMs: Math.max(...pauses) };
}

/** How long what should be heard may have stood still. */
const frozenMs = ({ faults, freezeMs }: Harms["options"]): number =>
  faults.some((kind) => kind.endsWith("freeze")) ? freezeMs : 0;

/** The longest silence a caller heard, from the answer to the end. */
export function silenceOf({ answeredMs, ending, ears }: CallerSide): number {
  return answeredMs === null || ending === null ? 0 : ears.longestSilenceMs(answeredMs, ending.at);
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
  const { answeredMs, ending } = leg;
  // The same two may meet again, after a phone was picked up in vain.
  const meanwhile =
    voice && answeredMs !== null && voice.lastMs >= answeredMs && voice.firstMs <= (ending?.at ?? Infinity);
  return !!meanwhile || leg.ears.voices.has(caller.from);
}

export const isShortTalk = ({ answeredMs, ending }: AgentSide): boolean =>
  answeredMs === null || ending === null || ending.at - answeredMs < mutterMs;

/** All that is known of a call, for people. */
export function tellCall(
  { from, patience, invitedMs, answeredMs, ending, legs, ears }: CallerSide,
  row: Row | null,
) {
  const at = (time: number | null | undefined) => (time ? timeOf(time) : "never");
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

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
