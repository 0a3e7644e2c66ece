import { admission } from "./admission.ts";
import type { Call, EndedBy, Outcome, Result } from "./calls.ts";
import type { PbxEvent } from "./events.ts";
import type { Announcement, Hotline } from "./hotlines.ts";
import { type CallId, type PlaybackId, playbackId } from "./ids.ts";
import { announcementTimeoutMs, confirmTimeoutMs } from "./limits.ts";
import { releaseOffers } from "./offers/offers.ts";
import { startWrapUp } from "./offers/work.ts";
import { after, between, type MonotonicMs } from "./time.ts";
import { done, ignored, type Turn, type Verdict } from "./turn.ts";
import { unreachable } from "./unreachable.ts";

/**
 * A caller has dialled a number: admit or turn away, at once and for good. `namesFrom`: legs and playbacks up to this
 * count may exist in Asterisk already.
 */
export function callArrived(
  turn: Turn,
  event: Extract<PbxEvent, { type: "call_arrived" }>,
  namesFrom = 0,
): Verdict {
  const { state, now } = turn;
  if (state.calls.get(event.call)) return ignored("call_already_known");
  const decision = admission(state, event.number, now.wallMs);
  const hotline = decision.kind === "unknown_number" ? null : decision.hotline;
  const call: Call = {
    id: event.call,
    hotline: hotline?.id ?? null,
    number: event.number,
    from: event.from,
    arrivedAt: now,
    giveUpAtMs: after(now.monotonicMs, hotline?.maxWaitMs ?? confirmTimeoutMs),
    phase: { kind: "waiting" },
    hears: { kind: "nothing" },
    attempts: namesFrom,
    playbacks: namesFrom,
    tried: [],
  };
  const { number, from } = event;
  turn.tell(call.id, { what: "arrived", number, from, hotline: call.hotline });
  switch (decision.kind) {
    case "admitted":
      admit(turn, call, decision.hotline);
      return done;
    case "turned_away":
      turn.order({ type: "answer", call: call.id });
      endWithAnnouncement(turn, call, decision.hotline, decision.outcome, decision.announcement);
      return done;
    case "unknown_number":
      decide(turn, call, resultNow(turn, "unknown_number", "hotline"), confirmTimeoutMs);
      turn.order({ type: "hang_up", call: call.id, reason: "unknown_number" });
      return done;
    default:
      return unreachable(decision);
  }
}

/** The place in the queue starts here, before the greeting: agents ring while it plays. */
function admit(turn: Turn, call: Call, hotline: Hotline): void {
  turn.tell(call.id, { what: "admitted", waitingAhead: turn.state.queueLength(hotline.id) });
  turn.order({ type: "answer", call: call.id });
  announce(turn, call, hotline, "greeting");
}

function announce(turn: Turn, call: Call, hotline: Hotline, name: Announcement): Call {
  const playback = playbackId(call.id, call.playbacks + 1);
  turn.order({ type: "play", call: call.id, playback, hotline: hotline.id, announcement: name });
  turn.tell(call.id, { what: "announced", name });
  return turn.putCall({
    ...call,
    playbacks: call.playbacks + 1,
    hears: { kind: "announcement", name, playback },
  });
}

export function playbackFinished(turn: Turn, id: CallId, playback: PlaybackId): Verdict {
  const call = turn.state.calls.get(id);
  if (!call) return ignored("call_already_gone");
  if (call.hears.kind !== "announcement" || call.hears.playback !== playback)
    return ignored("playback_already_over");
  switch (call.phase.kind) {
    case "waiting":
      playMusic(turn, call);
      return done;
    case "offering":
      // While connecting, music would be heard in the conversation; if that fails, it is started then.
      if (call.phase.claim.kind === "connecting") turn.putCall({ ...call, hears: { kind: "music" } });
      else playMusic(turn, call);
      return done;
    case "connected":
      return ignored("playback_already_over");
    case "ended":
      hangUp(turn, call, call.phase.result);
      return done;
    default:
      return unreachable(call.phase);
  }
}

export function playMusic(turn: Turn, call: Call): void {
  turn.putCall({ ...call, hears: { kind: "music" } });
  turn.order({ type: "start_music", call: call.id });
  turn.tell(call.id, { what: "music" });
}

