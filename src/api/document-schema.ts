import { z } from "zod";
import { isDate } from "../core/hours/calendar.ts";
import { HoursSyntaxError, parseWeeklyLine, withDays } from "../core/hours/parse.ts";
import { type Interval, neverOpen, type Weekly } from "../core/hours/schedule.ts";
import { recordedAnnouncements } from "./distribution.ts";
import { durationHelp, parseDuration } from "./duration.ts";
import { LineError } from "./line-error.ts";
import { parseOverflowStep } from "./overflow-line.ts";
import { parsePeriodic } from "./periodic-line.ts";
import {
  addAgentSchema,
  agentIdSchema,
  hotlineIdSchema,
  hotlineSettingsSchema,
  numberSchema,
  strategySchema,
} from "./schemas.ts";

/**
 * All operations data as one document: `hotline export` writes it, `hotline apply` reads it. This is its one definition: the
 * JSON Schema for editors is made from it (scripts/document-schema.ts), and the descriptions are the comments of an export.
 * What is left out has its default.
 */

const settings = hotlineSettingsSchema.shape;

/** Where in a text something is wrong, from 0; in the key rather than the value. */
export type Spot = { readonly at: number; readonly inKey: boolean };

/** Adds what a parser of lines complains about, with its place. */
function complain(context: z.RefinementCtx, error: unknown, path: PropertyKey[], spot: (at: number) => Spot) {
  if (!(error instanceof LineError || error instanceof HoursSyntaxError)) throw error;
  context.addIssue({ code: "custom", message: error.message, path, params: { spot: spot(error.position) } });
}

const inValue = (at: number): Spot => ({ at, inKey: false });

function complainOfValue(context: z.RefinementCtx, text: string, checked: z.ZodSafeParseResult<unknown>) {
  for (const { message } of checked.error?.issues ?? [])
    context.addIssue({ code: "custom", message: `${text} is not allowed: ${message}` });
}

const duration = (limits: z.ZodType) =>
  z
    .string()
    .superRefine((text, context) => {
      const ms = parseDuration(text);
      if (ms === null)
        context.addIssue({ code: "custom", message: `"${text}" is no duration: ${durationHelp}` });
      else complainOfValue(context, text, limits.safeParse(ms));
    })
    .meta({ pattern: "^[0-9]+ *(ms|s|sec|m|min|h)$" });

/** Lines with a colon in them, such as `full: next-tier`: without quotes, YAML takes one for a map of one key. */
export const linesWithColon = new WeakSet<z.core.$ZodType>();

const overflowLine = z
  .string()
  .superRefine((text, context) => {
    try {
      const checked = settings.overflow.safeParse([parseOverflowStep(text)]);
      complainOfValue(context, `"${text}"`, checked);
    } catch (error) {
      complain(context, error, [], inValue);
    }
  })
  .meta({
    examples: ["waited 120s: move sued", "no_agents: hang-up no_agents", "full: forward +4936112345"],
  });
linesWithColon.add(overflowLine);

const periodicLine = z
  .string()
  .superRefine((text, context) => {
    try {
      const found = parsePeriodic(text);
      complainOfValue(context, `"${text}"`, settings.periodic.safeParse(found));
    } catch (error) {
      complain(context, error, [], inValue);
    }
  })
  .meta({ examples: ["waiting_1 60s", "position 45s"] });

/** `mon-fri` and `08:00-18:00` as the hours' own line. */
function weekOf(
  lines: Readonly<Record<string, string>>,
  onError: (days: string, error: unknown) => void,
): Weekly {
  let weekly: Weekly = neverOpen;
  const seen = new Set<number>();
  for (const [days, hours] of Object.entries(lines)) {
    try {
      const parsed = parseWeeklyLine(`${days} ${hours}`);
      const twice = parsed.days.find((day) => seen.has(day));
      if (twice !== undefined)
        throw new HoursSyntaxError(`${dayNames[twice]} stands in two lines; each day may stand in one`, 0);
      for (const day of parsed.days) seen.add(day);
      weekly = withDays(weekly, [parsed]);
    } catch (error) {
      onError(days, error);
    }
  }
  return weekly;
}

const dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** The weekly hours of checked lines; days that are not named are closed. */
export const parseWeek = (lines: Readonly<Record<string, string>>): Weekly =>
  weekOf(lines, (_, error) => {
    throw error;
  });

const week = z
  .record(z.string(), z.string())
  .superRefine((lines, context) => {
    weekOf(lines, (days, error) =>
      complain(context, error, [days], (at) => {
        const inHours = at - days.length - 1;
        return inHours < 0 ? { at, inKey: true } : { at: inHours, inKey: false };
      }),
    );
  })
  .meta({ examples: [{ "mon-fri": "08:00-18:00", sat: "09:00-12:00, 13:00-16:00" }] });

