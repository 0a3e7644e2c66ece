import { z } from "zod";
import { hotlineIdSchema } from "./schemas.ts";

/** How many agents are needed: GET /staffing. Lengths are in milliseconds, shares are 0..1 of all calls. */

/** The limits stand here, so that CLI, API and documents agree. */
const figures = {
  callsPerHour: z.coerce.number().min(0.1, "at least 0.1").max(20_000, "at most 20000"),
  talkMs: z.coerce.number().int().min(1_000, "at least 1s").max(14_400_000, "at most 4h"),
  wrapUpMs: z.coerce.number().int().min(0).max(3_600_000, "at most 1h"),
  patienceMs: z.coerce.number().int().min(1_000, "at least 1s").max(3_600_000, "at most 1h"),
  targetPercent: z.coerce.number().min(1, "from 1 to 99 percent").max(99, "from 1 to 99 percent"),
  targetWithinMs: z.coerce.number().int().min(0).max(3_600_000, "within at most 1h"),
  weeks: z.coerce.number().int().min(1, "from 1 to 52").max(52, "from 1 to 52"),
};

/** Either calls and talk time are given, or both are taken from the record of a hotline's last weeks. */
export const staffingQuerySchema = z
  .strictObject({
    ...figures,
    callsPerHour: figures.callsPerHour.optional(),
    talkMs: figures.talkMs.optional(),
    /** Default: none with given figures, else what the hotline has. */
    wrapUpMs: figures.wrapUpMs.optional(),
    /** Mean time after which a caller gives up; without it nobody does. */
    patienceMs: figures.patienceMs.optional(),
    /** Default: what the German 115 promises. */
    targetPercent: figures.targetPercent.default(75),
    targetWithinMs: figures.targetWithinMs.default(30_000),
    hotline: hotlineIdSchema.optional(),
    weeks: figures.weeks.optional(),
  })
  .refine(({ callsPerHour, talkMs }) => (callsPerHour === undefined) === (talkMs === undefined), {
    message: "give both the calls per hour and the talk time, or neither",
  })
  .refine(
    ({ callsPerHour, hotline, weeks }) => callsPerHour === undefined || (hotline ?? weeks) === undefined,
    {
      message: "a hotline and weeks are for figures from the record; leave them out when figures are given",
    },
  );
export type StaffingQuery = z.output<typeof staffingQuerySchema>;
/** What a client asks: everything may be left out. */
export type StaffingQuestion = { readonly [K in keyof StaffingQuery]?: NonNullable<StaffingQuery[K]> };

const share = z.number().min(0).max(1);

export const staffingSchema = z.object({
  /** Where calls and talk time come from; null: they were given. */
  record: z
    .object({
      hotline: z.string(),
      timeZone: z.string(),
      weeks: z.int(),
      /** The busiest hour of the week, local time: 1 Monday to 7 Sunday, 0 to 23. */
      weekday: z.int(),
      hour: z.int(),
      /** How many of these hours there were, and the calls in all of them. */
      hours: z.int(),
      calls: z.int(),
      /** The talk time is the mean of these, from all hours. */
      answeredCalls: z.int(),
    })
    .nullable(),
  callsPerHour: z.number(),
  talkMs: z.int(),
  wrapUpMs: z.int(),
  patienceMs: z.int().nullable(),
  /** In erlangs: calls in progress at once on average. */
  load: z.number(),
  targetPercent: z.number(),
  targetWithinMs: z.int(),
  /** The fewest that meet the target. */
  agents: z.int(),
  /** Fewer than this, and the queue would grow without end. */
  agentsMin: z.int(),
  /** Around that number. */
  table: z.array(
    z.object({
      agents: z.int(),
      occupancy: share,
      waitProbability: share,
      meanWaitMs: z.int(),
      /** Answered within the target's time ÷ all calls. */
      serviceLevel: share,
      /** Null: patience was not given. */
      abandoned: share.nullable(),
      meetsTarget: z.boolean(),
    }),
  ),
});
export type StaffingView = z.infer<typeof staffingSchema>;
