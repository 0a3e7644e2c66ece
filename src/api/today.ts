import { z } from "zod";

const share = z.number().min(0).max(1).nullable();

/** The service level that is aimed at: so many of 100 callers reach somebody within that time. */
export const targetSchema = z.object({ percent: z.number(), withinMs: z.int() });
export type Target = z.infer<typeof targetSchema>;

/** Since midnight in the hotline's zone, by the time of arrival; a call counts when somebody talks to the caller or when it ends. */
export const todaySchema = z.object({
  /** All calls but those outside the opening hours. */
  offered: z.int(),
  answered: z.int(),
  /** Within the time of the target. */
  answeredInTime: z.int(),
  abandoned: z.int(),
  abandonedShort: z.int(),
  /** Full, nobody there, waited too long, forwarded, failed. */
  otherwise: z.int(),
  /** answered ÷ offered */
  reachability: share,
  /** answeredInTime ÷ (offered − abandonedShort) */
  serviceLevel: share,
  /** Mean wait of answered calls. */
  asaMs: z.int().nullable(),
});
export type Today = z.infer<typeof todaySchema>;
