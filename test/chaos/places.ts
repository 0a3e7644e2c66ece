/** Order of service against order of arrival, both as seen on the wire. */
import type { AgentSide, CallerSide } from "./people.ts";

/**
 * Who is overtaken: when a phone rings for somebody, nobody may be waiting who called earlier and could have been rung on it.
 *
 * What is allowed, and why:
 * - `arrivalBlurMs`: INVITEs so close together may change their order between the network's threads.
 * - `offerBlurMs`: the decision is made before the INVITE is seen here. Who began to wait again (a phone was declined) within
 *   this time, or hangs up within it, was not known to wait, or known to have left.
 * - Who was rung at that very phone already: SEMANTICS has all others asked first.
 */
const arrivalBlurMs = 300;
const offerBlurMs = 700;

export function findOvertaken(callers: readonly CallerSide[], legs: readonly AgentSide[]): string[] {
  const overtaken: string[] = [];
  const byNumber = new Map(callers.map((caller) => [caller.from, caller]));
  const byArrival = callers.toSorted((a, b) => a.invitedMs - b.invitedMs);
  let first = 0;
  for (const leg of legs.toSorted((a, b) => a.invitedMs - b.invitedMs)) {
    const served = byNumber.get(leg.caller);
    if (!served) continue;
    const at = leg.invitedMs;
    while (first < byArrival.length && (byArrival[first]!.ending?.at ?? Infinity) < at - 60_000) first++;
    for (let index = first; index < byArrival.length; index++) {
      const other = byArrival[index]!;
      if (other.invitedMs > served.invitedMs - arrivalBlurMs) break;
      if (other !== served && couldHaveHad(other, leg, at))
        overtaken.push(
          `${other.from} (called ${served.invitedMs - other.invitedMs} ms earlier) was overtaken by ${served.from} at agent ${leg.agent}, ${new Date(at).toISOString().slice(11, 23)}`,
        );
    }
  }
  return overtaken;
}

function couldHaveHad(other: CallerSide, leg: AgentSide, at: number): boolean {
  if (other.answeredMs === null || other.answeredMs > at - offerBlurMs) return false;
  if ((other.ending?.at ?? Infinity) < at + offerBlurMs) return false;
  return other.legs.every((rung) => {
    if (rung.agent === leg.agent && rung.invitedMs < at) return false;
    const over = (rung.ending?.at ?? Infinity) < at - offerBlurMs;
    return over || rung.invitedMs > at + offerBlurMs;
  });
}
