import type { Call } from "../calls.ts";
import { expectedMinutes, spokenPosition } from "../estimates.ts";
import type { Announcement, Hotline, Spoken } from "../hotlines.ts";
import { type CallId, type PlaybackId, playbackId } from "../ids.ts";
import { announcementPutOffMs, announcementTimeoutMs } from "../limits.ts";
import { after } from "../time.ts";
import { done, ignored, type Turn, type Verdict } from "../turn.ts";
import { unreachable } from "../unreachable.ts";
import { hotlineOf } from "./due.ts";
import { hangUp } from "./farewell.ts";

/** What a caller hears who is not talking: announcements and music. */

/** Returns the call as it is now. */
export function announce(turn: Turn, call: Call, name: Announcement, spoken: Spoken | null = null): Call {
  if (call.hotline === null) throw new Error(`Call ${call.id} is at no hotline`);
  const playback = playbackId(call.id, call.playbacks + 1);
  turn.order({ type: "play", call: call.id, playback, hotline: call.hotline, announcement: name, spoken });
  turn.tell(call.id, { what: "announced", name, ...(spoken && { spoken }) });
  return turn.putCall({
    ...call,
    playbacks: call.playbacks + 1,
    hears: { kind: "announcement", name, playback },
    // The time to the next one begins at the end of this one.
    due: { ...call.due, announcementMs: null },
  });
}

/**
 * What is heard first by who comes into a hotline's queue. Where the greeting must be heard to its end nobody is rung before
 * that, whatever is heard before it.
 */
export function welcome(turn: Turn, call: Call, hotline: Hotline, first: Announcement): void {
  const deadlineMs = after(turn.now.monotonicMs, announcementTimeoutMs);
  const phase: Call["phase"] = hotline.greetingMustFinish
    ? { kind: "listening", deadlineMs }
    : { kind: "waiting" };
  announce(turn, { ...call, phase }, first);
}

/**
 * Returns the call as it is now. Music that was broken off, by a restart or by a phone that was picked up in vain, puts off no
 * announcement.
 */
export function playMusic(turn: Turn, call: Call): Call {
  turn.order({ type: "start_music", call: call.id });
  turn.tell(call.id, { what: "music" });
  const due = call.due.announcementMs === null ? withNextPeriodic(turn, call) : call.due;
  return turn.putCall({ ...call, hears: { kind: "music" }, due });
}

export function playbackFinished(turn: Turn, id: CallId, playback: PlaybackId): Verdict {
  const call = turn.state.calls.get(id);
  if (!call) return ignored("call_already_gone");
  if (call.hears.kind !== "announcement" || call.hears.playback !== playback)
    return ignored("playback_already_over");
  switch (call.phase.kind) {
    case "listening":
      heardFirst(turn, call);
      return done;
    case "waiting":
      playMusic(turn, call);
      return done;
    case "offering":
      // While connecting, music would be heard in the conversation; if that fails, it is started then.
      if (call.phase.claim.kind === "connecting") waitInSilence(turn, call);
      else playMusic(turn, call);
      return done;
    case "forwarding":
      if (call.phase.bridge !== null) waitInSilence(turn, call);
      else playMusic(turn, call);
      return done;
    case "connected":
    case "forwarded":
    case "away":
      return ignored("playback_already_over");
    case "ended":
      hangUp(turn, call, call.phase.result);
      return done;
    default:
      return unreachable(call.phase);
  }
}

/** The greeting comes next, or was it, and agents may be rung from now on. The place is kept since the arrival. */
export function heardFirst(turn: Turn, call: Call): void {
  if (call.hears.kind === "announcement" && call.hears.name !== "greeting")
    welcome(turn, call, hotlineOf(turn, call), "greeting");
  else playMusic(turn, { ...call, phase: { kind: "waiting" } });
}

function waitInSilence(turn: Turn, call: Call): void {
  turn.putCall({ ...call, hears: { kind: "music" }, due: withNextPeriodic(turn, call) });
}

/** The time for the next periodic announcement has come; one that cannot be made is passed over. */
export function announceNext(turn: Turn, call: Call): void {
  // It would be played into the conversation. If connecting fails, it comes as long after the music begins again.
  if (call.phase.kind === "offering" && call.phase.claim.kind === "connecting") {
    waitInSilence(turn, call);
    return;
  }
  const hotline = call.hotline && turn.state.hotlines.get(call.hotline);
  const next = hotline?.periodic[call.nextPeriodic % hotline.periodic.length];
  if (!hotline || !next) {
    turn.putCall({ ...call, due: { ...call.due, announcementMs: null } });
    return;
  }
  const passed: Call = { ...call, nextPeriodic: (call.nextPeriodic + 1) % hotline.periodic.length };
  if (turn.state.loose.pbx === "lost") {
    // Nobody would hear it. Who is still there hears it soon after the connection is back.
    const announcementMs = after(turn.now.monotonicMs, announcementPutOffMs);
    turn.putCall({ ...call, due: { ...call.due, announcementMs } });
    return;
  }
  const spoken = spokenFor(turn, call, hotline, next.announcement);
  if (spoken === "unknown") turn.putCall({ ...passed, due: withNextPeriodic(turn, passed) });
  else announce(turn, passed, next.announcement, spoken);
}

function spokenFor(turn: Turn, call: Call, hotline: Hotline, name: Announcement): Spoken | null | "unknown" {
  if (name === "position") return { kind: "position", position: spokenPosition(turn.state, call) };
  if (name !== "expected_wait") return null;
  const minutes = expectedMinutes(turn.state, hotline, call);
  return minutes === null ? "unknown" : { kind: "expected_wait", minutes };
}

/** While music plays, when the next periodic announcement comes. */
export function withNextPeriodic(turn: Turn, call: Call): Call["due"] {
  const periodic = (call.hotline && turn.state.hotlines.get(call.hotline)?.periodic) || [];
  const next = periodic[call.nextPeriodic % periodic.length];
  return { ...call.due, announcementMs: next ? after(turn.now.monotonicMs, next.afterMs) : null };
}
