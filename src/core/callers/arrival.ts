import { admission } from "../admission.ts";
import type { Call } from "../calls.ts";
import { refusalFor } from "../capacity.ts";
import type { FoundOver, PbxEvent } from "../events.ts";
import type { Announcement, Hotline } from "../hotlines.ts";
import type { CallId } from "../ids.ts";
import { announcementTimeoutMs } from "../limits.ts";
import { overflow } from "../overflow/steps.ts";
import { takePlace } from "../places.ts";
import { after, between, type MonotonicMs, minutes, type Now, seconds, type WallMs } from "../time.ts";
import { done, ignored, type Turn, type Verdict } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { momentAt } from "../unwatched.ts";
import { dueOnEntering } from "./due.ts";
import { refuseBusy, refuseNumber, sayFarewell } from "./farewell.ts";
import { playMusic, welcome } from "./hearing.ts";

/**
 * A caller has dialled a number: admit, send on or turn away, at once. `namesFrom`: legs and playbacks up to this count
 * may exist in Asterisk already.
 */
export function callArrived(
  turn: Turn,
  event: Extract<PbxEvent, { type: "call_arrived" }>,
  namesFrom = 0,
): Verdict {
  const { state } = turn;
  const known = state.calls.get(event.call);
  if (known?.phase.kind === "away") return backFromFallback(turn, known);
  if (known) return ignored("call_already_known");
  const at = arrivalOf(turn.now, event.arrivedMs);
  const { call, hotline } = newCall(turn, event, at, namesFrom);
  if (!hotline) {
    refuseNumber(turn, call);
    return done;
  }
  // Who is in Asterisk already, from before a connection was lost or the daemon was away, is not turned away any more.
  const isNew = namesFrom === 0 && between(at.monotonicMs, turn.now.monotonicMs) <= newForMs;
  const refusal = isNew ? refusalFor(turn) : null;
  if (refusal === "busy") {
    refuseBusy(turn, call);
    return done;
  }
  turn.order({ type: "answer", call: call.id });
  if (refusal === "announce") {
    sayFarewell(turn, call, { outcome: "full", announcement: "full" }, "capacity");
    return done;
  }
  const decision = admission(state, hotline, at.wallMs);
  switch (decision.kind) {
    case "admitted":
      admit(turn, call, hotline, "greeting", call.hereSince);
      return done;
    case "all_paused":
      overflow(turn, turn.putCall(call), hotline, { kind: "all_paused" }, "admit");
      return done;
    case "turned_away":
      overflow(turn, turn.putCall(call), hotline, decision.because, decision.how);
      return done;
    default:
      return unreachable(decision);
  }
}

/** Longer than a new call is on its way to us, however busy we are: has waited in the dialplan, and is given to us now. */
const newForMs = seconds(5);

/** Asterisk's fallback gives the caller back, who has kept the place. */
export function backFromFallback(turn: Turn, call: Call): Verdict {
  turn.tell(call.id, { what: "back" });
  playMusic(turn, { ...call, phase: { kind: "waiting" } });
  return done;
}

/** A caller whose record was lost is in a conversation: noted, and not disturbed. */
export function callFound(
  turn: Turn,
  event: Extract<PbxEvent, { type: "call_arrived" }>,
  namesFrom: number,
): void {
  if (!hotlineFor(turn, event.number)) return;
  turn.putCall(newCall(turn, event, arrivalOf(turn.now, event.arrivedMs), namesFrom).call);
}

/** A call that has come and gone while nobody watched: noted as arrived, and not kept. */
export function callNotSeen(turn: Turn, event: FoundOver): Call {
  return newCall(turn, event, momentAt(turn.now, event.arrivedMs), 0).call;
}

/** The place in the queue counts from the arrival, before what is heard first: agents ring while it plays. */
export function admit(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  first: Announcement = "greeting",
  hereSince = turn.now.monotonicMs,
): void {
  const here = enter(turn, withOldPlace(turn, call), hotline, hereSince);
  turn.tell(call.id, { what: "admitted", waitingAhead: turn.state.queue(hotline.id).ahead(here) });
  welcome(turn, here, hotline, first);
}

/** Who gave up a while ago and calls again: given back here, so that nobody spends it on being turned away. */
function withOldPlace(turn: Turn, call: Call): Call {
  const waitingSince = takePlace(turn, call);
  if (waitingSince === null || waitingSince >= call.waitingSince) return call;
  turn.tell(call.id, { what: "resumed", waitedBeforeMs: between(waitingSince, turn.now.monotonicMs) });
  return { ...call, waitingSince };
}

/** Puts a call into a hotline's queue. What it waited elsewhere counts for its place, not for what happens here. */
export function enter(turn: Turn, call: Call, hotline: Hotline, hereSince = turn.now.monotonicMs): Call {
  const entering: Call = {
    ...call,
    hotline: hotline.id,
    hereSince,
    tiersJoined: 0,
    nextPeriodic: 0,
    tried: [],
    phase: { kind: "waiting" },
  };
  return turn.putCall({ ...entering, due: dueOnEntering(turn, entering, hotline) });
}

/** A caller may have waited for us in the dialplan. Longer than this nobody does: the clock was set meanwhile. */
const longestAway = minutes(120);

/** When the caller arrived, by both clocks. */
export function arrivalOf(now: Now, arrivedMs: WallMs | undefined): Now {
  const waitedMs = arrivedMs === undefined ? 0 : now.wallMs - arrivedMs;
  if (!(waitedMs > 0 && waitedMs <= longestAway)) return now;
  return {
    monotonicMs: (now.monotonicMs - waitedMs) as MonotonicMs,
    wallMs: (now.wallMs - waitedMs) as WallMs,
  };
}

const hotlineFor = ({ state }: Turn, number: string): Hotline | null => {
  const row = state.numbers.get(number);
  return row && state.hotlines.get(row.hotline);
};

/** The arrival is told; what becomes of the call is not decided yet. */
function newCall(
  turn: Turn,
  {
    call: id,
    number,
    from,
  }: { readonly call: CallId; readonly number: string; readonly from: string | null },
  now: Now,
  namesFrom: number,
): { readonly call: Call; readonly hotline: Hotline | null } {
  const hotline = hotlineFor(turn, number);
  const requires = turn.state.numbers.get(number)?.requires ?? [];
  turn.tell(id, { what: "arrived", number, from, hotline: hotline?.id ?? null }, now);
  const call: Call = {
    id,
    origin: hotline?.id ?? null,
    hotline: hotline?.id ?? null,
    number,
    from,
    requires,
    arrivedAt: now,
    run: turn.state.loose.run,
    waitingSince: now.monotonicMs,
    hereSince: now.monotonicMs,
    tiersJoined: 0,
    stepsDone: [],
    nextPeriodic: 0,
    due: {
      giveUpMs: after(now.monotonicMs, hotline?.maxWaitMs ?? announcementTimeoutMs),
      tierMs: null,
      stepMs: null,
      announcementMs: null,
      ringNextMs: null,
    },
    phase: { kind: "waiting" },
    hears: { kind: "nothing" },
    attempts: namesFrom,
    playbacks: namesFrom,
    tried: [],
  };
  return { call, hotline };
}
