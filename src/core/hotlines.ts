import type { Schedule } from "./hours/schedule.ts";
import type { HotlineId } from "./ids.ts";
import { type DurationMs, minutes, ms, seconds } from "./time.ts";

/** Whom to ring for a caller. "Ready" means: free, of a tier that has joined, and with the skills the caller needs. */
export const strategies = [
  /** The ready agent who has been idle longest. */
  "longest-idle",
  /** All ready agents of the best tier at once; the first to answer wins. */
  "ring-all",
  /** The one idle longest, and one more every `ringNextAfterMs`. */
  "progressive",
  /** In the order of their ids, beginning behind the one who was rung last. */
  "round-robin",
  /** Who has answered the fewest calls since local midnight. */
  "fewest-calls",
  /** Who has talked least since local midnight. */
  "least-talk",
  /** The first ready one in the order of their ids. */
  "fixed-order",
  /** Any; chance comes from outside, as a seed. */
  "random",
] as const;
export type Strategy = (typeof strategies)[number];

/** What an administrator sets for a hotline. */
export type Hotline = {
  readonly id: HotlineId;
  /** Shown on the agents' phones. */
  readonly name: string;
  readonly strategy: Strategy;
  /** An agent in several hotlines takes the call of the one with the highest. */
  readonly priority: number;
  readonly ringTimeoutMs: DurationMs;
  /** `progressive`: one more agent each time this has passed. */
  readonly ringNextAfterMs: DurationMs;
  /** Each time a caller has waited this long here, the agents of one more tier join. */
  readonly nextTierAfterMs: DurationMs;
  readonly wrapUpMs: DurationMs;
  /** So many unanswered offers in a row pause an agent; 0 = never. */
  readonly autoPauseAfter: number;
  readonly maxWaiting: number;
  readonly maxWaitMs: DurationMs;
  /** A caller who leaves within this time counts as `abandoned_short`. */
  readonly shortAbandonMs: DurationMs;
  /** Who gave up and calls again within this time gets the old place; 0 = never. */
  readonly resumeWithinMs: DurationMs;
  /** How long callers are still served who wait when the hotline closes; null = until somebody answers. */
  readonly closingGraceMs: DurationMs | null;
  /** The greeting (a data protection notice, say) is heard to its end before anybody is rung. */
  readonly greetingMustFinish: boolean;
  /** Heard while waiting, in turn, then from the first one again. */
  readonly periodic: readonly Periodic[];
  /** Tried in order, each at most once per caller. */
  readonly overflow: readonly OverflowStep[];
  /** Open when that one is; null: by its own schedule. Ad-hoc closing and opening are always its own. */
  readonly hoursOf: HotlineId | null;
  readonly schedule: Schedule;
};

export type Periodic = {
  readonly announcement: PeriodicAnnouncement;
  /** After the end of the announcement before. */
  readonly afterMs: DurationMs;
};

export type OverflowStep = { readonly when: OverflowCondition; readonly action: OverflowAction };

export type OverflowCondition =
  /** Nobody is there, at arrival or for a minute. */
  | { readonly kind: "no_agents" }
  /** All who are there are on a break, at arrival or for a minute. */
  | { readonly kind: "all_paused" }
  | { readonly kind: "full" }
  /** Outside the opening hours, at arrival. */
  | { readonly kind: "closed" }
  /** In this hotline. */
  | { readonly kind: "waited"; readonly afterMs: DurationMs };

export type OverflowAction =
  | { readonly kind: "hang_up"; readonly announcement: RecordedAnnouncement }
  /** And stay in the queue. */
  | { readonly kind: "announce"; readonly announcement: RecordedAnnouncement }
  /** Keeps the waiting time. */
  | { readonly kind: "move"; readonly hotline: HotlineId }
  /** To a number outside. */
  | { readonly kind: "forward"; readonly number: string }
  | { readonly kind: "next_tier" };

/** What stands in every new hotline until somebody sets it otherwise. */
export const defaultSettings: Omit<Hotline, "id" | "name" | "schedule"> = {
  strategy: "longest-idle",
  priority: 0,
  ringTimeoutMs: seconds(20),
  ringNextAfterMs: seconds(10),
  nextTierAfterMs: seconds(30),
  wrapUpMs: seconds(10),
  autoPauseAfter: 2,
  maxWaiting: 500,
  maxWaitMs: minutes(60),
  shortAbandonMs: seconds(5),
  resumeWithinMs: ms(0),
  closingGraceMs: minutes(30),
  greetingMustFinish: false,
  periodic: [],
  overflow: [],
  hoursOf: null,
};

/** All that says when a hotline is open: its own schedule, or another's with its own ad-hoc. */
export function scheduleOf(
  hotlines: { get(id: HotlineId): Hotline | null | undefined },
  { hoursOf, schedule }: Pick<Hotline, "hoursOf" | "schedule">,
): Schedule {
  const shared = hoursOf === null ? null : hotlines.get(hoursOf);
  return shared ? { ...shared.schedule, adHoc: schedule.adHoc } : schedule;
}

/** Announcements that are one recording or one text. */
export const recordedAnnouncements = [
  "greeting",
  "closed",
  "closed_holiday",
  "closed_adhoc",
  "no_agents",
  "all_paused",
  "full",
  "timed_out",
  /** To those who still wait some time after the hotline has closed. */
  "closing",
  /** Instead of "closed", on days excepted from the usual hours; what is said in each is up to the hotline. */
  "special_1",
  "special_2",
  "special_3",
  /** While waiting; what is said in each is up to the hotline. */
  "waiting_1",
  "waiting_2",
  "waiting_3",
  /** Before an overflow step that has no announcement of its own kind. */
  "overflow",
  /** Before the caller is forwarded outside. */
  "forwarding",
] as const;
export type RecordedAnnouncement = (typeof recordedAnnouncements)[number];

/** Announcements put together for each caller. */
export const computedAnnouncements = ["position", "expected_wait"] as const;

/** What a hotline's callers can hear. */
export const announcements = [...recordedAnnouncements, ...computedAnnouncements] as const;
export type Announcement = (typeof announcements)[number];

/** What may be said to callers again and again. */
export const periodicAnnouncements = [
  "waiting_1",
  "waiting_2",
  "waiting_3",
  ...computedAnnouncements,
] as const;
export type PeriodicAnnouncement = (typeof periodicAnnouncements)[number];

/** What a computed announcement says. */
export type Spoken =
  /** 1: next in line. */
  | { readonly kind: "position"; readonly position: number }
  /** One of `spokenMinutes`. */
  | { readonly kind: "expected_wait"; readonly minutes: number };

/** Waiting times are said no finer than they are known, and not at all beyond an hour. */
export const spokenMinutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60] as const;
/** From this position on, callers are told that it is more. */
export const lastSpokenPosition = 20;
