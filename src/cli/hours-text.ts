import type { DayHours, HolidaysView, HoursPreview, HoursView } from "../api/hours.ts";
import { countText, facts, lengthText, paint } from "./text.ts";
import { appointmentText } from "./times.ts";

/** Opening hours as people read them. */

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Mon  7 Dec`, with the year where it is another one than `thisYear`. */
export function dateText(date: string, thisYear: string): string {
  const at = new Date(`${date}T00:00:00Z`);
  const text = `${weekdays[at.getUTCDay()]} ${String(at.getUTCDate()).padStart(2)} ${months[at.getUTCMonth()]}`;
  return date.startsWith(thisYear) ? text : `${text} ${date.slice(0, 4)}`;
}

/** `08:00–12:00, 14:00–18:00` */
const hoursText = (hours: string) => hours.replaceAll("-", "–");

const describeDay = ({ hours, name }: DayHours) => `${hoursText(hours)}${name === null ? "" : ` (${name})`}`;

/** The coming days as they would stand on a door, and what they come from. */
export function describeHours(hours: HoursView): string {
  const { hotline, open, reason, adHoc, nextOpening, timeZone } = hours;
  const now: [string, string][] = [
    ["now", `${open ? paint("green", "open") : paint("yellow", "CLOSED")}: ${reason}`],
  ];
  // With an ad-hoc closing the reason names its end, and the next regular opening is beside the point.
  if (!open && adHoc === null)
    now.push(["opens", nextOpening === null ? "not planned" : appointmentText(nextOpening, timeZone)]);
  return [`${paint("bold", hotline)}\n${facts(now)}`, describeDays(hours), facts(whereFrom(hours))].join(
    "\n\n",
  );
}

/** Whether it is open, and until when. */
type Next = Pick<HoursView, "hotline" | "open" | "reason" | "nextOpening" | "nextClosing" | "timeZone">;

export function describeNext({ hotline, open, reason, nextOpening, nextClosing, timeZone }: Next): string {
  const at = (time: string) =>
    `${appointmentText(time, timeZone)} (in ${lengthText(Date.parse(time) - Date.now())})`;
  const now = `${hotline} is ${open ? paint("green", "open") : paint("yellow", "CLOSED")}: ${reason}`;
  const closes = `It closes ${nextClosing === null ? "at no time within two months" : at(nextClosing)}.`;
  const opens = `It opens ${nextOpening === null ? "at no time within two months" : at(nextOpening)}.`;
  return [now, ...(open ? [closes] : [opens])].join("\n");
}

function describeDays({ days, adHoc, timeZone }: HoursView): string {
  const thisYear = days[0]?.date.slice(0, 4) ?? "";
  const width = Math.max(...days.map(({ hours }) => hours.length));
  const until = adHoc?.until ? appointmentText(adHoc.until, timeZone) : "somebody resumes the hours";
  const forNow = adHoc && `  ${adHoc.closed ? "CLOSED" : "open"} until ${until}: ${adHoc.reason}`;
  return days
    .map((day, i) => {
      const isToday = i === 0;
      const mark = [
        day.rule === "weekly" ? "" : `  ${day.rule}: ${day.name}`,
        day.adHoc && forNow ? forNow : "",
      ].join("");
      const text = `${dateText(day.date, thisYear)}  ${hoursText(day.hours).padEnd(width)}${mark}`.trimEnd();
      const line = isToday ? `${text}  (today)` : text;
      const shown = isToday ? paint("bold", line) : mark === "" ? line : paint("yellow", line);
      return `${isToday ? ">" : " "} ${shown}`;
    })
    .join("\n");
}

function whereFrom(hours: HoursView): [string, string][] {
  const lines: [string, string][] = [];
  const add = (name: string, texts: readonly string[]) => {
    for (const [i, text] of texts.entries()) lines.push([i === 0 ? name : "", text]);
  };
  if (hours.sharedWith !== null) add("hours of", [hours.sharedWith]);
  add("weekly", hours.weekly);
  for (const { from, weekly } of hours.laterWeeks) add(`from ${from}`, weekly);
  add(
    "exceptions",
    hours.exceptions.map(
      ({ from, to, hours: open, reason, announcement }) =>
        `${from === to ? from : `${from}..${to}`} ${open}: ${reason}${announcement === null ? "" : ` (${announcement})`}`,
    ),
  );
  if (hours.holidays !== null) add("holidays", [`${hours.holidays.region} (${hours.holidays.name})`]);
  add("zone", [hours.timeZone]);
  return lines;
}

/** What will differ, line by line, in the zone of the hotline. */
export function describePreview(preview: HoursPreview): string {
  const {
    hotline,
    changes,
    confirms,
    before,
    after,
    days,
    settings,
    plannedLater,
    alsoOf,
    endless,
    waiting,
  } = preview;
  if (!changes) return `Nothing changes: it is so already at ${hotline}.`;
  const word = ({ open, reason }: HoursPreview["before"]) => `${open ? "open" : "closed"} (${reason})`;
  const lines = days
    .slice(0, shownDays)
    .map(
      (day) =>
        `  ${dateText(day.before.date, days[0]!.before.date.slice(0, 4))}: was ${describeDay(day.before)}, will be ${describeDay(day.after)}`,
    );
  if (days.length > shownDays) lines.push(`  and ${days.length - shownDays} days more`);
  for (const { setting, before: was, after: becomes } of settings)
    lines.push(`  ${setting}: was ${was}, will be ${becomes}`);
  for (const { from, weekly } of plannedLater) {
    const day = dateText(from, from.slice(0, 4)).replace("  ", " ");
    const then = `from ${day} other hours are planned and stay`;
    const how = `to change them too: hotline hours set … --from ${from}`;
    lines.push(`  ${paint("yellow", `${then} (${weekly.map(hoursText).join(", ")}); ${how}`)}`);
  }
  if (before.open !== after.open || before.reason !== after.reason)
    lines.push(`  now: ${word(before)}, will be ${word(after)}`);
  else lines.push(`  now: stays ${word(after)}`);
  if (confirms) lines.push("  it is so already");
  if (endless) lines.push(`  ${paint("yellow", endlessText(hotline, after.open))}`);
  if (alsoOf.length > 0) lines.push(`  the same at ${alsoOf.join(", ")}, whose hours these are`);
  lines.push(
    `  ${waiting === 0 ? "nobody is waiting" : paint("yellow", `${countText(waiting, "caller is", "callers are")} waiting`)}`,
  );
  return `${paint("bold", hotline)}\n${lines.join("\n")}`;
}

function endlessText(hotline: string, opens: boolean): string {
  const none = `no ${opens ? "closing" : "opening"} is planned in the next two months`;
  const alarm = opens ? "" : "; whenever it should be open, or each morning at 08:00, there is an alarm";
  return `${none}, so this lasts until: hotline hours resume --hotline ${hotline}${alarm}`;
}

const shownDays = 14;

export function describeHolidays({ hotline, region, days, knownUntil, regions }: HolidaysView): string {
  const name = regions.find((each) => each.region === region)?.name;
  const thisYear = days[0]?.date.slice(0, 4) ?? "";
  const head = region === null ? "no public holidays are kept" : `public holidays of ${name} (${region})`;
  const lines = days.map(
    ({ date, name: day, kept, own }) =>
      `  ${dateText(date, thisYear)}  ${day}${own ? " (our own)" : ""}${kept ? "" : `  ${paint("yellow", "worked on")}`}`,
  );
  const choice = regions.map((each) => `${each.region} ${each.name}`).join(", ");
  const tail = region === null ? `Choose a federal state: ${choice}` : `Known until ${knownUntil}.`;
  return [`${paint("bold", hotline)}: ${head}`, ...lines, tail].join("\n");
}
