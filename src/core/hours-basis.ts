import { hotlineSettings } from "./hotline-settings.ts";
import type { Hotline } from "./hotlines.ts";
import type { Schedule } from "./hours/schedule.ts";
import type { HotlineId } from "./ids.ts";
import type { State } from "./state.ts";

/** All that a change of a hotline's hours is made on, so that a change by somebody else in between is noticed. */
export type HoursBasis = {
  readonly hoursOf: HotlineId | null;
  /** The hotline's own, and those that it has or is to have; null: there are no others. */
  readonly own: Schedule | null;
  readonly present: Schedule | null;
  readonly other: Schedule | null;
  /** Who has its hours, and so gets the change too. */
  readonly followers: readonly HotlineId[];
};

/** `other`: whose hours it is to have. */
export function hoursBasis(
  { hotlines }: Pick<State, "hotlines">,
  { id, hoursOf }: Hotline,
  other: HotlineId | null,
): HoursBasis {
  const scheduleOf = (from: HotlineId | null) =>
    from === null ? null : (hotlineSettings(hotlines.get(from))?.schedule ?? null);
  return {
    hoursOf,
    own: scheduleOf(id),
    present: scheduleOf(hoursOf),
    other: scheduleOf(other),
    followers: [...hotlines.values()].filter((each) => each.hoursOf === id).map((each) => each.id),
  };
}
