import type { Call } from "../calls.ts";
import type { Hotline } from "../hotlines.ts";
import type { HotlineId } from "../ids.ts";
import { overflow } from "../overflow/steps.ts";
import type { Turn } from "../turn.ts";
import { hotlineOf } from "./due.ts";
import { sayFarewell } from "./farewell.ts";

/** Letting go those who wait at a hotline. Nobody is sent away while a phone rings for them. */

/** Nobody has been there for a while, or all were on a break. On a break, people come back: callers may wait for them. */
export function giveUpUnstaffed(turn: Turn, hotline: HotlineId, because: "no_agents" | "all_paused"): void {
  for (const call of waitingAt(turn, hotline)) {
    // Hears a greeting that must be heard to its end; is told with the next grace.
    if (call.phase.kind === "listening") continue;
    turn.subject = { kind: "call", id: call.id };
    overflow(turn, call, hotlineOf(turn, call), { kind: because }, null);
  }
}

/** The hotline has closed and the time is over in which those who waited were still served. True: somebody was let go. */
export function releaseAtClosing(turn: Turn, hotline: Hotline): boolean {
  const waiting = waitingAt(turn, hotline.id);
  for (const call of waiting) {
    turn.subject = { kind: "call", id: call.id };
    sayFarewell(turn, call, { outcome: "timed_out", announcement: "closing" }, "closing");
  }
  return waiting.length > 0;
}

function waitingAt(turn: Turn, hotline: HotlineId): Call[] {
  return turn.state
    .queue(hotline)
    .ids()
    .map((id) => turn.call(id))
    .filter(({ phase }) => phase.kind === "waiting" || phase.kind === "listening");
}
