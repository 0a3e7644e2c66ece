import { z } from "zod";
import { agentSchema, statusSchema } from "./schemas.ts";
import { targetSchema, todaySchema } from "./today.ts";

/**
 * What happens, as it happens: GET /events, Server-Sent Events that a browser's EventSource reads as well. The first
 * event is a `snapshot`: all there is. From then on `changed` has the rows that are new or different, whole, and the ids of
 * those that are gone. Whoever reads too slowly gets a new snapshot instead of all that was missed; so does whoever
 * connects again. A comment every 15 seconds says that the connection stands.
 *
 * Times are the daemon's; `at` is its clock as it was when the event was made, for readers whose own clock is off.
 * Callers' numbers are shortened to their last three digits.
 */

const time = z.iso.datetime();

const hotlineStatus = statusSchema.shape.hotlines.element;

export const liveHotlineSchema = hotlineStatus.omit({ longestWaitMs: true }).extend({
  timeZone: z.string(),
  /** Since when the caller waits who waits longest. */
  waitingSince: time.nullable(),
  today: todaySchema,
});
export type LiveHotline = z.infer<typeof liveHotlineSchema>;

export const liveAgentSchema = agentSchema.pick({ id: true, name: true, state: true, reason: true }).extend({
  /** In this state; null: since before the daemon was started. */
  since: time.nullable(),
  /** When the wrap-up ends by itself; null in all other states. */
  until: time.nullable(),
  hotlines: z.array(z.string()),
});
export type LiveAgent = z.infer<typeof liveAgentSchema>;

export const liveCallSchema = z.object({
  id: z.string(),
  /** Where the call is now; null: the number leads to no hotline. */
  hotline: z.string().nullable(),
  /** The last three digits; null: anonymous. */
  from: z.string().nullable(),
  phase: statusSchema.shape.calls.element.shape.phase,
  arrivedAt: time,
  /** Since when the caller waits or waited, over all hotlines. */
  waitingSince: time,
  /** Since when the caller talks to somebody. */
  talkingSince: time.nullable(),
  /** Whom the caller talks to, or who is rung. */
  agents: z.array(z.string()),
  forwardedTo: z.string().nullable(),
  /** Set once the call is over and the caller hears why. */
  outcome: z.string().nullable(),
});
export type LiveCall = z.infer<typeof liveCallSchema>;

export const liveSnapshotSchema = z.object({
  type: z.literal("snapshot"),
  at: time,
  target: targetSchema,
  pbx: statusSchema.shape.pbx,
  alarms: statusSchema.shape.alarms,
  hotlines: z.array(liveHotlineSchema),
  agents: z.array(liveAgentSchema),
  calls: z.array(liveCallSchema),
});
export type LiveSnapshot = z.infer<typeof liveSnapshotSchema>;

const gone = z.array(z.string());
export const liveChangeSchema = z.object({
  type: z.literal("changed"),
  at: time,
  /** Left out where nothing has changed. */
  pbx: statusSchema.shape.pbx.optional(),
  alarms: statusSchema.shape.alarms.optional(),
  hotlines: z.array(liveHotlineSchema).optional(),
  agents: z.array(liveAgentSchema).optional(),
  calls: z.array(liveCallSchema).optional(),
  removed: z
    .object({ hotlines: gone.optional(), agents: gone.optional(), calls: gone.optional() })
    .optional(),
});
export type LiveChange = z.infer<typeof liveChangeSchema>;

export const liveEventSchema = z.discriminatedUnion("type", [liveSnapshotSchema, liveChangeSchema]);
export type LiveEvent = z.infer<typeof liveEventSchema>;

/** What there is after a change: rows are replaced by their id. */
export function applyChange(before: LiveSnapshot, change: LiveChange): LiveSnapshot {
  return {
    ...before,
    at: change.at,
    pbx: change.pbx ?? before.pbx,
    alarms: change.alarms ?? before.alarms,
    hotlines: replaced(before.hotlines, change.hotlines, change.removed?.hotlines),
    agents: replaced(before.agents, change.agents, change.removed?.agents),
    calls: replaced(before.calls, change.calls, change.removed?.calls),
  };
}

function replaced<Row extends { id: string }>(
  before: Row[],
  changed: readonly Row[] | undefined,
  removed: readonly string[] | undefined,
): Row[] {
  if (!changed && !removed) return before;
  const rows = new Map(before.map((row) => [row.id, row]));
  for (const row of changed ?? []) rows.set(row.id, row);
  for (const id of removed ?? []) rows.delete(id);
  return [...rows.values()];
}
