import { z } from "zod";

/** Opening hours: what they are, what is asked of them, and what that would change. */

const time = z.iso.datetime();
/** A day on the hotline's calendar: `2026-12-24`. */
const date = z.iso.date();

/** The hours of one day, ad-hoc closing and opening aside. */
export const dayHoursSchema = z.object({
  date,
  /** `08:00-12:00, 14:00-18:00` or `closed`. */
  hours: z.string(),
  rule: z.enum(["weekly", "exception", "holiday"]),
  /** The reason of an exception, the name of a holiday. */
  name: z.string().nullable(),
});
export type DayHours = z.infer<typeof dayHoursSchema>;

export const hoursSchema = z.object({
  hotline: z.string(),
  timeZone: z.string(),
  /** The hotline whose hours these are; null: its own. */
  sharedWith: z.string().nullable(),
  /** As `hours set` takes them: `mon-fri 08:00-18:00`. */
  weekly: z.array(z.string()),
  /** Other weekly hours from a day on. */
  laterWeeks: z.array(z.object({ from: date, weekly: z.array(z.string()) })),
  /** While it counts. */
  adHoc: z.object({ closed: z.boolean(), reason: z.string(), until: time.nullable() }).nullable(),
  /** Those that are not over. */
  exceptions: z.array(
    z.object({
      from: date,
      to: date,
      hours: z.string(),
      reason: z.string(),
      announcement: z.string().nullable(),
    }),
  ),
  /** The federal state whose public holidays are kept. */
  holidays: z.object({ region: z.string(), name: z.string() }).nullable(),
  open: z.boolean(),
  /** Which rule decided, in words. */
  reason: z.string(),
  nextOpening: time.nullable(),
  nextClosing: time.nullable(),
  /** Today and what comes. `adHoc`: it is closed or opened for now on that day, or on a part of it. */
  days: z.array(dayHoursSchema.extend({ adHoc: z.boolean() })),
});
export type HoursView = z.infer<typeof hoursSchema>;

export const hoursQuerySchema = z.strictObject({
  days: z.coerce.number().int().min(1, "at least 1").max(366, "at most 366").default(14),
});

export const holidaysSchema = z.object({
  hotline: z.string(),
  region: z.string().nullable(),
  /** In force: kept means closed. Of one year from today, the earliest first. */
  days: z.array(z.object({ date, name: z.string(), kept: z.boolean(), own: z.boolean() })),
  /** Until then public holidays are known. */
  knownUntil: date.nullable(),
  /** What can be chosen: `TH` is Thüringen. */
  regions: z.array(z.object({ region: z.string(), name: z.string() })),
});
export type HolidaysView = z.infer<typeof holidaysSchema>;

const text = z.string().max(500);
const reason = z.string().trim().min(1, "A reason is needed").max(200);
const ending = {
  reason,
  /** `14:00`, `2026-12-07 14:00`, `7.12. 14 Uhr`, `resumed`; null: the next regular opening or closing. */
  until: text.nullable(),
  forMs: z
    .int()
    .min(1_000)
    .max(31 * 86_400_000)
    .nullable(),
};

export const exceptionAnnouncements = ["special_1", "special_2", "special_3"] as const;

/** What can be asked of opening hours. Texts are understood as the command line understands them. */
export const hoursOrderSchema = z.discriminatedUnion("do", [
  /** Lines such as `mon-fri 08:00-18:00`: all are taken or none. `from`: a date. */
  z.strictObject({
    do: z.literal("set"),
    lines: z.array(text).min(1).max(14),
    from: text.nullable().default(null),
  }),
  /** `24.12. 8-12`, `2026-12-24..2027-01-01 closed`. */
  z.strictObject({
    do: z.literal("except"),
    line: text,
    reason,
    announcement: z.enum(exceptionAnnouncements).nullable().default(null),
  }),
  z.strictObject({ do: z.literal("remove_exception"), days: text }),
  z.strictObject({
    do: z.literal("holidays"),
    /** A federal state such as TH, `none`; null: as it is. */
    region: text.nullable().default(null),
    /** Names of holidays that are worked on from now on, and of those that are kept again. */
    workOn: z.array(text).max(20).default([]),
    keep: z.array(text).max(20).default([]),
    /** Days of our own, each year: `12-24 Heiligabend`; and those to take away, by day or name. */
    add: z.array(text).max(50).default([]),
    removeOwn: z.array(text).max(50).default([]),
  }),
  z.strictObject({
    do: z.literal("close"),
    ...ending,
    /** Those who wait are told at once, instead of being served for the closing grace. */
    releaseWaiting: z.boolean().default(false),
  }),
  z.strictObject({ do: z.literal("open"), ...ending }),
  z.strictObject({ do: z.literal("resume") }),
  /** Null: hours of its own again. */
  z.strictObject({ do: z.literal("share"), with: text.nullable() }),
  z.strictObject({ do: z.literal("zone"), timeZone: text }),
]);
export type HoursOrder = z.infer<typeof hoursOrderSchema>;
export type HoursOrderInput = z.input<typeof hoursOrderSchema>;

const nowSchema = z.object({ open: z.boolean(), reason: z.string(), nextOpening: time.nullable() });

/** What would change. */
export const hoursPreviewSchema = z.object({
  hotline: z.string(),
  /** False: it is so already. */
  changes: z.boolean(),
  /** It sets what is set already. It is carried out, and so confirmed, but leaves nothing to be undone. */
  confirms: z.boolean(),
  before: nowSchema,
  after: nowSchema,
  /** Days that will be other than they are; of weekly hours, those of a fortnight. */
  days: z.array(z.object({ before: dayHoursSchema, after: dayHoursSchema })),
  /** What will be other and is not seen by the days: the time zone, the announcement of an exception. */
  settings: z.array(z.object({ setting: z.string(), before: z.string(), after: z.string() })),
  /** Weeks that are planned already for later and stay, where they have other hours on the days that are set: those. */
  plannedLater: z.array(z.object({ from: date, weekly: z.array(z.string()) })),
  /** Other hotlines that have the same hours. */
  alsoOf: z.array(z.string()),
  /** Closed or opened until the next regular change, and there is none within two months: lasts until somebody resumes. */
  endless: z.boolean(),
  /** Callers who have reached nobody yet. */
  waiting: z.int(),
  /** Says which hours this was worked out for. */
  basis: z.string(),
});
export type HoursPreview = z.infer<typeof hoursPreviewSchema>;

export const hoursOrderQuerySchema = z.strictObject({
  dryRun: z.stringbool().default(false),
  /** Of the preview that was confirmed: refused when the hours are others by now. Left out: whatever they are. */
  basis: z.string().max(64).optional(),
});
