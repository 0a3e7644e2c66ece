import type { Agent } from "./agents.ts";
import type { Call } from "./calls.ts";
import { eligiblePools } from "./distribution/choose.ts";
import type { AgentId } from "./ids.ts";
import type { State } from "./state.ts";

/** What must hold after every step. Empty when all is well, else one sentence for each broken rule. For tests. */
export function brokenInvariants(state: State): string[] {
  const broken: string[] = [];
  const busyWith = new Map<AgentId, string>();
  for (const call of state.calls.values()) {
    for (const agent of agentsOf(call)) {
      const other = busyWith.get(agent);
      if (other) broken.push(`agent ${agent} is in calls ${other} and ${call.id}`);
      busyWith.set(agent, call.id);
      broken.push(...mismatch(state.agents.get(agent), agent, call));
    }
    if (call.phase.kind === "offering" && call.phase.agents.length === 0)
      broken.push(`call ${call.id} is offered to nobody`);
  }
  for (const agent of state.agents.values()) {
    const { work } = agent;
    if ((work.kind === "offered" || work.kind === "talking") && busyWith.get(agent.id) !== work.call)
      broken.push(`agent ${agent.id} is ${work.kind} with call ${work.call}, which does not know it`);
  }
  if (state.loose.pbx === "up") broken.push(...unserved(state));
  return broken;
}

/** A caller waits, an agent who may be rung for them is free, and it does not ring. */
function unserved(state: State): string[] {
  return [...state.hotlines.values()].flatMap(({ id }) =>
    [...state.queue(id).lines()].flatMap((line) =>
      eligiblePools(state.staff(id), line).map(
        ({ agents }) =>
          `agent ${agents.first()?.id} is free while caller ${line.callers.first()?.id} waits at ${id}`,
      ),
    ),
  );
}

function agentsOf(call: Call): readonly AgentId[] {
  if (call.phase.kind === "offering") return call.phase.agents;
  return call.phase.kind === "connected" ? [call.phase.agent] : [];
}

function mismatch(agent: Agent | null, id: AgentId, call: Call): string[] {
  if (!agent) return [`call ${call.id} names agent ${id}, who does not exist`];
  const expected = call.phase.kind === "connected" ? "talking" : "offered";
  const { work } = agent;
  if (work.kind !== expected || work.call !== call.id)
    return [`call ${call.id} is ${call.phase.kind} with agent ${id}, who is ${work.kind}`];
  return [];
}
