import type { BridgeId, CallId, LegId } from "../../core/ids.ts";

export type Join = {
  readonly call: CallId;
  readonly leg: LegId;
  readonly entered: Set<string>;
  readonly timer: NodeJS.Timeout;
};

/**
 * Conversations being put together. Asterisk's "204 No Content" to addChannel does not prove that anybody is in the bridge;
 * only the event of each channel does.
 */
export class Joins {
  readonly #pending = new Map<BridgeId, Join>();
  readonly #onBoth: (bridge: BridgeId, join: Join) => void;
  readonly #onLate: (bridge: BridgeId, join: Join) => void;
  readonly #timeoutMs: number;

  constructor(
    timeoutMs: number,
    onBoth: (bridge: BridgeId, join: Join) => void,
    onLate: (bridge: BridgeId, join: Join) => void,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#onBoth = onBoth;
    this.#onLate = onLate;
  }

  begin(bridge: BridgeId, call: CallId, leg: LegId): void {
    const timer = setTimeout(() => {
      const join = this.#pending.get(bridge);
      if (join) this.#onLate(bridge, join);
    }, this.#timeoutMs);
    this.#pending.set(bridge, { call, leg, entered: new Set(), timer });
  }

  entered(bridge: BridgeId, channel: string): void {
    const join = this.#pending.get(bridge);
    if (!join) return;
    join.entered.add(channel);
    if (!join.entered.has(join.call) || !join.entered.has(join.leg)) return;
    this.drop(bridge);
    this.#onBoth(bridge, join);
  }

  /** Nobody waits for it any more. Returns whether somebody did. */
  drop(bridge: BridgeId): boolean {
    const join = this.#pending.get(bridge);
    clearTimeout(join?.timer);
    return this.#pending.delete(bridge);
  }

  dropAll(): void {
    for (const bridge of [...this.#pending.keys()]) this.drop(bridge);
  }
}
