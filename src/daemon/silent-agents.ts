import type { Agent } from "../core/agents.ts";
import type { AgentId } from "../core/ids.ts";
import type { Changes } from "../core/step.ts";
import type { StoryLine } from "../core/story.ts";
import type { Alarms } from "./alarms.ts";

/**
 * Without the agents' ids: monitoring shows it to everybody who asks, and that is to name no person. The message says who.
 */
const code = "agent_silent";

/** Raises an alarm while calls ring in vain at agents who are not paused for it, because nobody else is ready. */
export class SilentAgents {
  readonly #alarms: Alarms;
  readonly #silent = new Map<AgentId, Agent>();

  constructor(alarms: Alarms) {
    this.#alarms = alarms;
  }

  /** Takes what a turn of the loop has changed and has to tell. Over with a conversation, a pause, logging out or removal. */
  told({ agents }: Pick<Changes, "agents">, story: readonly StoryLine[]): void {
    const before = this.#silent.size;
    for (const line of story) {
      const agent = "agent" in line && line.told.what === "not_paused" ? agents.get(line.agent) : null;
      if (agent) this.#silent.set(agent.id, agent);
    }
    for (const [id, agent] of agents)
      if (agent?.duty.kind !== "on" || agent.misses === 0) this.#silent.delete(id);
    if (this.#silent.size > 0) this.#alarms.raise(code, textOf([...this.#silent.values()]));
    else if (before > 0) this.#alarms.clear(code);
  }
}

function textOf(agents: readonly Agent[]): string {
  const who = agents.map(({ id, name }) => `${id} (${name})`).join(", ");
  const which = agents.length === 1 ? `agent ${who}` : `agents ${who}`;
  return (
    `Calls ring in vain at ${which}, who would be paused for it if anybody else were ready: callers wait for nobody. ` +
    `Ask whether somebody is there, let colleagues log in, or run: hotline agent pause ${agents[0]?.id}`
  );
}
