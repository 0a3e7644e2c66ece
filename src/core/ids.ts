/** Ids are branded strings, so that a call's id is never taken for an agent's. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A call; also the id of the caller's channel in Asterisk. */
export type CallId = Brand<string, "CallId">;
export type AgentId = Brand<string, "AgentId">;
export type HotlineId = Brand<string, "HotlineId">;
/** One attempt to ring one agent for one call; also the id of the agent's channel. */
export type LegId = Brand<string, "LegId">;
/** Never used twice: Asterisk destroys bridges asynchronously (asterisk#211). */
export type BridgeId = Brand<string, "BridgeId">;
export type PlaybackId = Brand<string, "PlaybackId">;
/** A place in a hotline that a caller may come back to, see places.ts. */
export type PlaceId = Brand<string, "PlaceId">;
/** One run of Asterisk, from its start to its end. What lived in an earlier one is lost. */
export type PbxRun = Brand<string, "PbxRun">;
/** A channel in Asterisk that is neither a caller's nor a leg: an agent who dials a code. */
export type ChannelId = Brand<string, "ChannelId">;

/** Legs, bridges and playbacks are named after their call, so that a lost record can be rebuilt from Asterisk. */
export const legId = (call: CallId, agent: AgentId, attempt: number): LegId =>
  `${call}~${attempt}~${agent}` as LegId;
export const bridgeId = (call: CallId, attempt: number): BridgeId => `${call}~${attempt}~bridge` as BridgeId;
export const playbackId = (call: CallId, count: number): PlaybackId => `${call}~${count}~play` as PlaybackId;

/** The leg to a number outside. */
export const forwardLegId = (call: CallId, attempt: number): LegId => `${call}~${attempt}~forward` as LegId;

/** Words that stand where an agent's id stands in the names above: no agent may be called so. */
export const reservedAgentIds: readonly string[] = ["bridge", "play", "forward"];

/** The call a leg was made for, and the agent (null: a number outside); null when the id is not one of ours. */
export function parseLegId(id: string): { call: CallId; agent: AgentId | null } | null {
  const [call, attempt, agent] = id.split("~");
  if (!call || !agent || !attempt || !/^\d+$/.test(attempt) || agent === "bridge" || agent === "play")
    return null;
  return { call: call as CallId, agent: agent === "forward" ? null : (agent as AgentId) };
}
