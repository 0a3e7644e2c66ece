import { z } from "zod";
import {
  dialledNumberPattern,
  idPattern,
  outsideNumberPattern,
  periodicAnnouncements,
  recordedAnnouncements,
  reservedAgentIds,
  skillPattern,
  strategies,
} from "./distribution.ts";
import { targetSchema, todaySchema } from "./today.ts";

/**
 * The admin API: HTTP with JSON over the Unix socket run/admin.sock. One definition for the daemon, which checks what
 * comes in, and for its clients, which read what comes out. Times are ISO 8601 in UTC with milliseconds, lengths are
 * in milliseconds, absent is null. What stands here is stable.
 */

const id = (what: string, example: string) =>
  z.string().regex(idPattern, `${what} is 1 to 32 letters, digits, - or _, for example ${example}`);

export const agentIdSchema = id("An agent's id", "201").refine((agent) => !reservedAgentIds.includes(agent), {
  error: ({ input }) => `An agent cannot be called "${input}"; choose another id, for example 201`,
});
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
    )
    // What is read in another encoding comes as U+FFFD.
    .regex(/^[^\ufffd]*$/, "A name must be in UTF-8; what was given is in another encoding");
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
  target: targetSchema,
  /** What this machine has to do, and the limits that are set in `hotline.yaml`. */
  load: z.object({
    calls: z.int(),
    maxCalls: z.int().nullable(),
    maxNewPerSecond: z.int().nullable(),
    /** Facts that were not looked at yet. */
    eventsWaiting: z.int(),
    /** Requests to Asterisk that wait for their turn. */
    requestsWaiting: z.int(),
  }),
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
      today: todaySchema,
    }),
  ),
  calls: z.array(
    z.object({
      id: z.string(),
      hotline: z.string().nullable(),
      phase: z.enum([
        "listening",
        "waiting",
        "offering",
        "connected",
        "forwarding",
        "forwarded",
        "away",
        "ended",
      ]),
      /** Whom the caller talks to, or who is rung (the first of several). */
      agent: z.string().nullable(),
      /** The number outside that is rung or talked to. */
      forwardedTo: z.string().nullable(),
      /** When the call arrived. */
      since: time,
    }),
  ),
  alarms: z.array(z.object({ code: z.string(), message: z.string(), since: time })),
  /** What is special about opening hours these days: nothing is wrong. */
  notices: z.array(z.object({ hotline: z.string(), message: z.string() })),
});
export type Status = z.infer<typeof statusSchema>;

export const callSchema = z.object({
  id: z.string(),
  hotline: z.string().nullable(),
  from: z.string().nullable(),
  arrivedAt: time,
  outcome: z.string().nullable(),
  endedBy: z.string().nullable(),
  /** Why a caller was let go who had been admitted, such as `max_wait`; null in all other cases. */
  reason: z.string().nullable(),
  waitMs: length.nullable(),
  talkMs: length.nullable(),
  /** Who talks or talked to the caller. */
  agent: z.string().nullable(),
  /** The hotline for which that agent answered: another one, if the call was moved. */
  servedBy: z.string().nullable(),
  /** The number outside where somebody talks or talked to the caller. */
  forwardedTo: z.string().nullable(),
  /** Ended, or was in Asterisk's hands alone, while the daemon was away: what is known of it comes from Asterisk's notes. */
  whileAway: z.boolean(),
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

const skill = z
  .string()
  .trim()
  .toLowerCase()
  .regex(skillPattern, "A skill is 1 to 32 letters, digits, - or _, for example en")
  .refine((name) => name !== "none", "A skill cannot be called none");
const skills = z.array(skill).max(20, "at most 20 skills").transform(inOrder);
const tier = z.int().min(1, "at least 1").max(9, "at most 9");

/** So that the same skills are the same list. */
function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

export const agentSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["logged_out", "talking", "offered", "offline", "busy", "wrap_up", "paused", "ready"]),
  reason: z.string().nullable(),
  idleSince: time.nullable(),
  hotlines: z.array(z.string()),
  /** The same hotlines, with how the agent serves them. Tier 1 is rung first. */
  memberships: z.array(z.object({ hotline: z.string(), tier: z.int(), skills: z.array(z.string()) })),
});
export type AgentView = z.infer<typeof agentSchema>;
export const agentsSchema = z.array(agentSchema);

