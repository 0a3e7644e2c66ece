import { z } from "zod";

/** What would be done with a call, and why. */
export const explainQuerySchema = z.strictObject({
  /** May be left out where only one can be meant. */
  number: z.string().max(40).optional(),
  hotline: z.string().max(40).optional(),
  /** In the hotline's zone: `2026-12-24 10:00`, `24.12. 10 Uhr`, `10:00`. Left out: now. */
  at: z.string().max(60).optional(),
  /** So many callers wait already. Left out: those who do; none at another time than now. */
  waiting: z.coerce.number().int().min(0).max(10_000).optional(),
});
export type ExplainQuery = z.infer<typeof explainQuerySchema>;

const rule = z.enum(["ad_hoc", "exception", "holiday", "weekly"]);

export const explainSchema = z.object({
  number: z.string(),
  /** Where the number leads; null: nowhere. */
  hotline: z.string().nullable(),
  at: z.iso.datetime(),
  timeZone: z.string(),
  open: z.boolean(),
  /** Which rule of the opening hours decided, and that in words; null: there is no hotline to ask. */
  rule: rule.nullable(),
  reason: z.string(),
  /** Rules that had something to say and did not get to decide. */
  lost: z.array(z.object({ rule, open: z.boolean(), reason: z.string() })),
  /** `admitted` to the queue, `forwarding` to a number outside, or the call's outcome such as `closed_holiday`. */
  outcome: z.string(),
  /** What is heard first. `text`: as it would be spoken then; null: it is a recording. */
  announcement: z.object({ hotline: z.string(), name: z.string(), text: z.string().nullable() }).nullable(),
  /** The hotline where the caller is then: another one after an overflow. */
  servedBy: z.string().nullable(),
  waitingAhead: z.int(),
  strategy: z.string().nullable(),
  /** Steps of overflow: those tried at once, and those that follow if nobody answers. */
  overflow: z.array(z.object({ step: z.string(), when: z.enum(["at_once", "later"]) })),
  /** Who is rung, in this order, as the agents are now, also for another time. `afterMs`: not before the caller has waited so long. */
  agents: z.array(z.object({ id: z.string(), name: z.string(), tier: z.int(), afterMs: z.int() })),
  /** Who belongs to the hotline and is not rung, and the state that says why. */
  others: z.array(z.object({ id: z.string(), name: z.string(), state: z.string() })),
});
export type ExplainView = z.infer<typeof explainSchema>;
