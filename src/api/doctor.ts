import { z } from "zod";

/** What only the daemon can know of its health; `hotline doctor` says what it means. */
export const doctorSchema = z.object({
  /** Of the program that runs, which may be older than the one on disk. */
  version: z.string(),
  pid: z.int(),
  pbx: z.object({
    connected: z.boolean(),
    amiConnected: z.boolean(),
    version: z.string().nullable(),
    /** Names of those that run, such as `res_pjsip.so`; null: Asterisk cannot be asked. */
    modules: z.array(z.string()).nullable(),
    /** As Asterisk calls it; `none`: there is none; null: Asterisk cannot be asked. */
    trunk: z.enum(["online", "offline", "unknown", "none"]).nullable(),
  }),
  phones: z.array(
    z.object({
      agent: z.string(),
      phone: z.enum(["unknown", "reachable", "unreachable", "in_use"]),
      loggedIn: z.boolean(),
    }),
  ),
  hotlines: z.array(
    z.object({
      id: z.string(),
      timeZone: z.string(),
      /** Whose sound is not there in all formats, or is empty. */
      soundsMissing: z.array(z.string()),
      /** Some are being made at the moment. */
      soundsUnderWay: z.boolean(),
      sounds: z.int(),
    }),
  ),
  store: z.object({
    /** Changes that are not on disk yet. */
    backlog: z.int(),
    /** SQLite's own words; empty: nothing was found. */
    damage: z.array(z.string()),
    /** So many tables of so many were looked at in the time there was. */
    tablesChecked: z.int(),
    tables: z.int(),
    /** When somebody has taken a backup, and when the daemon has made a copy by itself; null: never. */
    lastBackup: z.iso.datetime().nullable(),
    lastCopy: z.iso.datetime().nullable(),
  }),
  alarms: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type DoctorFacts = z.infer<typeof doctorSchema>;