/** The caller's channel is gone. Whatever was going on for this call is over. */
export function callerLeft(turn: Turn, id: CallId): Verdict {
  const call = turn.state.calls.get(id);
  if (!call) return ignored("call_already_gone");
  switch (call.phase.kind) {
    case "waiting":
      tellEnd(turn, call, abandonment(turn, call));
      break;
    case "offering":
      releaseOffers(turn, call, "cancelled");
      tellEnd(turn, call, abandonment(turn, call));
      break;
    case "connected":
      tellEnd(turn, call, conversation(turn, call.phase, "caller"));
      turn.order({ type: "release_leg", leg: legOfTalk(turn, call), reason: "call_over" });
      startWrapUp(turn, turn.agent(call.phase.agent), "leg_pending");
      turn.order({ type: "close_bridge", call: id, bridge: call.phase.bridge });
      break;
    case "ended":
      break;
    default:
      unreachable(call.phase);
  }
  turn.tell(id, { what: "gone" });
  turn.state.calls.delete(id);
  return done;
}

/** The agent has hung up: so must the caller's side. */
export function agentLeft(turn: Turn, call: Call, endedBy: EndedBy): void {
  if (call.phase.kind !== "connected")
    throw new Error(`Call ${call.id} is ${call.phase.kind}, not connected`);
  const result = conversation(turn, call.phase, endedBy);
  tellEnd(turn, call, result);
  turn.order({ type: "close_bridge", call: call.id, bridge: call.phase.bridge });
  hangUp(turn, call, result);
}

/** Tells a waiting caller why it ends here, and lets them go. */
export function giveUp(turn: Turn, call: Call, outcome: "timed_out" | "no_agents"): void {
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  if (!hotline) throw new Error(`Call ${call.id} waits at no hotline`);
  endWithAnnouncement(turn, call, hotline, outcome, outcome);
}

/** A deadline of an ended call: the announcement or the hang-up took too long. */
export function endedCallIsLate(turn: Turn, call: Call): void {
  if (call.phase.kind !== "ended") throw new Error(`Call ${call.id} is ${call.phase.kind}, not ended`);
  if (call.hears.kind === "announcement") {
    hangUp(turn, call, call.phase.result);
    return;
  }
  turn.order({ type: "verify_caller", call: call.id });
  turn.putCall({ ...call, phase: { ...call.phase, deadlineMs: soon(turn, confirmTimeoutMs) } });
}

function endWithAnnouncement(
  turn: Turn,
  call: Call,
  hotline: Hotline,
  outcome: Outcome,
  name: Announcement,
): void {
  const announced = announce(turn, call, hotline, name);
  decide(turn, announced, resultNow(turn, outcome, "hotline"), announcementTimeoutMs);
}

function hangUp(turn: Turn, call: Call, result: Result): void {
  turn.order({ type: "hang_up", call: call.id, reason: "normal" });
  const deadlineMs = soon(turn, confirmTimeoutMs);
  turn.putCall({ ...call, hears: { kind: "nothing" }, phase: { kind: "ended", result, deadlineMs } });
}

/** From here on the outcome stands. */
function decide(turn: Turn, call: Call, result: Result, within: typeof confirmTimeoutMs): void {
  tellEnd(turn, call, result);
  turn.putCall({ ...call, phase: { kind: "ended", result, deadlineMs: soon(turn, within) } });
}

function tellEnd(turn: Turn, call: Call, result: Result): void {
  turn.tell(call.id, { what: "ended", result, waitMs: waitOf(call, result) });
}

/** From admission to the conversation, or to the end of a wait that led to none. */
function waitOf(call: Call, result: Result) {
  return between(call.arrivedAt.monotonicMs, (result.talk?.since ?? result.at).monotonicMs);
}

function abandonment(turn: Turn, call: Call): Result {
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  const waited = between(call.arrivedAt.monotonicMs, turn.now.monotonicMs);
  const short = hotline && waited < hotline.shortAbandonMs;
  return resultNow(turn, short ? "abandoned_short" : "abandoned", "caller");
}

function conversation(
  turn: Turn,
  phase: Extract<Call["phase"], { kind: "connected" }>,
  endedBy: EndedBy,
): Result {
  return { ...resultNow(turn, "answered", endedBy), talk: { agent: phase.agent, since: phase.since } };
}

const resultNow = (turn: Turn, outcome: Outcome, endedBy: EndedBy): Result => ({
  outcome,
  endedBy,
  at: turn.now,
  talk: null,
});

function legOfTalk(turn: Turn, call: Call) {
  const agent = call.phase.kind === "connected" ? turn.agent(call.phase.agent) : null;
  if (agent?.work.kind !== "talking") throw new Error(`Call ${call.id} is connected to nobody who talks`);
  return agent.work.leg;
}

const soon = (turn: Turn, length: typeof confirmTimeoutMs): MonotonicMs =>
  after(turn.now.monotonicMs, length);