const date = z.string().refine((text) => isDate(text), {
  error: ({ input }) => `"${input}" is no day of the calendar, such as 2026-12-24`,
});

/** First and last day of `2026-12-24` or `2026-12-24 to 2026-12-26`; null: it is neither. */
export function parseDays(text: string): { readonly from: string; readonly to: string } | null {
  const [from = "", to = from, ...more] = text.split(/\s+to\s+/);
  return more.length === 0 && isDate(from) && isDate(to) && from <= to ? { from, to } : null;
}

/** The hours of one day: `closed`, or spans with commas between them. Throws HoursSyntaxError. */
export const parseDayHours = (text: string): readonly Interval[] => parseWeeklyLine(`mon ${text}`).intervals;

const dayHours = z.string().superRefine((text, context) => {
  try {
    parseDayHours(text);
  } catch (error) {
    complain(context, error, [], (at) => inValue(Math.max(0, at - "mon ".length)));
  }
});

const announcementName = z.enum(recordedAnnouncements);
const reason = z.string().max(200, "a reason has at most 200 characters");

const exception = z.strictObject({
  days: z
    .string()
    .refine((text) => parseDays(text) !== null, {
      error: ({ input }) =>
        `"${input}" are no days; allowed: 2026-12-24, or 2026-12-24 to 2026-12-26 (the earlier one first)`,
    })
    .meta({ description: "A day, or the first and the last one.", examples: ["2026-12-24 to 2026-12-26"] }),
  hours: dayHours.meta({ description: "closed, or when it is open.", examples: ["closed", "10:00-14:00"] }),
  reason: reason.optional(),
  announcement: announcementName
    .optional()
    .meta({ description: "Heard instead of `closed`, such as special_1." }),
});

export const federalStateCodes = [
  ...["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV"],
  ...["NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"],
] as const;

const ownHoliday = z.strictObject({
  day: z
    .string()
    // A leap year, so that the 29th of February is a day.
    .refine((text) => isDate(`2028-${text}`), {
      error: ({ input }) => `"${input}" is no day of the year; month and day are needed, such as 12-24`,
    })
    .meta({ description: "Month and day.", examples: ["12-24"] }),
  name: z.string().trim().min(1, "a name is needed").max(64, "a name has at most 64 characters"),
});

const holidays = z.strictObject({
  region: z
    .enum(federalStateCodes)
    .optional()
    .meta({ description: "The federal state whose public holidays are kept; left out: none." }),
  openOn: z
    .array(z.string())
    .optional()
    .meta({ description: "Names of public holidays that are worked on.", examples: [["Reformationstag"]] }),
  own: z.array(ownHoliday).optional().meta({ description: "Days of our own, each year." }),
});

const adHoc = z.strictObject({
  state: z.enum(["closed", "open"]),
  reason: reason.optional(),
  until: z
    .string()
    .refine((text) => text === "resumed" || z.iso.datetime({ offset: true }).safeParse(text).success, {
      error: () => "must be a time such as 2026-12-24T12:00:00Z, or resumed (until somebody says otherwise)",
    })
    .meta({ examples: ["2026-12-24T12:00:00Z", "resumed"] }),
});

const hours = z.strictObject({
  timeZone: z
    .string()
    .refine((zone) => isTimeZone(zone), {
      error: ({ input }) => `there is no time zone "${input}"; one is Europe/Berlin`,
    })
    .optional()
    .meta({ description: "As in the IANA's list.", default: "Europe/Berlin" }),
  weekly: week.optional().meta({ description: "Days that are not named are closed." }),
  laterWeeks: z
    .record(date, week)
    .optional()
    .meta({ description: "Other weekly hours, each from a day on." }),
  exceptions: z.array(exception).optional().meta({ description: "Days with other hours than the week's." }),
  holidays: holidays.optional().meta({ description: "On public holidays it is closed." }),
  adHoc: adHoc.optional().meta({ description: "Closed or open for now, against all other hours." }),
});

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const recording = z.strictObject({
  recording: z
    .string()
    .min(1)
    .max(255)
    .meta({ description: "The name of the file that was imported, for people." }),
  sound: z
    .string()
    .regex(/^file-[0-9]+-[0-9a-f]{32}$/, "must be as `hotline export` has written it, file-…")
    .meta({
      description: "Its content's name in the folder of sounds. It must be there: hotline announce import.",
    }),
});

const announcement = z.union([z.string(), recording]);

