import type { HoursPreview } from "../api/hours.ts";
import { nextOpening } from "../core/hours/next.ts";
import { describeWeekly } from "../core/hours/parse.ts";
import { opening, type Schedule } from "../core/hours/schedule.ts";
import type { HoursPreview as CorePreview } from "../core/hours-change.ts";
import { same } from "../core/same.ts";
import type { WallMs } from "../core/time.ts";
import { optionName, scheduleText } from "./audit-text.ts";
import { dayView, isoOrNull, reasonOf } from "./hours-views.ts";

/** What a change of opening hours would do, as the admin API shows it. */
export function previewView(before: Schedule, preview: CorePreview, at: WallMs): Omit<HoursPreview, "basis"> {
  const now = (schedule: Schedule) => ({
    open: opening(schedule, at).open,
    reason: reasonOf(schedule, at),
    nextOpening: isoOrNull(nextOpening(schedule, at)),
  });
  return {
    hotline: preview.hotline,
    changes: true,
    confirms: same(before, preview.schedule),
    before: now(before),
    after: now(preview.schedule),
    days: preview.days.map((day) => ({ before: dayView(day.before), after: dayView(day.after) })),
    settings: hiddenDifferences(before, preview.schedule, preview.days.length > 0),
    plannedLater: preview.plannedLater.map(({ week, days }) => ({
      from: week.from,
      weekly: describeWeekly(week.weekly, days),
    })),
    alsoOf: [...preview.alsoOf],
    endless: preview.isEndless,
    waiting: preview.waiting,
  };
}

/**
 * What the days do not show: the zone, announcements of exceptions, and where no day of the near future will be other, all the
 * rest. What is closed or opened for now is told with the present moment.
 */
function hiddenDifferences(before: Schedule, after: Schedule, showsDays: boolean): HoursPreview["settings"] {
  const [was, becomes] = [onlyOther(before, after), onlyOther(after, before)];
  const isSpoken = [...was.exceptions, ...becomes.exceptions].some(
    ({ announcement }) => announcement !== null,
  );
  const isHidden = (part: keyof Schedule) =>
    part === "timeZone" || (part === "exceptions" && isSpoken) || (part !== "adHoc" && !showsDays);
  return (Object.keys(after) as (keyof Schedule)[])
    .filter(isHidden)
    .map((part) => ({
      setting: optionName(part),
      before: scheduleText(part, was),
      after: scheduleText(part, becomes),
    }))
    .filter((difference) => difference.before !== difference.after);
}

/** Without the exceptions that the other has too. */
const onlyOther = (schedule: Schedule, other: Schedule): Schedule => ({
  ...schedule,
  exceptions: schedule.exceptions.filter((each) => !other.exceptions.some((known) => same(known, each))),
});
