import type { PbxEvent } from "../../src/core/events.ts";
import type { AgentId, BridgeId } from "../../src/core/ids.ts";
import type { PbxSurroundings } from "../../src/pbx/port.ts";
import type { Asterisk } from "./asterisk.ts";
import type { Chance } from "./chance.ts";
import type { Troubles } from "./luck.ts";
import type { Timeline } from "./timeline.ts";

/** What the adapter of one life has around it. */
export type AdapterParts = {
  readonly asterisk: Asterisk;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly troubles: Troubles;
  readonly submit: (event: PbxEvent) => void;
  /** Whose phones the daemon knows. */
  readonly agents: () => Iterable<AgentId>;
  /** Promises of ours must run. */
  readonly touched: () => void;
  readonly wallMs: () => number;
  readonly isKnown: (channel: string) => boolean;
  readonly onRecord: PbxSurroundings["onRecord"];
  readonly note: (line: string) => void;
  /** The order to close it was lost, so it stays until the next connection. */
  readonly leaked: (bridge: BridgeId) => void;
};
