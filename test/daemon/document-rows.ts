import fc from "fast-check";
import { checkText } from "../../src/announcements/placeholders.ts";
import { federalStateCodes } from "../../src/api/document-schema.ts";
import type { AgentSettings } from "../../src/core/agents.ts";
import type { AnnouncementRow } from "../../src/core/announcement-row.ts";
import {
  type Hotline,
  type OverflowStep,
  periodicAnnouncements,
  recordedAnnouncements,
  strategies,
} from "../../src/core/hotlines.ts";
import { addDays, type LocalDate } from "../../src/core/hours/calendar.ts";
import {
  aroundTheClock,
  type Interval,
  neverOpen,
  type Schedule,
  type Weekly,
} from "../../src/core/hours/schedule.ts";
import type { AgentId, HotlineId } from "../../src/core/ids.ts";
import { type DurationMs, ms, type WallMs } from "../../src/core/time.ts";
import { type Rows, rowsOf } from "../../src/daemon/document/rows.ts";
import { holidaysOf } from "./document-support.ts";

/** Random operations data, all that administrators can set. */

/** What YAML could take for something else, or break on. */
const hostile = fc.constantFrom(
  ...[
    "null",
    "~",
    "yes",
    "true",
    "115",
    "0361",
    "+49",
    "1e3",
    ".inf",
    "0x1F",
    "2026-12-24",
    "12:30",
    "=",
    "<<",
  ],
  ...[
    "- a",
    "# no comment",
    "a # b",
    "a: b",
    "key:",
    "'quoted'",
    '"double"',
    "a 'b\" c",
    "&anchor",
    "*alias",
    "!tag",
  ],
  ...[
    "%dir",
    "@at",
    "`tick`",
    "{a: b}",
    "[a, b]",
    "| block",
    "> folded",
    "---",
    "...",
    "? key",
    "\\n",
    "💬 ja",
    "ẞ",
    "a  b",
  ],
);
const noControl = /^[^\p{Cc}\u2028\u2029\ufffd]+$/u;
const nameOf = (longest: number) =>
  fc
    .oneof(
      hostile,
      fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
      fc.string({ minLength: 1, maxLength: longest }),
    )
    .map((name) => name.trim())
    .filter((name) => noControl.test(name) && name.isWellFormed() && name.length <= longest);
/** With line breaks and tabs too. */
const reason = fc.oneof(
  hostile,
  fc.constant(""),
  fc.constantFrom("two\nlines", "a\ttab", "trailing \n", " leading", "\n", "a\n\n  b", "\u0085\u2028\ufeff"),
  fc.string({ maxLength: 200 }),
);

const duration = (min: number, max: number): fc.Arbitrary<DurationMs> =>
  fc
    .oneof(
      fc.integer({ min, max }),
      fc.integer({ min: Math.ceil(min / 1000), max: Math.floor(max / 1000) }).map((s) => s * 1000),
      fc.constantFrom(min, max),
    )
    .map(ms);

/** No earlier than 2:00, as the night before may last until then. */
const day: fc.Arbitrary<Interval[]> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 120, max: 1440 }), { maxLength: 6 }),
    fc.integer({ min: 1440, max: 1560 }),
  )
  .map(([edges, last]) => {
    const sorted = edges.sort((a, b) => a - b);
    const spans: Interval[] = [];
    for (let i = 0; i + 1 < sorted.length; i += 2)
      spans.push({ fromMinute: sorted[i]!, toMinute: sorted[i + 1]! });
    const from = sorted.at(-1);
    if (sorted.length % 2 === 1 && from !== undefined && from < 1440)
      // Not as long as a day: then it would end at the time at which it begins.
      spans.push({ fromMinute: from, toMinute: Math.min(last, Math.max(1440, from + 1439)) });
    return spans;
  });
const weekly: fc.Arbitrary<Weekly> = fc.oneof(
  { weight: 4, arbitrary: fc.array(day, { minLength: 7, maxLength: 7 }) },
  fc.constantFrom(aroundTheClock, neverOpen),
);

