import { giveUpUnstaffed, releaseAtClosing } from "./callers/release.ts";
import { type Closing, type Desk, newDesk } from "./desks.ts";
import type { Hotline } from "./hotlines.ts";
import { unstaffedGraceMs } from "./limits.ts";
import { after, type MonotonicMs } from "./time.ts";
import type { Turn } from "./turn.ts";

/** Keeps an eye on hotlines that have callers waiting: is anybody there, is it still open? Runs at the end of every step. */
export function watchDesks(turn: Turn): void {
  for (const hotline of turn.state.hotlines.values()) watch(turn, hotline);
}

function watch(turn: Turn, hotline: Hotline): void {
  const { state } = turn;
  const desk = state.desks.get(hotline.id) ?? newDesk(hotline.id);
  const somebodyWaits = state.queue(hotline.id).length > 0;
  if (!somebodyWaits && isIdle(desk)) return;
  const staff = state.staff(hotline.id);
  const unstaffed = somebodyWaits && staff.present.size === 0;
  const allPaused =
    somebodyWaits &&
    staff.present.size > 0 &&
    staff.staffed.size === 0 &&
    hotline.overflow.some(({ when }) => when.kind === "all_paused");
  const { monotonicMs } = turn.now;
  const closing = somebodyWaits ? closingNow(turn, hotline, desk.closing) : unwatched;
  const unstaffedSince = unstaffed ? (desk.unstaffedSince ?? monotonicMs) : null;
  const allPausedSince = allPaused ? (desk.allPausedSince ?? monotonicMs) : null;
  if (
    closing !== desk.closing ||
    unstaffedSince !== desk.unstaffedSince ||
    allPausedSince !== desk.allPausedSince
  )
    state.desks.put(hotline.id, { ...desk, closing, unstaffedSince, allPausedSince });
  if (closing.kind === "released" && releaseAtClosing(turn, hotline)) watch(turn, hotline);
}

const unwatched: Closing = { kind: "unwatched" };

const isIdle = ({ closing, unstaffedSince, allPausedSince }: Desk) =>
  closing.kind === "unwatched" && unstaffedSince === null && allPausedSince === null;

function closingNow(turn: Turn, hotline: Hotline, before: Closing): Closing {
  const { monotonicMs, wallMs } = turn.now;
  const { opening, untilMs } = turn.state.opening(hotline, wallMs);
  if (opening.open) {
    if (before.kind === "open" && before.untilMs === untilMs && before.lookAtMs > monotonicMs) return before;
    return { kind: "open", untilMs, lookAtMs: (monotonicMs + (untilMs - wallMs)) as MonotonicMs };
  }
  const since = before.kind === "grace" || before.kind === "released" ? before.since : monotonicMs;
  const { closingGraceMs } = hotline;
  const releaseAtMs = closingGraceMs === null ? null : after(since, closingGraceMs);
  if (releaseAtMs !== null && releaseAtMs <= monotonicMs)
    return before.kind === "released" ? before : { kind: "released", since };
  return before.kind === "grace" && before.releaseAtMs === releaseAtMs
    ? before
    : { kind: "grace", since, releaseAtMs };
}

/** A grace is over: those who wait are told. What the hours say is looked at after every step anyway. */
export function deskIsDue(turn: Turn, desk: Desk): void {
  const { now } = turn;
  const isOver = (since: MonotonicMs | null): boolean =>
    since !== null && after(since, unstaffedGraceMs) <= now.monotonicMs;
  if (isOver(desk.unstaffedSince)) {
    giveUpUnstaffed(turn, desk.hotline, "no_agents");
    // Somebody may still be rung for a caller; look again after another grace.
    renew(turn, desk, { unstaffedSince: now.monotonicMs });
  }
  if (isOver(desk.allPausedSince)) {
    giveUpUnstaffed(turn, desk.hotline, "all_paused");
    renew(turn, desk, { allPausedSince: now.monotonicMs });
  }
}

function renew(turn: Turn, desk: Desk, since: Partial<Desk>): void {
  const now = turn.state.desks.get(desk.hotline);
  if (now) turn.state.desks.put(desk.hotline, { ...now, ...since });
}
