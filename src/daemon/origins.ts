import type { CallId } from "../core/ids.ts";
import type { State } from "../core/state.ts";

/** At which hotline each call arrived; empty: the number was unknown. */
export type Origins = Map<CallId, string>;

export const originsOf = ({ calls }: State): Origins =>
  new Map([...calls.values()].map(({ id, origin }) => [id, origin ?? ""]));
