/** Numbers, dates and times as they are spoken in German. Words, not digits: speech engines read digits each in their own way. */

const ones = [
  ...[
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
  ],
  ...["dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"],
];
const tens = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

/** A whole number from 0 to 99 before a noun: "ein", "zwei", "einundzwanzig". */
export function beforeNoun(number: number): string {
  if (number < ones.length) return ones[number]!;
  const one = number % 10;
  return (one === 0 ? "" : `${ones[one]}und`) + tens[(number - one) / 10];
}

/** A whole number from 0 to 99 by itself: "eins", "zwei", "einundzwanzig". */
export function counted(number: number): string {
  return number === 1 ? "eins" : beforeNoun(number);
}

const irregular: Readonly<Record<number, string>> = { 1: "ersten", 3: "dritten", 7: "siebten", 8: "achten" };

/** From 1 to 99, as after "dem": "ersten", "siebten", "zwanzigsten". */
export function ordinal(number: number): string {
  return irregular[number] ?? `${beforeNoun(number)}${number < 20 ? "ten" : "sten"}`;
}

const weekdays = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
const months = [
  ...["Januar", "Februar", "März", "April", "Mai", "Juni"],
  ...["Juli", "August", "September", "Oktober", "November", "Dezember"],
];

/** A day of the calendar; all count from 1, Monday is 1. */
export type CalendarDay = { readonly dayOfWeek: number; readonly day: number; readonly month: number };

/** "Montag, dem siebten Dezember": as after "am". The year goes without saying. */
export function dayInWords({ dayOfWeek, day, month }: CalendarDay): string {
  return `${weekdays[dayOfWeek - 1]}, dem ${ordinal(day)} ${months[month - 1]}`;
}

/** "acht Uhr", "acht Uhr dreißig", "null Uhr fünf". */
export function timeInWords(hour: number, minute: number): string {
  const full = `${beforeNoun(hour)} Uhr`;
  return minute === 0 ? full : `${full} ${counted(minute)}`;
}