const announcements = z.strictObject(
  Object.fromEntries(recordedAnnouncements.map((name) => [name, announcement.optional()])) as Record<
    (typeof recordedAnnouncements)[number],
    z.ZodOptional<typeof announcement>
  >,
);

/** Settings in the order of an export. Their names are those of the API, durations without the unit. */
const hotline = z.strictObject({
  name: settings.name.meta({ description: "Shown on the agents' phones, and spoken." }),
  strategy: strategySchema.optional().meta({ description: "Whom to ring." }),
  priority: settings.priority
    .optional()
    .meta({ description: "Who serves several hotlines takes the call of the one with the highest." }),
  ringTimeout: duration(settings.ringTimeoutMs)
    .optional()
    .meta({ description: "How long one agent's phone rings." }),
  ringNextAfter: duration(settings.ringNextAfterMs)
    .optional()
    .meta({ description: "Strategy progressive: one more agent is rung each time." }),
  nextTierAfter: duration(settings.nextTierAfterMs)
    .optional()
    .meta({ description: "One more tier joins each time a caller has waited this long." }),
  wrapUp: duration(settings.wrapUpMs).optional().meta({ description: "After a call, until the next one." }),
  autoPause: settings.autoPause
    .optional()
    .meta({ description: "So many missed calls in a row pause an agent; 0: never." }),
  maxWaiting: settings.maxWaiting.optional().meta({ description: "More callers than this hear `full`." }),
  maxWait: duration(settings.maxWaitMs).optional().meta({ description: "Then a caller is let go." }),
  shortAbandon: duration(settings.shortAbandonMs)
    .optional()
    .meta({ description: "Who leaves within this time counts as abandoned_short." }),
  resumeWithin: duration(settings.resumeWithinMs)
    .optional()
    .meta({ description: "Who gave up and calls again within this time gets the old place; 0s: never." }),
  closingGrace: z
    .union([z.literal("none"), duration(settings.closingGraceMs.unwrap())])
    .optional()
    .meta({
      description: "How long those are served who wait at closing time; none: until somebody answers.",
    }),
  greetingMustFinish: z
    .boolean()
    .optional()
    .meta({ description: "Nobody is rung before the greeting is over." }),
  periodic: z.array(periodicLine).optional().meta({ description: "Heard while waiting, in turn." }),
  overflow: z.array(overflowLine).optional().meta({ description: "What else to try, in order." }),
  hoursOf: hotlineIdSchema
    .optional()
    .meta({ description: "Open when that hotline is, instead of by its own hours." }),
  hours: hours.optional().meta({ description: "When it is open." }),
  announcements: announcements.optional().meta({
    description:
      "What callers hear instead of the built-in texts: a text to speak, or an imported recording.",
  }),
});

const number = z.strictObject({
  hotline: hotlineIdSchema,
  skills: addAgentSchema.shape.skills.unwrap().optional().meta({
    description: "What an agent must know for callers of this number.",
  }),
});

const membership = z.strictObject({
  tier: addAgentSchema.shape.tier.unwrap().optional().meta({ description: "1 is rung first.", default: 1 }),
  skills: addAgentSchema.shape.skills.unwrap().optional(),
});

const agent = z.strictObject({
  name: addAgentSchema.shape.name,
  hotlines: z.record(hotlineIdSchema, membership).optional().meta({ description: "Which ones they serve." }),
});

export const documentSchema = z
  .strictObject({
    version: z.literal(1),
    hotlines: z.record(hotlineIdSchema, hotline),
    numbers: z.record(numberSchema, number),
    agents: z.record(agentIdSchema, agent),
  })
  .meta({
    title: "hotlined: operations data",
    description:
      "All hotlines, numbers, agents and announcements, as `hotline export` writes and `hotline apply` reads them.",
  });

export type DocumentFile = z.infer<typeof documentSchema>;
export type HotlineInFile = DocumentFile["hotlines"][string];
export type HoursInFile = NonNullable<HotlineInFile["hours"]>;
/** The settings of a hotline in the order of an export. */
export const hotlineKeys = Object.keys(hotline.shape) as (keyof HotlineInFile)[];
export const descriptionOf = (key: keyof HotlineInFile): string =>
  hotline.shape[key].meta()?.description ?? "";

/** The JSON Schema for editors. */
export function documentJsonSchema(): unknown {
  return z.toJSONSchema(documentSchema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      if (!linesWithColon.has(zodSchema)) return;
      const { type: _, ...rest } = jsonSchema;
      const map = {
        type: "object",
        additionalProperties: { type: "string" },
        minProperties: 1,
        maxProperties: 1,
      };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { ...rest, anyOf: [{ type: "string" }, map] });
    },
  });
}
