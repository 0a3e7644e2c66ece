import { z } from "zod";
import { strategies } from "../core/hotlines.ts";

/**
 * The admin API: HTTP with JSON over the Unix socket run/admin.sock. One definition for the daemon, which checks what
 * comes in, and for its clients, which read what comes out. Times are ISO 8601 in UTC with milliseconds, lengths are
 * in milliseconds, absent is null. What stands here is stable.
 */

const id = (what: string, example: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
      `${what} is 1 to 32 letters, digits, - or _, for example ${example}`,
    );

export const agentIdSchema = id("An agent's id", "201");
export const hotlineIdSchema = id("A hotline's id", "demo");
/** On one line, as it goes to phones' displays and into Asterisk's configuration. */
const displayName = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, "A name is needed")
    .max(longest, `A name has at most ${longest} characters`)
    .regex(
      /^[^\p{Cc}\u2028\u2029]*$/u,
      "A name must not contain line breaks, tabs or other control characters",
    );
const time = z.iso.datetime();
const length = z.int().nonnegative();

const counts = z.object({
  ready: z.int(),
  offered: z.int(),
  talking: z.int(),
  wrap_up: z.int(),
  paused: z.int(),
  busy: z.int(),
  offline: z.int(),
  logged_out: z.int(),
});
export type AgentCounts = z.infer<typeof counts>;

export const statusSchema = z.object({
  pbx: z.object({ connected: z.boolean(), version: z.string().nullable() }),
  hotlines: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      open: z.boolean(),
      /** Which rule decided, in words. */
      reason: z.string(),
      waiting: z.int(),
      longestWaitMs: length.nullable(),
      agents: counts,
    }),
  ),
  calls: z.array(
    z.object({
      id: z.string(),
      hotline: z.string().nullable(),
      phase: z.enum(["listening", "waiting", "offering", "connected", "forwarding", "forwarded", "ended"]),
      /** Whom the caller talks to, or who is rung (the first of several). */
      agent: z.string().nullable(),
      /** When the call arrived. */
      since: time,
    }),
  ),
  alarms: z.array(z.object({ code: z.string(), message: z.string(), since: time })),
});
export type Status = z.infer<typeof statusSchema>;

export const callSchema = z.object({
  id: z.string(),
  hotline: z.string().nullable(),
  from: z.string().nullable(),
  arrivedAt: time,
  outcome: z.string().nullable(),
  endedBy: z.string().nullable(),
  waitMs: length.nullable(),
  talkMs: length.nullable(),
  agent: z.string().nullable(),
  events: z
    .array(z.object({ at: time, what: z.string(), detail: z.record(z.string(), z.unknown()) }))
    .optional(),
});
export type CallView = z.infer<typeof callSchema>;
export const callsSchema = z.array(callSchema);

export const callsQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(10_000).default(50),
  since: time.optional(),
});

export const agentSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["logged_out", "talking", "offered", "offline", "busy", "wrap_up", "paused", "ready"]),
  reason: z.string().nullable(),
  idleSince: time.nullable(),
  hotlines: z.array(z.string()),
});
export type AgentView = z.infer<typeof agentSchema>;
export const agentsSchema = z.array(agentSchema);

export const addAgentSchema = z.strictObject({
  id: agentIdSchema,
  name: displayName(64),
  hotlines: z.array(hotlineIdSchema).max(100),
});
export type AddAgent = z.infer<typeof addAgentSchema>;

export const newAgentSchema = z.object({
  id: z.string(),
  sip: z.object({
    username: z.string(),
    password: z.string(),
    host: z.string(),
    port: z.int(),
    transport: z.enum(["udp", "tcp", "tls"]),
  }),
});
export type NewAgent = z.infer<typeof newAgentSchema>;

export const pauseSchema = z.strictObject({ reason: z.string().trim().min(1).max(100).nullable() });

export const strategySchema = z.enum(strategies);

/** The limits stand here, so that CLI, API and documents agree. */
export const hotlineSettingsSchema = z.strictObject({
  name: displayName(40),
  strategy: strategySchema,
  ringTimeoutMs: z.int().min(3_000, "at least 3s").max(120_000, "at most 120s"),
  wrapUpMs: z.int().min(0).max(3_600_000, "at most 1h"),
  autoPause: z.int().min(0).max(100, "at most 100"),
  maxWaiting: z.int().min(0).max(10_000, "at most 10000"),
  maxWaitMs: z.int().min(1_000, "at least 1s").max(86_400_000, "at most 24h"),
});
export const hotlineChangeSchema = hotlineSettingsSchema
  .partial()
  .refine((change) => Object.keys(change).length > 0, "Nothing to change was named");
export type HotlineChange = z.infer<typeof hotlineChangeSchema>;

export const hotlineSchema = hotlineSettingsSchema.extend({
  id: z.string(),
  numbers: z.array(z.string()),
  agents: z.array(z.string()),
});
export type HotlineView = z.infer<typeof hotlineSchema>;
export const hotlinesSchema = z.array(hotlineSchema);

export const hoursSchema = z.object({
  hotline: z.string(),
  timeZone: z.string(),
  /** As `hours set` takes them: `mon-fri 08:00-18:00`. */
  weekly: z.array(z.string()),
  adHoc: z.object({ closed: z.literal(true), reason: z.string(), until: time.nullable() }).nullable(),
  open: z.boolean(),
  reason: z.string(),
  nextOpening: time.nullable(),
});
export type HoursView = z.infer<typeof hoursSchema>;

/** Lines such as `mon-fri 08:00-18:00`: all are taken or none. */
export const setHoursSchema = z.strictObject({ lines: z.array(z.string().max(200)).min(1).max(14) });

export const closeSchema = z.strictObject({
  reason: z.string().trim().min(1, "A reason is needed").max(200),
  /** A time of day in the hotline's zone such as 14:00, or null. */
  until: z.string().nullable(),
  forMs: z
    .int()
    .min(1_000)
    .max(31 * 86_400_000)
    .nullable(),
});
export type Close = z.infer<typeof closeSchema>;

export const announcementSchema = z.object({
  hotline: z.string(),
  name: z.string(),
  source: z.enum(["text", "file"]),
  /** What is spoken, or the name of the imported file. */
  text: z.string(),
  lengthMs: length,
});
export type AnnouncementView = z.infer<typeof announcementSchema>;
export const announcementsSchema = z.array(announcementSchema);

/** The sound file itself, so that the daemon needs no right to read the folder it came from. */
export const importSchema = z.strictObject({ fileName: z.string().max(255), contentBase64: z.string() });

/** Every answer that is no success. `position` points into the text that was wrong. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});
export type ApiError = z.infer<typeof errorSchema>["error"];
