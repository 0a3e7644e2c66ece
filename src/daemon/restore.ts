import { State } from "../core/state.ts";
import type { Loaded } from "../store/types.ts";

/** The state as the database has it. Nothing is offered until Asterisk has said what is alive. */
export function restoreState(loaded: Loaded): State {
  const state = new State();
  for (const hotline of loaded.hotlines) state.hotlines.put(hotline.id, hotline);
  for (const row of loaded.numbers) state.numbers.put(row.number, row);
  for (const desk of loaded.desks) state.desks.put(desk.hotline, desk);
  for (const agent of loaded.agents) state.agents.put(agent.id, agent);
  for (const call of loaded.calls) state.calls.put(call.id, call);
  return state;
}
