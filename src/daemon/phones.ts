import { randomBytes, randomInt } from "node:crypto";
import type { AgentId } from "../core/ids.ts";
import type { Credential } from "../store/types.ts";

/** What the agents' phones register with, and bringing Asterisk up to date with it. */
export type PhonesParts = {
  readonly credentials: readonly Credential[];
  /** Writes the files of all phones and their numbers; true when they differ from before. */
  readonly render: (credentials: readonly Credential[]) => Promise<boolean>;
  /** Has Asterisk read them. */
  readonly reload: () => Promise<void>;
  /** Makes Asterisk forget where this phone was registered. */
  readonly forget: (endpoint: string) => Promise<void>;
};

const userNameLetters = "abcdefghjkmnpqrstuvwxyz23456789";

/**
 * Credentials for a new phone. The user name is not the agent's number alone, so that who tries numbers finds nothing
 * (ASTERISK.md, "Security"); the password has 120 bits.
 */
export function newCredential(agent: AgentId): Credential {
  const suffix = Array.from({ length: 6 }, () => userNameLetters[randomInt(userNameLetters.length)]).join("");
  return { agent, username: `${agent}-${suffix}`, password: randomBytes(15).toString("base64url") };
}

export class Phones {
  readonly #byAgent = new Map<AgentId, Credential>();
  readonly #byUser = new Map<string, AgentId>();
  readonly #parts: PhonesParts;
  /** The renewal under way, and the one that will follow it and is shared by all who ask meanwhile. */
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  /** Asterisk has not read the files since they were last written, or we do not know whether it has. */
  #stale = true;

  constructor(parts: PhonesParts) {
    this.#parts = parts;
    for (const credential of parts.credentials) this.add(credential);
  }

  add(credential: Credential): void {
    this.#byAgent.set(credential.agent, credential);
    this.#byUser.set(credential.username, credential.agent);
  }

  /** The agent is gone, and with it where the phone was registered. */
  async remove(agent: AgentId): Promise<void> {
    const credential = this.#byAgent.get(agent);
    if (!credential) return;
    this.#byAgent.delete(agent);
    this.#byUser.delete(credential.username);
    await this.#parts.forget(credential.username);
    await this.renew();
  }

  endpointOf(agent: AgentId): string | null {
    return this.#byAgent.get(agent)?.username ?? null;
  }

  credentialOf(agent: AgentId): Credential | null {
    return this.#byAgent.get(agent) ?? null;
  }

  agentOf(endpoint: string): AgentId | null {
    return this.#byUser.get(endpoint) ?? null;
  }

  /** Resolves when Asterisk knows exactly the phones of this moment. One renewal at a time; who asks meanwhile shares the next. */
  renew(): Promise<void> {
    if (!this.#running) return this.#begin();
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = null;
    this.#running = this.#renewNow().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #renewNow(): Promise<void> {
    if (await this.#parts.render([...this.#byAgent.values()])) this.#stale = true;
    if (!this.#stale) return;
    await this.#parts.reload();
    this.#stale = false;
  }
}
