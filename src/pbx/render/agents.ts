import type { Config } from "../../config/load.ts";
import { mediaSettings } from "./media.ts";
import { callerId, file, name, type Setting, section } from "./text.ts";
import { trunkName } from "./trunk.ts";

/** An agent's phone. `username` is the name of the endpoint, its AOR and its login at once: `PJSIP/<username>`. */
export interface AgentPhone {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly password: string;
}

/** How often Asterisk asks each phone whether it is there, in seconds. */
const qualifySeconds = 15;

/**
 * The text of `rendered/pjsip_agents.conf`. Order of the agents does not matter: they are sorted, so that the same agents
 * give the same text. Throws on user names and passwords that a configuration file cannot hold, and on a user name given twice.
 */
export function renderAgents(
  agents: readonly AgentPhone[],
  config: Pick<Config, "bind" | "sip" | "calls">,
): string {
  const sorted = agents.toSorted((a, b) => (a.username < b.username ? -1 : 1));
  const seen = new Set<string>([trunkName, "global", "system"]);
  const phones = sorted.map((agent) => {
    if (seen.has(agent.username.toLowerCase())) throw new Error(`user name ${agent.username} is taken`);
    seen.add(agent.username.toLowerCase());
    return renderPhone(agent);
  });
  return file("The agents' phones.", ...templates(config), ...phones);
}

function templates(config: Pick<Config, "bind" | "sip" | "calls">): string[] {
  const endpoint: Setting[] = [
    ["type", "endpoint"],
    ["context", "agents"],
    // By its name only, never by its address.
    ["identify_by", "username"],
    ["force_rport", "yes"],
    ["rewrite_contact", "yes"],
    ...mediaSettings(config),
    // Who is offered encrypted audio and cannot do it (the phones in the office) goes on without.
    ["media_encryption", config.sip.tls ? "sdes" : null],
    ["media_encryption_optimistic", config.sip.tls ? "yes" : null],
    // There is nobody to transfer a caller to.
    ["allow_transfer", "no"],
    // The caller's number may be shown to the agent, and said in the header that phones read it from.
    ["send_pai", "yes"],
    ["trust_id_outbound", "yes"],
    // In use with the first call already: a second one does not ring.
    ["device_state_busy_at", 1],
  ];
  const aor: Setting[] = [
    ["type", "aor"],
    // One phone per agent; a new registration replaces the old one.
    ["max_contacts", 1],
    ["remove_existing", "yes"],
    ["qualify_frequency", qualifySeconds],
    ["qualify_timeout", "3.0"],
    ["minimum_expiration", 30],
    ["default_expiration", 300],
    ["maximum_expiration", 3600],
  ];
  return [section("agent-endpoint", endpoint, "!"), section("agent-aor", aor, "!")];
}

function renderPhone(agent: AgentPhone): string {
  const user = name(agent.username, "the user name");
  if (!/^[\x21-\x7e]{8,128}$/.test(agent.password)) {
    throw new Error(`the password of ${user} must be 8 to 128 printable ASCII characters without spaces`);
  }
  const endpoint: Setting[] = [
    ["auth", user],
    ["aors", user],
    ["callerid", callerId(agent.name, agent.id)],
  ];
  const auth: Setting[] = [
    ["type", "auth"],
    ["auth_type", "digest"],
    ["username", user],
    ["password", agent.password],
  ];
  return [
    section(user, endpoint, "agent-endpoint"),
    section(user, auth),
    section(user, [], "agent-aor"),
  ].join("\n");
}
