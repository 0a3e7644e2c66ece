import type { AddAgent, Assign, NewAgent } from "../api/schemas.ts";
import type { AdminEvent } from "../core/events.ts";
import type { AgentId, HotlineId } from "../core/ids.ts";
import { ms } from "../core/time.ts";
import { type DutyChange, Refusal } from "../http/service.ts";
import type { Credential } from "../store/types.ts";
import { type AdministrationParts, askForChange, type ChangingParts, findAgent } from "./asking.ts";
import { newCredential } from "./phones.ts";

/** What administrators do to agents. */

export async function addAgent(parts: ChangingParts, asked: AddAgent): Promise<NewAgent> {
  const { id, name, hotlines, tier, skills } = asked;
  const agent = id as AgentId;
  refuseWithoutAsterisk(parts, `agent ${id} was not added`);
  const credential = newCredential(agent);
  const memberships = hotlines.map((hotline) => ({ hotline: hotline as HotlineId, tier, skills }));
  await askForChange(
    parts,
    { type: "agent_added", agent, name, memberships },
    { extra: { credentials: [credential] } },
  );
  await handOut(parts, [credential], `Agent ${id} is added, but Asterisk does not know the phone yet`);
  return { id, sip: sipOf(parts, credential) };
}

/** The password is shown once, with a phone that can register: without Asterisk there is neither. */
export function refuseWithoutAsterisk({ pbx }: AdministrationParts, soThat: string): void {
  if (pbx.status().connected) return;
  const message = `Asterisk is not connected, so ${soThat}. See: hotline status`;
  throw new Refusal(503, "asterisk_not_ready", message);
}

/** Resolves when Asterisk knows these phones, in one reload. Throws Refusal, which begins with `trouble`. */
export async function handOut(
  { phones }: AdministrationParts,
  credentials: readonly Credential[],
  trouble: string,
): Promise<void> {
  for (const credential of credentials) phones.add(credential);
  await phones.renew().catch((error: Error) => {
    throw new Refusal(
      503,
      "asterisk_not_ready",
      `${trouble}: ${error.message}. It will when Asterisk runs; see: hotline status`,
      { cause: error },
    );
  });
}

export function sipOf({ sip }: AdministrationParts, { username, password }: Credential): NewAgent["sip"] {
  return { username, password, host: sip.host, port: sip.port, transport: "udp", tls: sip.tls };
}

/** What is not named stays as it is. */
export async function assignAgent(
  parts: ChangingParts,
  id: string,
  hotline: string,
  { tier, skills }: Assign,
): Promise<void> {
  const agent = findAgent(parts.state, id);
  const before = agent.memberships.find((membership) => membership.hotline === hotline);
  await askForChange(parts, {
    type: "agent_assigned",
    agent: agent.id,
    membership: {
      hotline: hotline as HotlineId,
      tier: tier ?? before?.tier ?? 1,
      skills: skills ?? before?.skills ?? [],
    },
  });
}

export async function changeDuty(parts: ChangingParts, id: string, change: DutyChange): Promise<void> {
  await askForChange(parts, dutyEvent(parts, id as AgentId, change));
}

function dutyEvent({ pauseReasons }: AdministrationParts, agent: AgentId, change: DutyChange): AdminEvent {
  switch (change.kind) {
    case "login":
      return { type: "login_asked", agent };
    case "logout":
      return { type: "logout_asked", agent };
    case "pause":
      return { type: "pause_asked", agent, reason: checkedReason(pauseReasons, change.reason) };
    case "resume":
      return { type: "resume_asked", agent };
    case "wrap_up_end":
      return { type: "wrap_up_end_asked", agent };
    case "wrap_up_extend":
      return { type: "wrap_up_extend_asked", agent, byMs: ms(change.byMs) };
  }
}

/** The reason as the list spells it. A pause without one is always possible: the phone's code gives none. */
function checkedReason(allowed: readonly string[], reason: string | null): string | null {
  if (reason === null || allowed.length === 0) return reason;
  const known = allowed.find((each) => each.toLowerCase() === reason.toLowerCase());
  if (known !== undefined) return known;
  throw new Refusal(
    400,
    "unknown_reason",
    `"${reason}" is no reason for a pause here. Allowed: ${allowed.join(", ")} (agents.pauseReasons in hotline.yaml)`,
  );
}