export const addAgentSchema = z.strictObject({
  id: agentIdSchema,
  name: displayName(64),
  hotlines: z.array(hotlineIdSchema).max(100),
  /** At all of these hotlines. */
  tier: tier.default(1),
  skills: skills.default([]),
});
export type AddAgent = z.infer<typeof addAgentSchema>;

/** What is left out stays; of an agent new to the hotline: tier 1, no skills. */
export const assignSchema = z.strictObject({ tier: tier.optional(), skills: skills.optional() });
export type Assign = z.infer<typeof assignSchema>;

export const extendWrapUpSchema = z.strictObject({
  byMs: z.int().min(1_000, "at least 1s").max(3_600_000, "at most 1h"),
});

export const newAgentSchema = z.object({
  id: z.string(),
  sip: z.object({
    username: z.string(),
    password: z.string(),
    host: z.string(),
    port: z.int(),
    transport: z.enum(["udp", "tcp", "tls"]),
    /** For a phone at home instead: encrypted, at a name that the certificate has. Null: there is none. */
    tls: z.object({ host: z.string(), port: z.int() }).nullable(),
  }),
});
export type NewAgent = z.infer<typeof newAgentSchema>;

export const pauseSchema = z.strictObject({ reason: z.string().trim().min(1).max(100).nullable() });

export const strategySchema = z.enum(strategies);

const recorded = z.enum(recordedAnnouncements, {
  error: `The announcement must be one of: ${recordedAnnouncements.join(", ")}`,
});

export const overflowStepSchema = z.strictObject({
  when: z.discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("full") }),
      z.strictObject({ kind: z.literal("no_agents") }),
      z.strictObject({ kind: z.literal("all_paused") }),
      z.strictObject({ kind: z.literal("closed") }),
      z.strictObject({
        kind: z.literal("waited"),
        afterMs: z.int().min(1_000, "at least 1s").max(86_400_000, "at most 24h"),
      }),
    ],
    { error: "The condition must be one of: full, no_agents, all_paused, closed, waited" },
  ),
  action: z.discriminatedUnion(
    "kind",
    [
      z.strictObject({ kind: z.literal("hang_up"), announcement: recorded }),
      z.strictObject({ kind: z.literal("announce"), announcement: recorded }),
      z.strictObject({ kind: z.literal("move"), hotline: hotlineIdSchema }),
      z.strictObject({
        kind: z.literal("forward"),
        number: z
          .string()
          .regex(outsideNumberPattern, "A number is 3 to 20 digits, perhaps behind a +: +4936112345"),
      }),
      z.strictObject({ kind: z.literal("next_tier") }),
    ],
    { error: "The action must be one of: hang_up, announce, move, forward, next_tier" },
  ),
});
export type OverflowStep = z.infer<typeof overflowStepSchema>;

export const periodicSchema = z.strictObject({
  announcement: z.enum(periodicAnnouncements, {
    error: `The announcement must be one of: ${periodicAnnouncements.join(", ")}`,
  }),
  afterMs: z.int().min(1_000, "at least 1s").max(3_600_000, "at most 1h"),
});
export type Periodic = z.infer<typeof periodicSchema>;

const eachOnce = (steps: readonly OverflowStep[]) =>
  new Set(steps.map((step) => JSON.stringify(step))).size === steps.length;

/** The limits stand here, so that CLI, API and documents agree. */
export const hotlineSettingsSchema = z.strictObject({
  name: displayName(40),
  strategy: strategySchema,
  priority: z.int().min(-100, "at least -100").max(100, "at most 100"),
  ringTimeoutMs: z.int().min(3_000, "at least 3s").max(120_000, "at most 120s"),
  /** Strategy `progressive`: one more agent is rung each time this has passed. */
  ringNextAfterMs: z.int().min(1_000, "at least 1s").max(600_000, "at most 10m"),
  /** Each time a caller has waited this long here, one more tier joins. */
  nextTierAfterMs: z.int().min(1_000, "at least 1s").max(3_600_000, "at most 1h"),
  wrapUpMs: z.int().min(0).max(3_600_000, "at most 1h"),
  autoPause: z.int().min(0).max(100, "at most 100"),
  maxWaiting: z.int().min(0).max(10_000, "at most 10000"),
  maxWaitMs: z.int().min(1_000, "at least 1s").max(86_400_000, "at most 24h"),
  /** Who leaves within this time counts as `abandoned_short`. */
  shortAbandonMs: z.int().min(0).max(300_000, "at most 5m"),
  /** Who gave up and calls again within this time gets the old place; 0 = never. */
  resumeWithinMs: z.int().min(0).max(86_400_000, "at most 24h"),
  /** How long those are served who wait at closing time; null = until somebody answers. */
  closingGraceMs: z.int().min(0).max(86_400_000, "at most 24h").nullable(),
  greetingMustFinish: z.boolean(),
  periodic: z.array(periodicSchema).max(10, "at most 10"),
  overflow: z
    .array(overflowStepSchema)
    .max(50, "at most 50 steps")
    .refine(eachOnce, "a step stands there twice; each is taken once per caller"),
});
export type HotlineSettings = z.infer<typeof hotlineSettingsSchema>;
export const hotlineChangeSchema = hotlineSettingsSchema
  .partial()
  .refine((change) => Object.keys(change).length > 0, "Nothing to change was named");
