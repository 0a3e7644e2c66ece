import type { LiveEvent } from "../../api/live.ts";

/** Leaves of the events what belongs to one hotline: its row, its agents, the calls that are there now. */
export function narrowing(hotline: string): (event: LiveEvent) => LiveEvent | null {
  let agents = new Set<string>();
  let calls = new Set<string>();
  return (event) => {
    const hotlines = event.hotlines?.filter(({ id }) => id === hotline);
    const agentRows = event.agents?.filter((row) => row.hotlines.includes(hotline));
    const callRows = event.calls?.filter((row) => row.hotline === hotline);
    if (event.type === "snapshot") {
      agents = idsOf(agentRows);
      calls = idsOf(callRows);
      return { ...event, hotlines: hotlines ?? [], agents: agentRows ?? [], calls: callRows ?? [] };
    }
    // Whoever has left the hotline is gone from here.
    const left = (
      known: Set<string>,
      all: readonly { id: string }[] = [],
      kept: readonly { id: string }[] = [],
    ) => {
      const keptIds = idsOf(kept);
      return all.map(({ id }) => id).filter((id) => known.has(id) && !keptIds.has(id));
    };
    const gone = {
      hotlines: (event.removed?.hotlines ?? []).filter((id) => id === hotline),
      agents: [
        ...(event.removed?.agents ?? []).filter((id) => agents.has(id)),
        ...left(agents, event.agents, agentRows),
      ],
      calls: [
        ...(event.removed?.calls ?? []).filter((id) => calls.has(id)),
        ...left(calls, event.calls, callRows),
      ],
    };
    for (const { id } of agentRows ?? []) agents.add(id);
    for (const { id } of callRows ?? []) calls.add(id);
    for (const id of gone.agents) agents.delete(id);
    for (const id of gone.calls) calls.delete(id);
    const removed = Object.fromEntries(Object.entries(gone).filter(([, ids]) => ids.length > 0));
    const rows = Object.entries({ hotlines, agents: agentRows, calls: callRows }).filter(
      ([, list]) => list?.length,
    );
    const { type, at, pbx, alarms } = event;
    const rest = { ...(pbx && { pbx }), ...(alarms && { alarms }), ...Object.fromEntries(rows) };
    if (Object.keys(rest).length === 0 && Object.keys(removed).length === 0) return null;
    return { type, at, ...rest, ...(Object.keys(removed).length > 0 && { removed }) };
  };
}

const idsOf = (rows: readonly { id: string }[] = []): Set<string> => new Set(rows.map(({ id }) => id));
