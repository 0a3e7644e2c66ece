import type { LocalDate } from "./calendar.ts";
import type { Holidays } from "./schedule.ts";

/** The public holidays of the present year and of so many that follow are needed: plans are made that far ahead. */
const yearsNeeded = 2;

/** The first year, of those needed, of which not one public holiday is known; null: all are known, or none are kept. */
export function firstUnknownYear(
  { region, days }: Pick<Holidays, "region" | "days">,
  today: LocalDate,
): number | null {
  if (region === null) return null;
  const known = new Set(days.map(({ date }) => Number(date.slice(0, 4))));
  const thisYear = Number(today.slice(0, 4));
  const needed = Array.from({ length: yearsNeeded + 1 }, (_, n) => thisYear + n);
  return needed.find((year) => !known.has(year)) ?? null;
}
