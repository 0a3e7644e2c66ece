import type { Schedule } from "./hours/schedule.ts";
import type { HotlineId } from "./ids.ts";
import type { DurationMs } from "./time.ts";

/** Whom to ring: the ready agent who has been idle longest, or all ready agents at once. */
export type Strategy = "longest-idle" | "ring-all";

/** What an administrator sets for a hotline. */
export type Hotline = {
  readonly id: HotlineId;
  /** Shown on the agents' phones. */
  readonly name: string;
  readonly strategy: Strategy;
  readonly ringTimeoutMs: DurationMs;
  readonly wrapUpMs: DurationMs;
  /** So many unanswered offers in a row pause an agent; 0 = never. */
  readonly autoPauseAfter: number;
  readonly maxWaiting: number;
  readonly maxWaitMs: DurationMs;
  /** A caller who leaves within this time counts as `abandoned_short`. */
  readonly shortAbandonMs: DurationMs;
  readonly schedule: Schedule;
};

/** What a hotline's callers can hear. */
export const announcements = [
  "greeting",
  "closed",
  "closed_adhoc",
  "no_agents",
  "full",
  "timed_out",
] as const;
export type Announcement = (typeof announcements)[number];
