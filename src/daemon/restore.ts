import { State } from "../core/state.ts";
import type { Now } from "../core/time.ts";
import { rebaseClock } from "../store/rebase-clock.ts";
import type { Batch, Loaded } from "../store/types.ts";

/** What a start finds in the database, by the clock of now. */
export type Found = {
  readonly loaded: Loaded;
  /**
   * Null within one boot of the machine. After another one: all rows whose times were carried over to this boot's clock, to
   * be written before anything else is. The stored clock speaks for all rows, so none may stay behind in the old one.
   */
  readonly carriedOver: Batch | null;
};

export function carryOver(stored: Loaded, bootId: string, now: Now): Found {
  const loaded = rebaseClock(stored, bootId, now);
  if (loaded === stored) return { loaded, carriedOver: null };
  const changes = {
    hotlines: new Map(),
    numbers: new Map(),
    desks: new Map(loaded.desks.map((desk) => [desk.hotline, desk])),
    agents: new Map(loaded.agents.map((agent) => [agent.id, agent])),
    calls: new Map(loaded.calls.map((call) => [call.id, call])),
  };
  return { loaded, carriedOver: { changes, story: [], clock: { bootId, ...now }, durable: false } };
}

/** The state as the database has it. Nothing is offered until Asterisk has said what is alive. */
export function restoreState(loaded: Loaded): State {
  const state = new State();
  for (const hotline of loaded.hotlines) state.hotlines.put(hotline.id, hotline);
  for (const row of loaded.numbers) state.numbers.put(row.number, row);
  for (const desk of loaded.desks) state.desks.put(desk.hotline, desk);
  for (const agent of loaded.agents) state.agents.put(agent.id, agent);
  for (const call of loaded.calls) state.calls.put(call.id, call);
  // The last thing that was written is the last that is known of Asterisk.
  if (loaded.clock) {
    const { monotonicMs, wallMs } = loaded.clock;
    state.loose = { ...state.loose, lastHeardAt: { monotonicMs, wallMs } };
  }
  return state;
}
