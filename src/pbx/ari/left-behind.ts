import { type CallId, type LegId, parseLegId } from "../../core/ids.ts";
import type { Operations } from "./operations.ts";
import type { Snapshot } from "./snapshot.ts";

type LeftAlive = {
  readonly callers: readonly Pick<Snapshot["callers"][number], "call">[];
  readonly legs: readonly Pick<Snapshot["legs"][number], "leg">[];
};

/**
 * The calls that were hung up on by one of two who were joined, while the other is still there. Asterisk sets CHANNEL(hangupsource) of
 * both when one of two in a bridge hangs up (`ast_set_hangupsource()` in main/channel.c).
 *
 * @param ended the channels of calls and legs whose end was noted
 */
export async function leftBehind(
  from: Pick<Operations, "variable">,
  { callers, legs }: LeftAlive,
  ended: readonly string[],
): Promise<Set<string>> {
  const gone = new Set(ended);
  const agents = legs.map(({ leg }) => leg).filter((leg) => gone.has(parseLegId(leg)?.call ?? ""));
  const leftByAgent = new Set(ended.map((channel) => parseLegId(channel)?.call));
  const alone = callers.map(({ call }) => call).filter((call) => leftByAgent.has(call));
  const found = [...agents, ...alone].map(async (channel: LegId | CallId) =>
    (await from.variable(channel, "CHANNEL(hangupsource)")) ? [parseLegId(channel)?.call ?? channel] : [],
  );
  return new Set((await Promise.all(found)).flat());
}
