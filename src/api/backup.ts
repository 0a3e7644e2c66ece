import { z } from "zod";

/** Of what is in a backup. */
export const backupFormat = 1;

/** `backup.json`, the first file of a backup. */
export const backupManifestSchema = z.object({
  format: z.int(),
  /** Version of the program that has made it. */
  program: z.string(),
  madeAt: z.iso.datetime(),
});
export type BackupManifest = z.infer<typeof backupManifestSchema>;
