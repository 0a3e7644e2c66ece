import { State } from "./state.ts";

/** To try something on: what is done to the copy leaves the state as it is. Rows are shared, since they are only ever replaced. */
export function copyOf(state: State): State {
  const copy = new State();
  copy.loose = state.loose;
  for (const hotline of state.hotlines.values()) copy.hotlines.put(hotline.id, hotline);
  for (const row of state.numbers.values()) copy.numbers.put(row.number, row);
  for (const desk of state.desks.values()) copy.desks.put(desk.hotline, desk);
  for (const place of state.oldPlaces.values()) copy.oldPlaces.put(place.id, place);
  for (const agent of state.agents.values()) copy.agents.put(agent.id, agent);
  for (const call of state.calls.values()) copy.calls.put(call.id, call);
  return copy;
}
