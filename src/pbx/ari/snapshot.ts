import type { Talk } from "../../core/events.ts";
import { type BridgeId, type ChannelId, type LegId, parseLegId } from "../../core/ids.ts";
import type { Operations } from "./operations.ts";
import { type Caller, callerIn, isCode, isStudio, legIn } from "./translate.ts";
import { type AriEndpoint, eventTypes } from "./types.ts";

export type Snapshot = {
  /** Longest here first. */
  readonly callers: readonly Caller[];
  readonly legs: readonly { readonly leg: LegId; readonly state: "ringing" | "up" }[];
  readonly talks: readonly Talk[];
  /** What is alive outside our application. */
  readonly elsewhere: readonly string[];
  /** Agents who have dialled a code; what came of it will never be said to them. */
  readonly codes: readonly ChannelId[];
  /** Phones called for an announcement by an earlier daemon, or before the connection was lost. */
  readonly studios: readonly ChannelId[];
  readonly endpoints: readonly AriEndpoint[];
  /** Bridges of ours in which nobody talks: empty, or with a caller or an agent who was left behind. */
  readonly deadBridges: readonly BridgeId[];
};

/**
 * Subscribes to what is needed, then reads what is alive. `endpoint:PJSIP` brings the events of all SIP channels, to their
 * very end: a channel's own subscription ends with its time in our application, before its end is told.
 */
export async function readSnapshot(to: Operations, app: string): Promise<Snapshot> {
  await to.allowEvents(eventTypes);
  await to.subscribe("endpoint:PJSIP");
  const [channels, bridges, endpoints] = await Promise.all([
    to.allChannels(),
    to.allBridges(),
    to.allPhones(),
  ]);
  // Asterisk lists channels in no order; who is taken in anew comes in the order of arrival.
  const byAge = channels.toSorted((a, b) => (a.creationtime < b.creationtime ? -1 : 1));
  const callers = byAge.map((channel) => callerIn(channel, app)).filter((caller) => caller !== null);
  const legs = byAge.map(legIn).filter((leg) => leg !== null);
  return {
    callers,
    legs,
    elsewhere: byAge
      .filter(({ id, dialplan }) => dialplan.app_name !== "Stasis" && !parseLegId(id))
      .map(({ id }) => id),
    talks: bridges
      .filter(({ id }) => isOurBridge(id))
      .flatMap(({ id, channels: inside }) => {
        const caller = callers.find(({ call }) => inside.includes(call));
        const leg = legs.find((one) => inside.includes(one.leg));
        return caller ? [{ call: caller.call, leg: leg?.leg ?? null, bridge: id as BridgeId }] : [];
      }),
    codes: byAge.filter((channel) => isCode(channel, app)).map(({ id }) => id as ChannelId),
    studios: byAge.map(({ id }) => id).filter(isStudio),
    endpoints,
    deadBridges: bridges
      .filter(({ id, channels: inside }) => inside.length < 2 && isOurBridge(id))
      .map(({ id }) => id as BridgeId),
  };
}

/** bridgeId() in core/ids.ts makes them so. */
const isOurBridge = (id: string): boolean => /~\d+~bridge$/.test(id);
