import { admission } from "../admission.ts";
import type { Call } from "../calls.ts";
import type { PbxEvent } from "../events.ts";
import type { Hotline } from "../hotlines.ts";
import { announcementTimeoutMs } from "../limits.ts";
import { takeSteps } from "../overflow/steps.ts";
import { takePlace } from "../places.ts";
import { after, between } from "../time.ts";
import { done, ignored, type Turn, type Verdict } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { dueOnEntering } from "./due.ts";
import { refuseNumber, sayFarewell } from "./farewell.ts";
import { announce } from "./hearing.ts";

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
  if (state.calls.get(event.call)) return ignored("call_already_known");
  const row = state.numbers.get(event.number);
  const hotline = row && state.hotlines.get(row.hotline);
  const { number, from } = event;
  turn.tell(event.call, { what: "arrived", number, from, hotline: hotline?.id ?? null });
  const call = newCall(turn, event, hotline, row?.requires ?? [], namesFrom);
  if (!hotline) {
    refuseNumber(turn, call);
    return done;
  }
  turn.order({ type: "answer", call: call.id });
  const decision = admission(state, hotline, turn.now.wallMs);
  switch (decision.kind) {
    case "admitted":
      admit(turn, call, hotline);
      return done;
    case "all_paused":
      if (!takeSteps(turn, turn.putCall(call), hotline, { kind: "all_paused" }, null))
        admit(turn, call, hotline);
      return done;
    case "turned_away":
      if (!takeSteps(turn, turn.putCall(call), hotline, decision.because, decision.how))
        sayFarewell(turn, turn.call(call.id), decision.how, null);
      return done;
    default:
      return unreachable(decision);
  }
}

/** A caller whose record was lost is in a conversation: noted, and not disturbed. */
export function callFound(
  turn: Turn,
  event: Extract<PbxEvent, { type: "call_arrived" }>,
  namesFrom: number,
): void {
  const { number, from } = event;
  const row = turn.state.numbers.get(number);
  const hotline = row && turn.state.hotlines.get(row.hotline);
  if (!hotline) return;
  turn.tell(event.call, { what: "arrived", number, from, hotline: hotline.id });
  turn.putCall(newCall(turn, event, hotline, row.requires, namesFrom));
}

/** The place in the queue counts from the arrival, before the greeting: agents ring while it plays. */
export function admit(turn: Turn, call: Call, hotline: Hotline): void {
  const here = enter(turn, call, hotline);
  turn.tell(call.id, { what: "admitted", waitingAhead: turn.state.queue(hotline.id).ahead(here) });
  const greeted = announce(turn, here, "greeting");
  if (!hotline.greetingMustFinish) return;
  const deadlineMs = after(turn.now.monotonicMs, announcementTimeoutMs);
  turn.putCall({ ...greeted, phase: { kind: "listening", deadlineMs } });
}

/** Puts a call into a hotline's queue. What it waited elsewhere counts for its place, not for what happens here. */
export function enter(turn: Turn, call: Call, hotline: Hotline): Call {
  const hereSince = turn.now.monotonicMs;
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

function newCall(
  turn: Turn,
  { call, number, from }: Extract<PbxEvent, { type: "call_arrived" }>,
  hotline: Hotline | null,
  requires: readonly string[],
  namesFrom: number,
): Call {
  const { now } = turn;
  const waitingSince = hotline ? takePlace(turn, hotline, from) : now.monotonicMs;
  if (waitingSince < now.monotonicMs)
    turn.tell(call, { what: "resumed", waitedBeforeMs: between(waitingSince, now.monotonicMs) });
  return {
    id: call,
    origin: hotline?.id ?? null,
    hotline: hotline?.id ?? null,
    number,
    from,
    requires,
    arrivedAt: now,
    run: turn.state.loose.run,
    waitingSince,
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
}
