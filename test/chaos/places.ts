/** Order of service against order of arrival. */
import { since } from "./judge.ts";
import type { CallerSide } from "./people.ts";
import type { Row } from "./record.ts";

/**
 * Who is overtaken: when an agent is given to somebody, nobody may be waiting who called earlier and could have had that agent.
 *
 * What is allowed, and why:
 * - `arrivalBlurMs`: INVITEs so close together may change their order between the network's threads.
 * - `offerBlurMs`: who began to wait again (a phone was declined) within this time before, or hung up within it after, was not
 *   known to wait, or known to have left.
 * - Who was rung at that very phone already: SEMANTICS has all others asked first.
 * - When an agent was given to somebody is taken from the record, if that phone then did ring for that caller: on a busy machine
 *   INVITEs of one moment come to the phones a second apart, and not in their order. Likewise, since when somebody talks; that
 *   those in the record did talk is judged elsewhere. One that was taken back on its way (the caller left) is in the record only. And
 *   that a phone has declined is known when the daemon has read it, which on a busy machine may be a second later.
 */
const arrivalBlurMs = 300;
const offerBlurMs = 700;
/** From the decision to the INVITE, while nothing stands still. */
const usualWayMs = 10_000;

/** A caller was to have this agent. */
interface Offer {
  readonly agent: string;
  readonly decidedMs: number;
  readonly overMs: number;
}

/** A caller with all that tells when an agent could have been had. */
interface Waiting {
  readonly caller: CallerSide;
  /** Seen on the wire. */
  readonly rung: readonly Offer[];
  /** In the record only. */
  readonly unseen: readonly Offer[];
  readonly connectedMs: number;
}

/** @param frozenMs how long what is on its way may have stood still */
export function findOvertaken(
  callers: readonly CallerSide[],
  rows: readonly Row[],
  frozenMs: number,
): string[] {
  const overtaken: string[] = [];
  const rowOf = new Map(rows.map((row) => [row.from, row]));
  const byArrival = callers
    .toSorted((a, b) => since(a) - since(b))
    .map((caller) => waitingOf(caller, rowOf.get(caller.from), usualWayMs + frozenMs));
  const given = byArrival.flatMap((served) => served.rung.map((offer) => ({ served, ...offer })));
  let first = 0;
  for (const { served, agent, decidedMs } of given.sort((a, b) => a.decidedMs - b.decidedMs)) {
    while (first < byArrival.length && endOf(byArrival[first]!) < decidedMs - 60_000) first++;
    for (let index = first; index < byArrival.length; index++) {
      const other = byArrival[index]!;
      const earlierMs = since(served.caller) - since(other.caller);
      if (earlierMs < arrivalBlurMs) break;
      if (couldHaveHad(other, agent, decidedMs))
        overtaken.push(
          `${other.caller.from} (called ${earlierMs} ms earlier) was overtaken by ${served.caller.from} at agent ${agent}, ${new Date(decidedMs).toISOString().slice(11, 23)}`,
        );
    }
  }
  return overtaken;
}

function waitingOf(caller: CallerSide, row: Row | undefined, longestWayMs: number): Waiting {
  const story = row?.story ?? [];
  const told = story.flatMap(({ what, detail, atMs }, index) => {
    if (what !== "offered") return [];
    const over = story
      .slice(index)
      .find((line) => line.what === "offer_ended" && line.detail.agent === detail.agent);
    return [{ agent: String(detail.agent), decidedMs: atMs, overMs: over?.atMs ?? atMs + longestWayMs }];
  });
  const unseen = new Set<Offer>(told);
  const rung = caller.legs.map(({ agent, invitedMs, ending }) => {
    const mine = told.findLast((offer) => offer.agent === agent && offer.decidedMs <= invitedMs);
    const isMine = mine && mine.decidedMs > invitedMs - longestWayMs;
    if (isMine) unseen.delete(mine);
    const seenOverMs = ending?.at ?? Number.POSITIVE_INFINITY;
    // Told later than seen: so long it was not known.
    const overMs = isMine
      ? Math.max(seenOverMs, Math.min(mine.overMs, seenOverMs + longestWayMs))
      : seenOverMs;
    return { agent, decidedMs: isMine ? mine.decidedMs : invitedMs, overMs };
  });
  const connectedMs = story.find(({ what }) => what === "connected")?.atMs ?? Number.POSITIVE_INFINITY;
  return { caller, rung, unseen: [...unseen], connectedMs };
}

const endOf = ({ caller }: Waiting): number => caller.ending?.at ?? Number.POSITIVE_INFINITY;

function couldHaveHad(other: Waiting, agent: string, atMs: number): boolean {
  const { caller, rung, unseen, connectedMs } = other;
  if (caller.answeredMs === null || caller.answeredMs > atMs - offerBlurMs) return false;
  if (endOf(other) < atMs + offerBlurMs || connectedMs <= atMs) return false;
  return [...rung, ...unseen].every((offer) => {
    if (offer.agent === agent && offer.decidedMs < atMs) return false;
    return offer.overMs < atMs - offerBlurMs || offer.decidedMs > atMs;
  });
}
