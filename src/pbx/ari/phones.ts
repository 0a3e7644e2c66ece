import type { Phone } from "../../core/agents.ts";
import type { PbxEvent } from "../../core/events.ts";
import type { AgentId } from "../../core/ids.ts";
import { phoneOf, type Sighting } from "./translate.ts";
import type { AriEndpoint } from "./types.ts";

type Seen = Extract<Sighting, { kind: "phone" }>;

type Surroundings = {
  readonly tell: (event: PbxEvent) => void;
  readonly agentOf: (endpoint: string) => AgentId | null;
};

/**
 * Which phones can be reached. ARI tells it on the same socket as the calls, so in the right order with them; AMI would
 * know more (round-trip times), but on a connection of its own. Only changes are told, since Asterisk reports a phone's state
 * with each of its calls; and that a phone has just answered, since it may be another one.
 */
export class Phones {
  readonly #surroundings: Surroundings;
  readonly #told = new Map<AgentId, Phone>();
  /** Registered, but not asked yet since Asterisk has started. */
  #unproven = new Set<string>();
  /** Of whom something was heard since a list was asked for: that is newer than the list. */
  #heard = new Set<string>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Whose phone it is; null when it is no agent's. */
  agentOf(endpoint: string): AgentId | null {
    return this.#surroundings.agentOf(endpoint);
  }

  /** See Sighting. */
  seen({ endpoint, phone, asked, answers }: Seen): void {
    this.#heard.add(endpoint);
    this.#take(endpoint, phone, asked, answers);
  }

  #take(endpoint: string, found: Phone, asked: boolean, answers: boolean): void {
    if (asked) this.#unproven.delete(endpoint);
    const phone = this.#unproven.has(endpoint) ? "unknown" : found;
    const agent = this.#surroundings.agentOf(endpoint);
    if (!agent || (this.#told.get(agent) === phone && !answers)) return;
    this.#told.set(agent, phone);
    this.#surroundings.tell({ type: "phone_changed", agent, phone });
  }

  /**
   * Starts over from a full list, and returns it for the snapshot. For up to 15 s after its start Asterisk calls the
   * `unproven` offline, although they can be rung.
   */
  reset(endpoints: readonly AriEndpoint[], unproven: readonly string[]): { agent: AgentId; phone: Phone }[] {
    this.#told.clear();
    this.#unproven = new Set(unproven);
    const phones = [];
    for (const endpoint of endpoints) {
      const agent = this.#surroundings.agentOf(endpoint.resource);
      if (!agent) continue;
      const phone = this.#unproven.has(endpoint.resource) ? "unknown" : phoneOf(endpoint);
      this.#told.set(agent, phone);
      phones.push({ agent, phone });
    }
    return phones;
  }

  /** Compares with a full list, tells what is new and forgets agents that are gone. */
  async refresh(list: () => Promise<readonly AriEndpoint[]>): Promise<void> {
    this.#heard.clear();
    const endpoints = await list();
    const present = new Set<AgentId>();
    for (const endpoint of endpoints) {
      const agent = this.#surroundings.agentOf(endpoint.resource);
      if (!agent) continue;
      present.add(agent);
      if (this.#heard.has(endpoint.resource)) continue;
      this.#take(endpoint.resource, phoneOf(endpoint), endpoint.state === "online", false);
    }
    for (const agent of [...this.#told.keys()]) if (!present.has(agent)) this.#told.delete(agent);
  }
}
