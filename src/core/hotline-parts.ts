import { hotlineSettings } from "./hotline-settings.ts";
import type { Hotline } from "./hotlines.ts";
import type { Schedule } from "./hours/schedule.ts";
import { same } from "./same.ts";

/** A setting of a hotline, or a part of its hours: what can be put back on its own, whatever else was set since. */
export type HotlinePart = Exclude<keyof Hotline, "id" | "schedule"> | keyof Schedule;

/** A later week is made of the one before it: to put back only one of them would leave half a change. */
const week: readonly HotlinePart[] = ["weekly", "laterWeeks"];

const partsOf = (hotline: Hotline): Readonly<Record<string, unknown>> => {
  const { id: _, schedule, ...settings } = hotlineSettings(hotline)!;
  return { ...settings, ...schedule };
};

/** The parts in which two rows of one hotline differ. */
export function changedParts(one: Hotline, other: Hotline): HotlinePart[] {
  const [before, after] = [partsOf(one), partsOf(other)];
  const names = Object.keys({ ...before, ...after }) as HotlinePart[];
  const differs = (name: HotlinePart) => !same(before[name], after[name]);
  const weekDiffers = week.some(differs);
  return names.filter((name) => (week.includes(name) ? weekDiffers : differs(name)));
}

/** `hotline` with these parts of `row`. */
export function withParts(hotline: Hotline, row: Hotline, parts: readonly HotlinePart[]): Hotline {
  const those = <Fields extends object>(fields: Fields): Partial<Fields> =>
    Object.fromEntries(
      Object.entries(fields).filter(([name]) => (parts as readonly string[]).includes(name)),
    ) as Partial<Fields>;
  return { ...hotline, ...those(row), schedule: { ...hotline.schedule, ...those(row.schedule) } };
}
