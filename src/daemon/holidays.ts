import { createRequire } from "node:module";
import type { LocalDate } from "../core/hours/calendar.ts";
import type { Holiday } from "../core/hours/schedule.ts";

/** Only when it is needed: it is large, and a start after a crash must be quick. */
const load = createRequire(import.meta.url);
const calendarClass = () => load("date-holidays") as typeof import("date-holidays").default;

/** The federal states with their names, by the short form that ISO 3166-2:DE has for them. */
export const federalStates: ReadonlyMap<string, string> = new Map([
  ["BB", "Brandenburg"],
  ["BE", "Berlin"],
  ["BW", "Baden-Württemberg"],
  ["BY", "Bayern"],
  ["HB", "Hansestadt Bremen"],
  ["HE", "Hessen"],
  ["HH", "Hansestadt Hamburg"],
  ["MV", "Mecklenburg-Vorpommern"],
  ["NI", "Niedersachsen"],
  ["NW", "Nordrhein-Westfalen"],
  ["RP", "Rheinland-Pfalz"],
  ["SH", "Schleswig-Holstein"],
  ["SL", "Saarland"],
  ["SN", "Sachsen"],
  ["ST", "Sachsen-Anhalt"],
  ["TH", "Thüringen"],
]);

/**
 * The days that are public holidays in the whole of a federal state (`TH`, `SN` ...), in German, for years from and to,
 * both included. Days that only some towns keep, bank holidays and mere observances are not among them.
 */
export function publicHolidays(region: string, fromYear: number, toYear: number): Holiday[] {
  // The library takes a state that it does not know for the whole country.
  if (!federalStates.has(region)) throw new Error(`"${region}" is no federal state`);
  const HolidayCalendar = calendarClass();
  const calendar = new HolidayCalendar("DE", region, { languages: ["de"], types: ["public"] });
  const years = Array.from({ length: toYear - fromYear + 1 }, (_, n) => fromYear + n);
  return years.flatMap((year) =>
    calendar.getHolidays(year).map(({ date, name }) => ({ date: date.slice(0, 10) as LocalDate, name })),
  );
}

/** So many years after the present one are known, wherever days are looked up. */
export const yearsAhead = 5;

/** Those of the year of a day and of the years that follow. */
export function holidaysFrom(region: string, today: LocalDate): Holiday[] {
  const year = Number(today.slice(0, 4));
  return publicHolidays(region, year, year + yearsAhead);
}