const someDay = fc.integer({ min: 0, max: 1200 }).map((n) => addDays("2026-01-01" as LocalDate, n));
const recorded = fc.constantFrom(...recordedAnnouncements);

const exceptions: fc.Arbitrary<Schedule["exceptions"]> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 100 }),
      days: fc.integer({ min: 0, max: 20 }),
      intervals: day,
      reason,
      announcement: fc.option(recorded),
    }),
    { maxLength: 4 },
  )
  .map((list) => {
    let at = "2026-06-01" as LocalDate;
    return list.map(({ gap, days, ...rest }) => {
      const from = addDays(at, gap);
      at = addDays(from, days);
      return { from, to: at, ...rest };
    });
  });

const holidays: fc.Arbitrary<Schedule["holidays"]> = fc
  .record({
    region: fc.option(fc.constantFrom(...federalStateCodes)),
    worked: fc.array(fc.nat(), { maxLength: 3 }),
    own: fc.array(
      fc.record({
        month: fc.integer({ min: 1, max: 12 }),
        day: fc.integer({ min: 1, max: 29 }),
        name: nameOf(64),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ region, worked, own }) => {
    const days = region === null ? [] : holidaysOf(region);
    const workedOn = region === null ? [] : [...new Set(worked.map((n) => days[n % days.length]!.name))];
    return { region, days, workedOn, own };
  });

const schedule: fc.Arbitrary<Schedule> = fc.record({
  timeZone: fc.constantFrom("Europe/Berlin", "UTC", "America/New_York"),
  weekly,
  laterWeeks: fc
    .uniqueArray(fc.record({ from: someDay, weekly }), { maxLength: 2, selector: ({ from }) => from })
    .map((list) => list.sort((a, b) => (a.from < b.from ? -1 : 1))),
  exceptions,
  holidays,
  adHoc: fc.oneof(
    fc.constant({ kind: "none" } as const),
    fc.record({
      kind: fc.constantFrom("closed" as const, "open" as const),
      reason,
      untilMs: fc.option(
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }).map((at) => at as WallMs),
      ),
    }),
  ),
});

const hotlineIds = ["a", "115", "Nord-1", "true", "z_9"].map((id) => id as HotlineId);

/** Only on to hotlines that come later, so never in a circle. */
const overflow = (later: readonly HotlineId[]): fc.Arbitrary<OverflowStep[]> => {
  const waited = duration(1_000, 86_400_000).map((afterMs) => ({ kind: "waited" as const, afterMs }));
  const leaves: fc.Arbitrary<OverflowStep["action"]>[] = [
    recorded.map((announcement) => ({ kind: "hang_up", announcement })),
    fc.constantFrom("+4936112345", "0361", "112").map((number) => ({ kind: "forward", number })),
    ...later.map((hotline) => fc.constant({ kind: "move" as const, hotline })),
  ];
  const announces: fc.Arbitrary<OverflowStep["action"]> = recorded.map((announcement) => ({
    kind: "announce",
    announcement,
  }));
  const step = fc.oneof(
    fc.record({
      when: waited,
      action: fc.oneof(...leaves, announces, fc.constant({ kind: "next_tier" as const })),
    }),
    fc.record({
      when: fc.constantFrom({ kind: "no_agents" as const }, { kind: "all_paused" as const }),
      action: fc.oneof(...leaves, announces),
    }),
    fc.record({
      when: fc.constantFrom({ kind: "full" as const }, { kind: "closed" as const }),
      action: fc.oneof(...leaves),
    }),
  );
  return fc.uniqueArray(step, { maxLength: 5, selector: (each) => JSON.stringify(each) });
};

