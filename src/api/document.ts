import { z } from "zod";
import { credentialsSchema } from "./many-agents.ts";

/** Exporting and applying all operations data as one document (document-schema.ts is the document itself). */

/** A document of thousands of agents has less. */
export const documentLengthMax = 4 * 1024 * 1024;
/** Of a request: JSON takes more room than the text in it. */
export const documentBytesMax = 3 * documentLengthMax;

export const exportSchema = z.object({
  /** With comments, for people. */
  yaml: z.string(),
  /** The same as data. */
  document: z.record(z.string(), z.unknown()),
});
export type Exported = z.infer<typeof exportSchema>;

export const applySchema = z.strictObject({
  yaml: z.string().max(documentLengthMax, `A document has at most ${documentLengthMax} characters`),
  /** From the preview; then it is refused when anything was changed since. Null: apply to what is there now. */
  basis: z.string().max(100).nullable().default(null),
});
export type Apply = z.infer<typeof applySchema>;

export const applyQuerySchema = z.strictObject({
  /** Only say what would be changed. */
  dryRun: z.enum(["", "true", "false"]).default("false"),
});

const problemSchema = z.object({
  /** From 1; null: not the text's fault, but conflicts with what is going on. */
  line: z.int().nullable(),
  column: z.int().nullable(),
  /** `hotlines.demo.ringTimeout` */
  path: z.string(),
  message: z.string(),
});
export type DocumentProblem = z.infer<typeof problemSchema>;

const objectChangeSchema = z.object({
  /** `hotline demo`, `number 115`, `agent 201`, `announcement demo/closed` */
  object: z.string(),
  what: z.enum(["added", "removed", "changed"]),
  settings: z.array(
    z.object({ setting: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
  ),
});
export type ObjectChange = z.infer<typeof objectChangeSchema>;

export const previewSchema = z.object({
  /** Empty: the document can be applied. */
  problems: z.array(problemSchema),
  /** Empty: everything is like that already. */
  changes: z.array(objectChangeSchema),
  basis: z.string(),
});
export type DocumentPreview = z.infer<typeof previewSchema>;

export const appliedSchema = z.object({
  changes: z.array(objectChangeSchema),
  /** Its number in the history; null: nothing was changed. */
  change: z.int().nullable(),
  /** What to set in the phones of new agents. */
  agents: credentialsSchema,
});
export type DocumentApplied = z.infer<typeof appliedSchema>;