export type HotlineChange = z.infer<typeof hotlineChangeSchema>;

/** What is left out has its default. A new hotline has no opening hours yet: it is closed until they are set. */
export const addHotlineSchema = hotlineSettingsSchema
  .partial()
  .extend({ id: hotlineIdSchema, name: hotlineSettingsSchema.shape.name });
export type AddHotline = z.infer<typeof addHotlineSchema>;

export const numberSchema = z
  .string()
  .regex(
    dialledNumberPattern,
    "A number is 1 to 20 digits, perhaps behind a +, as the trunk delivers it: 115 or +4936112345",
  );
export const setNumberSchema = z.strictObject({
  hotline: hotlineIdSchema,
  /** What an agent must know for callers of this number. */
  skills: skills.default([]),
});
export type SetNumber = z.infer<typeof setNumberSchema>;

export const numberRowSchema = z.object({
  number: z.string(),
  hotline: z.string(),
  skills: z.array(z.string()),
  /** How many of the hotline's agents have all of these skills: may be rung for its callers. */
  agents: z.int(),
});
export type NumberView = z.infer<typeof numberRowSchema>;
export const numbersSchema = z.array(numberRowSchema);

export const hotlineSchema = hotlineSettingsSchema.extend({
  id: z.string(),
  numbers: z.array(z.string()),
  agents: z.array(z.string()),
  /** The same numbers and agents, with the skills needed and known. */
  numberSkills: z.array(z.object({ number: z.string(), skills: z.array(z.string()) })),
  memberships: z.array(z.object({ agent: z.string(), tier: z.int(), skills: z.array(z.string()) })),
  /** Without these nobody can be served. No number is missing where an overflow step leads. */
  missing: z.array(z.enum(["hours", "number", "agents"])),
});
export type HotlineView = z.infer<typeof hotlineSchema>;
export const hotlinesSchema = z.array(hotlineSchema);

export { type HoursView, hoursSchema } from "./hours.ts";

export const announcementSchema = z.object({
  hotline: z.string(),
  name: z.string(),
  source: z.enum(["text", "file"]),
  /** The text that came with the program; nobody set another one. */
  isDefault: z.boolean(),
  /** What is spoken, with placeholders, or the name of the imported file. */
  text: z.string(),
  /** What the text says now (`{{position}}`: to the first in the queue); null: a recording. */
  spoken: z.string().nullable(),
  /** Of what is played now; 0: not made yet. */
  lengthMs: length,
  /** By EBU R 128; null: not measured. */
  loudnessLufs: z.number().nullable(),
});
export type AnnouncementView = z.infer<typeof announcementSchema>;
export const announcementsSchema = z.array(announcementSchema);

/** The sound file itself, so that the daemon needs no right to read the folder it came from. */
export const importSchema = z.strictObject({ fileName: z.string().max(255), contentBase64: z.string() });

/** In the text may stand {{hotline}}, {{next_opening}} and, in waiting_1 to waiting_3, {{position}}. */
export const saySchema = z.strictObject({ text: z.string().max(100_000) });

/** To whose phone it is played, or from whose it is recorded. */
export const studioSchema = z.strictObject({ agent: z.string().min(1, "An agent is needed").max(32) });

/** `cut_off`: the agent has hung up before its end. */
export const playedSchema = z.object({ heard: z.enum(["to_end", "cut_off"]) });
export type Played = z.infer<typeof playedSchema>;

/** Instead of the answer to a change that was only to be checked (who.ts); false: it is so already. */
export const rehearsedSchema = z.strictObject({ dryRun: z.literal(true), changes: z.boolean() });

/** Every answer that is no success. `position` points into the text that was wrong. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string() }),
});
export type ApiError = z.infer<typeof errorSchema>["error"];
