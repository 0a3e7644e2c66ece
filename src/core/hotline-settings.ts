import type { Hotline } from "./hotlines.ts";

/**
 * What administrators have set of a hotline. On which days public holidays fall is found out year by year and set by nobody:
 * that they were looked up anew is no change.
 */
export function hotlineSettings(hotline: Hotline | null): Hotline | null {
  return hotline && withHolidayDays(hotline, []);
}

/** The days known at present count, not those that were known when the row was noted. */
export function withPresentHolidays(row: Hotline, present: Hotline | null): Hotline {
  const known = present?.schedule.holidays;
  return known?.region === row.schedule.holidays.region ? withHolidayDays(row, known.days) : row;
}

function withHolidayDays(hotline: Hotline, days: Hotline["schedule"]["holidays"]["days"]): Hotline {
  const { schedule } = hotline;
  return { ...hotline, schedule: { ...schedule, holidays: { ...schedule.holidays, days } } };
}
