import type { AgentPhone } from "./agents.ts";
import { file, name } from "./text.ts";

/**
 * The text of `rendered/extensions_agents.conf`, a part of the context `[agents-dial]`: under which number each agent's phone can
 * be called by a colleague, which is the agent's id. An id with letters has no key on a phone and gets no number. Sorted, so
 * that the same agents give the same text.
 */
export function renderNumbers(agents: readonly Pick<AgentPhone, "id" | "username">[]): string {
  const lines = agents
    .filter(({ id }) => /^[0-9]+$/.test(id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(
      ({ id, username }) =>
        `exten = ${id},1,Set(PHONE=PJSIP/${name(username, "the user name")})\n same = n,Goto(agents-call,${id},1)\n`,
    );
  return file("The agents' numbers.", lines.join(""));
}
