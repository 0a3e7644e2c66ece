import type { LiveAgent, LiveCall, LiveHotline, LiveSnapshot } from "../../api/live.ts";

/** What is on the screen: what the daemon said last, and when it went away. */
export type View = {
  readonly live: LiveSnapshot;
  /** Only this hotline; null: all. */
  readonly only: string | null;
  /** Since when the daemon does not answer, by this machine's clock; null: it does. */
  readonly awaySince: number | null;
  /** The daemon's clock minus this machine's. */
  readonly clockOffsetMs: number;
};

export const inQueue = ({ phase }: LiveCall): boolean =>
  phase === "listening" || phase === "waiting" || phase === "offering";

export const hotlinesOf = ({ live, only }: View): LiveHotline[] =>
  live.hotlines.filter(({ id }) => only === null || id === only).sort(byId);

export const callsOf = ({ live, only }: View): LiveCall[] =>
  live.calls.filter(({ hotline }) => only === null || hotline === only);

/** In the order of how soon they can take the next call. */
export const agentStates = [
  ["ready", "ready"],
  ["offered", "ringing"],
  ["talking", "talking"],
  ["wrap_up", "wrap-up"],
  ["busy", "own call"],
  ["paused", "paused"],
  ["offline", "offline"],
  ["logged_out", "logged out"],
] as const satisfies readonly (readonly [LiveAgent["state"], string])[];

const rank = new Map<string, number>(agentStates.map(([state], i) => [state, i]));
export const stateName = new Map<string, string>(agentStates);

export const agentsOf = ({ live, only }: View): LiveAgent[] =>
  live.agents
    .filter(({ hotlines }) => only === null || hotlines.includes(only))
    .sort((a, b) => rank.get(a.state)! - rank.get(b.state)! || byId(a, b));

export function byId(a: { id: string }, b: { id: string }): number {
  return a.id.localeCompare(b.id, "en", { numeric: true });
}
