import { closedBy } from "./admission.ts";
import { callNotSeen } from "./callers/arrival.ts";
import { resultNow, tellEnd } from "./callers/farewell.ts";
import { abandon, callerLeft, stopRinging } from "./callers/leaving.ts";
import { type Call, isInQueue, type Outcome, type Result } from "./calls.ts";
import type { FoundOver } from "./events.ts";
import type { CallId, LegId } from "./ids.ts";
import { connectTimeoutMs } from "./limits.ts";
import { connected } from "./offers/offers.ts";
import { keepPlace } from "./places.ts";
import { between, type WallMs } from "./time.ts";
import { done, ignored, type Turn, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";
import { asOf, momentAt } from "./unwatched.ts";

/**
 * Calls that went on without the daemon: in the dialplan, in Asterisk's own queues (asterisk-config/extensions.conf, [away...]),
 * or to their end in our hands while nobody looked. What became of them is known from the dialplan's notes.
 */

/** The fallback takes who has reached nobody; it never touches a conversation. */
export const mayBeAway = (call: Call): boolean =>
  isInQueue(call) || call.phase.kind === "forwarding" || call.phase.kind === "away";

/** Asterisk's fallback has this caller, who comes back, or talks to an agent there. */
export function goesAway(turn: Turn, call: Call): void {
  if (call.phase.kind === "away") return;
  stopRinging(turn, call);
  turn.tell(call.id, { what: "while_away", reached: "people" });
  turn.putCall({ ...call, hears: { kind: "music" }, phase: { kind: "away" } });
}

/** Found there while we are connected: we were frozen, or somebody has sent the call there by hand. */
export function callerElsewhere(turn: Turn, id: CallId): Verdict {
  const call = turn.state.calls.get(id);
  if (!call) return ignored("call_already_gone");
  if (!mayBeAway(call)) return callerLeft(turn, id);
  if (call.phase.kind === "away") return ignored("already_so");
  goesAway(turn, call);
  return done;
}

/**
 * The daemon died between ordering a conversation and hearing that it stands; it stood, and is over. It began when the agent picked
 * up, as nearly as anybody knows. Nothing is taken for a talk where that was not ordered, or with another `leg`.
 */
export function takeUnseenTalk(turn: Turn, call: Call | null, leg?: LegId): void {
  if (call?.phase.kind !== "offering" || call.phase.claim.kind !== "connecting") return;
  const { agent: id, bridge } = call.phase.claim;
  const { work } = turn.agent(id);
  if (work.kind !== "offered" || work.progress.kind !== "answered") return;
  if (leg !== undefined && leg !== work.leg) return;
  const { now } = turn;
  const agoMs = Math.max(0, now.monotonicMs - (work.deadlineMs - connectTimeoutMs));
  turn.now = momentAt(now, (now.wallMs - agoMs) as WallMs);
  connected(turn, { type: "connected", call: call.id, bridge });
  turn.now = now;
}

/** Ends a call as the notes say, at their time. One that was in our hands ends as if its end were told just then. */
export function callFoundOver(turn: Turn, event: FoundOver): Verdict {
  if (event.wasJoined && event.reached === "handed_over")
    takeUnseenTalk(turn, turn.state.calls.get(event.call));
  const known = turn.state.calls.get(event.call);
  const call = known ?? callNotSeen(turn, event);
  const end = (): Verdict => {
    const isOurs = known && (event.reached === "handed_over" || !mayBeAway(known));
    if (isOurs && !hasTalkedAfterAll(known, event)) return callerLeft(turn, known.id);
    stopRinging(turn, call);
    endAsNoted(turn, call, event, known === null);
    turn.tell(call.id, { what: "gone" });
    if (known) turn.state.calls.delete(call.id);
    return done;
  };
  return asOf(turn, call, event.endedMs, end, event.reached);
}

/**
 * Was being let go by us when the daemon stopped, and was given to the fallback with those who waited: an agent has talked to them, and
 * that is how the call has ended, whatever was decided before.
 */
const hasTalkedAfterAll = ({ phase }: Call, { talk }: FoundOver): boolean =>
  talk !== null && phase.kind === "ended" && phase.result.talk === null;

function endAsNoted(turn: Turn, call: Call, event: FoundOver, isNew: boolean): void {
  if (event.talk && call.hotline !== null) {
    tellTalk(turn, call, call.hotline, event, event.talk);
    return;
  }
  const outcome = outcomeOf(turn, call, event, isNew);
  if (outcome === "abandoned") abandon(turn, call);
  else {
    const wasLost = event.reached === "lost" && outcome === "failed";
    if (wasLost) keepPlace(turn, call);
    const endedBy = wasLost ? "pbx_lost" : "hotline";
    tellEnd(turn, call, { ...resultNow(turn, outcome, endedBy), reason: isNew ? null : reasonOf(outcome) });
  }
}

function tellTalk(
  turn: Turn,
  call: Call,
  hotline: NonNullable<Call["hotline"]>,
  { endedBy }: FoundOver,
  { agent, sinceMs }: NonNullable<FoundOver["talk"]>,
): void {
  const since = momentAt(turn.now, sinceMs);
  const waitMs = between(call.arrivedAt.monotonicMs, since.monotonicMs);
  turn.tell(call.id, { what: "connected", agent, waitMs }, since);
  const talk = { since, with: { kind: "agent", agent, hotline } } as const;
  tellEnd(turn, call, resultNow(turn, "answered", endedBy === "caller" ? "caller" : "agent", null, talk));
}

/** How it ended, when nobody was reached. `abandoned` stands for the short kind, too. */
function outcomeOf(turn: Turn, call: Call, { reached, endedBy }: FoundOver, isNew: boolean): Outcome {
  const hotline = call.origin && turn.state.hotlines.get(call.origin);
  if (!hotline) return "unknown_number";
  const { opening } = turn.state.opening(hotline, call.arrivedAt.wallMs);
  const closed = opening.open ? null : closedBy(opening.rule).outcome;
  switch (reached) {
    case "closed":
      return closed ?? "closed";
    case "handed_over":
    case "waiting":
      // Who rang at a closed door heard nothing but ringing yet.
      if (isNew && closed) return closed;
      return endedBy === "caller" ? "abandoned" : "failed";
    case "people":
    case "failed":
      return endedBy === "caller" ? "abandoned" : "failed";
    case "nobody":
      return "no_agents";
    case "too_long":
      return "timed_out";
    case "lost":
      return closed ?? "failed";
    default:
      return unreachable(reached);
  }
}

/** Why somebody was let go who had been admitted. */
function reasonOf(outcome: Outcome): Result["reason"] {
  if (outcome === "no_agents") return "unstaffed";
  return outcome === "timed_out" ? "max_wait" : null;
}
