/** The words of the admin API that are also those of the core. Without zod, so that the CLI's help starts quickly. */
export { periodicAnnouncements, recordedAnnouncements, strategies } from "../core/hotlines.ts";
