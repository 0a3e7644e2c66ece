import { z } from "zod";
import { newAgentSchema } from "./schemas.ts";

/** Who has changed what: the requests and answers of /changes and /undo. */

export const reasonSchema = z
  .string()
  .trim()
  .min(1, "A reason must not be empty")
  .max(200, "A reason has at most 200 characters")
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, "A reason must not contain line breaks or other control characters");

const time = z.iso.datetime();

export const changeSchema = z.object({
  id: z.int(),
  at: time,
  who: z.string(),
  found: z.enum(["verified", "claimed"]),
  account: z.string(),
  reason: z.string().nullable(),
  /** Such as `hotline demo`, `hours demo`, `number 115`, `agent 201`, `announcement demo/closed`. */
  object: z.string(),
  action: z.string(),
  undoable: z.boolean(),
  /** The change that this one has undone. */
  undoes: z.int().nullable(),
  /** The change by which this one is undone at present. */
  undoneBy: z.int().nullable(),
});
export type ChangeView = z.infer<typeof changeSchema>;
export const changesSchema = z.array(changeSchema);

/** One setting before and after, in words; null: it was or is not there. */
const differenceSchema = z.object({
  object: z.string(),
  setting: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type Difference = z.infer<typeof differenceSchema>;

export const changeWithRowsSchema = changeSchema.extend({
  differences: z.array(differenceSchema),
  /** What is stored, as it was and as it became; null: it was or is not there. */
  rows: z.array(z.object({ kind: z.string(), id: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type ChangeWithRows = z.infer<typeof changeWithRowsSchema>;

export const changesQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(10_000).default(50),
  /** What the object begins with. */
  object: z.string().max(100).default(""),
});

export const changeNumberSchema = z.coerce
  .number("A change is named by its number, see: hotline history")
  .int("A change is named by its number, see: hotline history")
  .min(1, "A change is named by its number, see: hotline history");

/** Null: the last change that can be undone and is not. */
export const undoSchema = z.strictObject({ change: z.int().min(1).nullable() });
export const undoQuerySchema = z.strictObject({ change: changeNumberSchema.optional() });

export const undoPreviewSchema = z.object({
  /** What would be undone. */
  change: changeSchema,
  /** What that would do. */
  differences: z.array(differenceSchema),
});
export type UndoPreview = z.infer<typeof undoPreviewSchema>;

export const undoneSchema = undoPreviewSchema.extend({
  /** The change that the undoing is itself. */
  by: changeSchema,
  /** Agents who are there again, with a new password for their phone. */
  agents: z.array(newAgentSchema),
});
export type Undone = z.infer<typeof undoneSchema>;