const hotline = (
  id: HotlineId,
  later: readonly HotlineId[],
  shared: readonly HotlineId[],
): fc.Arbitrary<Hotline> =>
  fc.record({
    id: fc.constant(id),
    name: nameOf(40),
    strategy: fc.constantFrom(...strategies),
    priority: fc.integer({ min: -100, max: 100 }),
    ringTimeoutMs: duration(3_000, 120_000),
    ringNextAfterMs: duration(1_000, 600_000),
    nextTierAfterMs: duration(1_000, 3_600_000),
    wrapUpMs: duration(0, 3_600_000),
    autoPauseAfter: fc.integer({ min: 0, max: 100 }),
    maxWaiting: fc.integer({ min: 0, max: 10_000 }),
    maxWaitMs: duration(1_000, 86_400_000),
    shortAbandonMs: duration(0, 300_000),
    resumeWithinMs: duration(0, 86_400_000),
    closingGraceMs: fc.option(duration(0, 86_400_000)),
    greetingMustFinish: fc.boolean(),
    periodic: fc.array(
      fc.record({
        announcement: fc.constantFrom(...periodicAnnouncements),
        afterMs: duration(1_000, 3_600_000),
      }),
      { maxLength: 4 },
    ),
    overflow: overflow(later),
    hoursOf: fc.constantFrom(null, ...shared),
    schedule,
  });

const hotlines: fc.Arbitrary<Hotline[]> = fc
  .subarray(hotlineIds)
  .chain((ids) =>
    fc.tuple(...ids.map((id, i) => hotline(id, ids.slice(i + 1), i === 0 ? [] : ids.slice(0, 1)))),
  );

const skills = fc.subarray(["de", "en", "tax", "no", "1"]).map((list) => list.sort());

const someText = fc
  .oneof(
    hostile,
    fc.string({ maxLength: 60 }),
    fc.constant("Guten Tag. {{hotline}} öffnet {{next_opening}}."),
  )
  .map((text) => {
    try {
      return checkText("closed", text);
    } catch {
      return "Wir haben geschlossen: leider.";
    }
  });

export const sounds: ReadonlyMap<string, number> = new Map(
  ["a", "b", "c"].map((letter, i) => [`file-1-${letter.repeat(32)}`, 1_234 * (i + 1)]),
);

const announcements = (ids: readonly HotlineId[]): fc.Arbitrary<AnnouncementRow[]> =>
  ids.length === 0
    ? fc.constant([])
    : fc.uniqueArray(
        fc.record({ hotline: fc.constantFrom(...ids), name: recorded }).chain((key) =>
          fc.oneof(
            someText.map(
              (text): AnnouncementRow => ({ ...key, source: "text", text, sound: "", lengthMs: 0 }),
            ),
            fc.tuple(nameOf(255), fc.constantFrom(...sounds)).map(
              ([text, [sound, lengthMs]]): AnnouncementRow => ({
                ...key,
                source: "file",
                text,
                sound,
                lengthMs,
              }),
            ),
          ),
        ),
        { maxLength: 6, selector: ({ hotline: at, name }) => `${at}/${name}` },
      );

const agents = (ids: readonly HotlineId[]): fc.Arbitrary<AgentSettings[]> =>
  fc.subarray(["201", "0202", "99", "null", "anna", "1e3"]).chain((chosen) =>
    fc.tuple(
      ...chosen.map((id) =>
        fc.record({
          id: fc.constant(id as AgentId),
          name: nameOf(64),
          memberships: fc
            .subarray([...ids].sort())
            .chain((served) =>
              fc.tuple(
                ...served.map((at) =>
                  fc.record({ hotline: fc.constant(at), tier: fc.integer({ min: 1, max: 9 }), skills }),
                ),
              ),
            ),
        }),
      ),
    ),
  );

/** All operations data of a home. */
export const someRows: fc.Arbitrary<Rows> = hotlines.chain((list) => {
  const ids = list.map(({ id }) => id);
  const numbers =
    ids.length === 0
      ? fc.constant([])
      : fc.subarray(["115", "0115", "+4936154321", "116117"]).chain((chosen) =>
          fc.tuple(
            ...chosen.map((number) =>
              fc.record({
                number: fc.constant(number),
                hotline: fc.constantFrom(...ids),
                requires: skills,
              }),
            ),
          ),
        );
  return fc
    .record({ hotlines: fc.constant(list), numbers, agents: agents(ids), announcements: announcements(ids) })
    .map(rowsOf);
});
