import type { z } from "zod";
import {
  type AgentCredential,
  type AgentRow,
  agentRowSchema,
  type Mistake,
  membershipRowSchema,
} from "../api/many-agents.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import type { State } from "../core/state.ts";
import { Refusal } from "../http/service.ts";
import { handOut, refuseWithoutAsterisk, sipOf } from "./agents.ts";
import { askForChange, type ChangingParts, findAgent, noteInAudit, refuseDryRun } from "./asking.ts";
import { namesOfAgents } from "./audit-text.ts";
import { newCredential } from "./phones.ts";

/** What keeps these from being added, in the order of the rows; a row may have several mistakes. */
export function checkAgents(state: State, rows: readonly AgentRow[]): Mistake[] {
  const known = [...state.hotlines.values()].map(({ id }) => id).join(", ") || "none yet";
  const firstLines = new Map<string, number>();
  const mistakes: Mistake[] = [];
  for (const row of rows) {
    const { line, id, memberships } = row;
    const wrong = (message: string) => mistakes.push({ line, message });
    complain(agentRowSchema.safeParse({ id, name: row.name }), wrong);
    const first = firstLines.get(id);
    if (first !== undefined) wrong(`agent ${id} stands in line ${first} already`);
    else firstLines.set(id, line);
    if (state.agents.get(id as AgentId))
      wrong(`agent ${id} exists already; take the line out, or remove the agent: hotline agent remove ${id}`);
    const seen = new Set<string>();
    for (const membership of memberships) {
      const { hotline } = membership;
      if (seen.has(hotline)) wrong(`hotline "${hotline}" is named twice`);
      seen.add(hotline);
      if (!complain(membershipRowSchema.safeParse(membership), wrong)) continue;
      if (!state.hotlines.get(hotline as HotlineId))
        wrong(`there is no hotline "${hotline}"; there is: ${known}`);
    }
  }
  return mistakes;
}

/** True when there was nothing to complain about. */
function complain(parsed: z.ZodSafeParseResult<unknown>, wrong: (message: string) => void): boolean {
  for (const { path, message } of parsed.error?.issues ?? []) {
    const about = path[0] === "tier" || path[0] === "skills" ? `${path[0]}: ` : "";
    wrong(`${about}${message}`);
  }
  return parsed.success;
}

/** All in one transaction, and one reload of Asterisk. */
export async function addAgents(parts: ChangingParts, rows: readonly AgentRow[]): Promise<AgentCredential[]> {
  const mistakes = checkAgents(parts.state, rows);
  if (mistakes.length > 0) {
    const text = mistakes.map(({ line, message }) => `line ${line}: ${message}`).join("; ");
    throw new Refusal(409, "mistakes", `Nothing was changed: ${text}`);
  }
  refuseWithoutAsterisk(parts, "no agent was added");
  const added = rows.map(({ id, name, memberships }) => ({
    agent: id as AgentId,
    name: agentRowSchema.parse({ id, name }).name,
    memberships: memberships.map((membership) => {
      const { hotline, tier, skills } = membershipRowSchema.parse(membership);
      return { hotline: hotline as HotlineId, tier, skills };
    }),
  }));
  const credentials = added.map(({ agent }) => newCredential(agent));
  await askForChange(parts, { type: "agents_added", agents: added }, { extra: { credentials } });
  await handOut(parts, credentials, "The agents are added, but Asterisk does not know their phones yet");
  return credentials.map((credential, i) => ({
    id: credential.agent,
    name: added[i]!.name,
    sip: sipOf(parts, credential),
  }));
}

/** Passwords once more. Whoever asks leaves a trace, before they get anything. */
export async function showCredentials(
  parts: ChangingParts,
  ids: readonly string[] | null,
): Promise<AgentCredential[]> {
  refuseDryRun(parts);
  const { state, phones, log } = parts;
  const agents = ids === null ? [...state.agents.values()] : ids.map((id) => findAgent(state, id));
  const found = agents.map(({ id, name }) => {
    const credential = phones.credentialOf(id);
    if (!credential) throw new Refusal(409, "no_phone", `Agent ${id} has no phone any more: it was removed.`);
    return { id, name, sip: sipOf(parts, credential) };
  });
  const shown = found.map(({ id }) => id);
  log.warn({ agents: shown }, "passwords of phones were shown again");
  await noteInAudit(parts, { object: namesOfAgents(shown), action: "passwords shown again", undoes: null });
  return found;
}
