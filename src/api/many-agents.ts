import { z } from "zod";
import { addAgentSchema, newAgentSchema } from "./schemas.ts";

/**
 * Many agents at once. What is checked is taken loosely, so that all mistakes are told together and each with its line;
 * what is added must be right.
 */

const text = z.string().max(1_000);

const rowSchema = z.strictObject({
  /** Where it stands in the file, from 1. */
  line: z.int().positive(),
  id: text,
  name: text,
  memberships: z
    .array(z.strictObject({ hotline: text, tier: z.number(), skills: z.array(text).max(100) }))
    .max(100),
});
export type AgentRow = z.infer<typeof rowSchema>;

export const agentRowsMax = 5_000;
export const addAgentsSchema = z.strictObject({
  agents: z
    .array(rowSchema)
    .min(1, "No agent was named")
    .max(agentRowsMax, `At most ${agentRowsMax} agents at once`),
});

export const mistakesSchema = z.object({
  mistakes: z.array(z.object({ line: z.int(), message: z.string() })),
});
export type Mistake = z.infer<typeof mistakesSchema>["mistakes"][number];

/** What one row must be, but for what only the daemon knows: its hotlines, and who exists already. */
export const agentRowSchema = addAgentSchema.pick({ id: true, name: true });
export const membershipRowSchema = addAgentSchema
  .pick({ tier: true, skills: true })
  .extend({ hotline: addAgentSchema.shape.hotlines.element });

/** An agent and what to set in the phone. */
export const credentialSchema = newAgentSchema.extend({ name: z.string() });
export type AgentCredential = z.infer<typeof credentialSchema>;
export const credentialsSchema = z.array(credentialSchema);

/** Whose passwords are to be shown again; null: everybody's. */
export const showCredentialsSchema = z.strictObject({
  agents: z.array(text).max(agentRowsMax).nullable(),
});
