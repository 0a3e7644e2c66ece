import type { AddHotline, HotlineChange, NumberView, SetNumber } from "../api/schemas.ts";
import type { HotlineId } from "../core/ids.ts";
import type { NumberRow, State } from "../core/state.ts";
import { askForChange, type ChangingParts } from "./asking.ts";
import { newHotline, settingsOf } from "./settings.ts";

/** What administrators do to hotlines and to the numbers that lead to them. */

export async function addHotline(parts: ChangingParts, { id, ...asked }: AddHotline): Promise<void> {
  const hotline = newHotline(id as HotlineId, asked.name, settingsOf(asked));
  await askForChange(parts, { type: "hotline_added", hotline });
}

export async function changeHotline(parts: ChangingParts, id: string, change: HotlineChange): Promise<void> {
  const settings = settingsOf(change);
  await askForChange(parts, { type: "hotline_changed", hotline: id as HotlineId, settings });
}

export async function setNumber(
  parts: ChangingParts,
  number: string,
  { hotline, skills }: SetNumber,
): Promise<NumberView> {
  const row = { number, hotline: hotline as HotlineId, requires: skills };
  await askForChange(parts, { type: "number_set", ...row });
  return numberView(parts.state, row);
}

export const numbersOf = (state: State): NumberView[] =>
  [...state.numbers.values()].map((row) => numberView(state, row));

function numberView(state: State, { number, hotline, requires }: NumberRow): NumberView {
  const agents = [...state.agents.values()].filter(({ memberships }) =>
    memberships.some(
      (each) => each.hotline === hotline && requires.every((skill) => each.skills.includes(skill)),
    ),
  );
  return { number, hotline, skills: [...requires], agents: agents.length };
}
