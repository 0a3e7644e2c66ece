import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId, PbxRun } from "../../src/core/ids.ts";
import type { Asterisk } from "./asterisk.ts";

type Listing = Omit<Extract<PbxEvent, { type: "pbx_snapshot" }>, "type">;

/** What is alive, as ARI lists it: callers in our application by age, legs, phones. */
export function listAlive(asterisk: Asterisk, agents: Iterable<AgentId>): Listing {
  const callers = [...asterisk.callers.values()].filter(({ inApp }) => inApp);
  const legs = [...asterisk.legs.values()];
  return {
    run: `run ${asterisk.run}` as PbxRun,
    callers: callers.map(({ plan: { call, number, from } }) => ({ call, number, from })),
    legs: legs.map(({ id, state }) => ({ leg: id, state: state === "up" ? "up" : "ringing" })),
    talks: legs.flatMap(({ id: leg, call, bridge }) =>
      bridge !== null && asterisk.areTogether(bridge, call, leg) ? [{ call, leg, bridge }] : [],
    ),
    phones: [...agents].map((agent) => ({ agent, phone: asterisk.phones.get(agent) ?? "unreachable" })),
  };
}
