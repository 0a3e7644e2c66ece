import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { agentSettings } from "../../src/core/agents.ts";
import type { Event, PutBack } from "../../src/core/events.ts";
import { defaultSettings, type Hotline } from "../../src/core/hotlines.ts";
import type { LocalDate } from "../../src/core/hours/calendar.ts";
import type { HoursChange } from "../../src/core/hours/change.ts";
import { aroundTheClock, type Holidays, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId, LegId, PbxRun } from "../../src/core/ids.ts";
import { checkPutBack } from "../../src/core/put-back.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { type MonotonicMs, ms, type WallMs } from "../../src/core/time.ts";

const now = { monotonicMs: 1_000_000 as MonotonicMs, wallMs: Date.UTC(2026, 10, 23, 12) as WallMs };
const demo = "demo" as HotlineId;
const sued = "sued" as HotlineId;
const erika = "201" as AgentId;

const hotline = (id: HotlineId, settings: Partial<Hotline> = {}): Hotline => ({
  ...defaultSettings,
  id,
  name: id,
  schedule: plainSchedule("Europe/Berlin", aroundTheClock),
  ...settings,
});

function system() {
  const state = new State();
  const feed = (event: Event) => step(state, event, now);
  feed({ type: "hotline_added", hotline: hotline(demo) });
  feed({ type: "hotline_added", hotline: hotline(sued) });
  feed({ type: "number_set", number: "115", hotline: demo, requires: [] });
  const memberships = [{ hotline: sued, tier: 2, skills: ["en"] }];
  feed({ type: "agent_added", agent: erika, name: "Erika", memberships });
  return { state, feed };
}

const none: PutBack = { hotlines: [], numbers: [], agents: [] };

/** What a step has changed, turned round. */
function undoOf({ changes, replaced }: ReturnType<typeof step>): PutBack {
  const turned = <Id, Row>(before: ReadonlyMap<Id, Row | null>, after: ReadonlyMap<Id, Row | null>) =>
    [...before].map(([id, row]) => ({ id, expected: after.get(id) ?? null, row }));
  return {
    hotlines: turned(replaced.hotlines, changes.hotlines),
    numbers: turned(replaced.numbers, changes.numbers),
    agents: [...replaced.agents].map(([id, row]) => ({
      id,
      expected: agentSettings(changes.agents.get(id) ?? null),
      row: agentSettings(row),
    })),
  };
}

const settingsIn = (state: State) => ({
  hotlines: [...state.hotlines.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  numbers: [...state.numbers.values()],
  agents: [...state.agents.values()].map(agentSettings),
});

const changes: readonly (readonly [string, Event])[] = [
  ["settings", { type: "hotline_changed", hotline: demo, settings: { wrapUpMs: ms(5), name: "Neu" } }],
  [
    "a closing",
    {
      type: "hours_changed",
      hotline: demo,
      change: { kind: "close", reason: "x", until: { kind: "next_change" } },
      releaseWaiting: false,
    },
  ],
  ["a number that moved", { type: "number_set", number: "115", hotline: sued, requires: ["en"] }],
  ["a new number", { type: "number_set", number: "116", hotline: sued, requires: [] }],
  ["a number removed", { type: "number_removed", number: "115" }],
  ["a new hotline", { type: "hotline_added", hotline: hotline("nord" as HotlineId) }],
  ["a hotline removed, which its agents served", { type: "hotline_removed", hotline: sued }],
  ["a new agent", { type: "agent_added", agent: "202" as AgentId, name: "Max", memberships: [] }],
  ["an agent removed", { type: "agent_removed", agent: erika }],
  [
    "an assignment",
    { type: "agent_assigned", agent: erika, membership: { hotline: demo, tier: 1, skills: [] } },
  ],
  ["an assignment taken away", { type: "agent_unassigned", agent: erika, hotline: sued }],
];

for (const [name, event] of changes) {
  test(`put back: ${name}, and the other way round`, () => {
    const { state, feed } = system();
    const before = settingsIn(state);
    const change = feed(event);
    assert.equal(change.verdict.kind, "done");
    const after = settingsIn(state);
    assert.notDeepEqual(after, before);

    const undo = undoOf(change);
    assert.equal(checkPutBack(state, undo).kind, "done");
    const undone = feed({ type: "rows_put_back", ...undo });
    assert.equal(undone.verdict.kind, "done");
    assert.deepEqual(settingsIn(state), before);

    assert.equal(feed({ type: "rows_put_back", ...undoOf(undone) }).verdict.kind, "done");
    assert.deepEqual(settingsIn(state), after);
  });
}

function refusal(state: State, feed: (event: Event) => ReturnType<typeof step>, asked: PutBack) {
  const before = settingsIn(state);
  const checked = checkPutBack(state, asked);
  const { verdict } = feed({ type: "rows_put_back", ...asked });
  assert.deepEqual(verdict, checked, "what is asked beforehand is what will be");
  assert.deepEqual(settingsIn(state), before, "nothing was changed");
  return verdict.kind === "refused" ? `${verdict.code}: ${verdict.message}` : verdict.kind;
}

test("nothing is put back over a later change", () => {
  const { state, feed } = system();
  const undo = undoOf(feed({ type: "hotline_changed", hotline: demo, settings: { wrapUpMs: ms(5) } }));
  feed({ type: "hotline_changed", hotline: demo, settings: { wrapUpMs: ms(7) } });
  assert.match(refusal(state, feed, undo), /^changed_since: Hotline "demo" was changed since/);
  const added = undoOf(feed({ type: "hotline_added", hotline: hotline("nord" as HotlineId) }));
  feed({ type: "hotline_changed", hotline: "nord" as HotlineId, settings: { maxWaiting: 3 } });
  assert.match(refusal(state, feed, added), /^changed_since: /, "what it removes must be what it added");
});

suite("what others changed since in other parts of a hotline stays theirs", () => {
  const monday = "2026-12-07" as LocalDate;
  const hours = (change: HoursChange): Event => ({
    type: "hours_changed",
    hotline: demo,
    change,
    releaseWaiting: false,
  });
  const week = (from: LocalDate | null) =>
    hours({ kind: "week", days: [{ days: [4], intervals: [{ fromMinute: 480, toMinute: 720 }] }], from });
  const parts: readonly (readonly [part: string, event: Event])[] = [
    ["wrapUpMs", { type: "hotline_changed", hotline: demo, settings: { wrapUpMs: ms(5) } }],
    ["name", { type: "hotline_changed", hotline: demo, settings: { name: "Neu" } }],
    ["hoursOf", { type: "hours_shared", hotline: demo, with: sued }],
    ["adHoc", hours({ kind: "close", reason: "x", until: { kind: "duration", lengthMs: ms(1000) } })],
    ["weekly", week(null)],
    [
      "exceptions",
      hours({
        kind: "except",
        exception: { from: monday, to: monday, intervals: [], reason: "x", announcement: null },
      }),
    ],
    ["holidays", hours({ kind: "holidays", holidays: holidays("TH", "2026-12-25") })],
    ["timeZone", hours({ kind: "time_zone", timeZone: "Europe/Lisbon" })],
  ];
  for (const [part, event] of parts)
    for (const [other, later] of parts) {
      // With another hotline's hours there are none of its own to be changed.
      if (part === other || part === "hoursOf") continue;
      test(`${part} is put back, ${other} stays`, () => {
        const expected = system();
        expected.feed(later);
        const { state, feed } = system();
        const undo = undoOf(feed(event));
        feed(later);
        const undone = feed({ type: "rows_put_back", ...undo });
        assert.equal(undone.verdict.kind, "done");
        assert.deepEqual(settingsIn(state), settingsIn(expected.state));
        assert.equal(feed({ type: "rows_put_back", ...undoOf(undone) }).verdict.kind, "done", "and again");
      });
    }

  test("but the week and those planned for later are one", () => {
    const { state, feed } = system();
    const undo = undoOf(feed(week(null)));
    feed(week(monday));
    assert.equal(state.hotlines.get(demo)?.schedule.laterWeeks.length, 1);
    assert.match(refusal(state, feed, undo), /^changed_since: Hotline "demo" was changed since/);
  });

  test("and what comes of it is checked like any change", () => {
    const { state, feed } = system();
    feed({ type: "hours_shared", hotline: demo, with: sued });
    const undo = undoOf(feed({ type: "hours_shared", hotline: demo, with: null }));
    feed({ type: "hours_shared", hotline: sued, with: demo });
    feed({ type: "hotline_changed", hotline: demo, settings: { name: "Neu" } });
    assert.match(refusal(state, feed, undo), /^in_use: Hotline "sued" has the hours of "demo"/);
  });
});

test("what is put back must fit what there is now", () => {
  const { state, feed } = system();
  const steps = (to: HotlineId): Partial<Hotline> => ({
    overflow: [{ when: { kind: "no_agents" }, action: { kind: "move", hotline: to } }],
  });
  const unassigned = undoOf(feed({ type: "agent_unassigned", agent: erika, hotline: sued }));
  feed({ type: "hotline_changed", hotline: demo, settings: steps(sued) });
  const steered = undoOf(feed({ type: "hotline_changed", hotline: demo, settings: { overflow: [] } }));
  feed({ type: "hotline_changed", hotline: sued, settings: steps(demo) });
  assert.match(refusal(state, feed, steered), /^overflow_loop: /);
  feed({ type: "hotline_removed", hotline: sued });
  assert.match(
    refusal(state, feed, steered),
    /^unknown_hotline: An overflow step of "demo" leads to hotline "sued"/,
  );
  assert.match(
    refusal(state, feed, unassigned),
    /^unknown_hotline: Agent 201 would be at hotline "sued" again/,
  );

  const added = undoOf(feed({ type: "hotline_added", hotline: hotline("nord" as HotlineId) }));
  const number = undoOf(
    feed({ type: "number_set", number: "116", hotline: "nord" as HotlineId, requires: [] }),
  );
  assert.match(refusal(state, feed, added), /^in_use: Number 116 leads to hotline "nord"/);
  const both = { ...none, hotlines: added.hotlines, numbers: number.numbers };
  assert.equal(checkPutBack(state, both).kind, "done", "both together");
});

test("an agent whose removal waits for the end of a call stays, and is logged out then", () => {
  const { state, feed } = system();
  feed({
    type: "pbx_snapshot",
    run: "first" as PbxRun,
    callers: [],
    legs: [],
    talks: [],
    phones: [{ agent: erika, phone: "reachable" }],
  });
  feed({ type: "login_asked", agent: erika });
  feed({ type: "number_set", number: "116", hotline: sued, requires: [] });
  feed({ type: "hotline_changed", hotline: sued, settings: { nextTierAfterMs: ms(0) } });
  feed({ type: "call_arrived", call: "c1" as CallId, number: "116", from: null });
  assert.equal(state.agents.get(erika)?.work.kind, "offered");
  const undo = undoOf(feed({ type: "agent_removed", agent: erika }));
  assert.deepEqual(undo.agents[0]?.expected, null, "it counts as gone already");
  assert.equal(feed({ type: "rows_put_back", ...undo }).verdict.kind, "done");
  feed({ type: "caller_left", call: "c1" as CallId });
  feed({ type: "leg_ended", leg: "c1~1~201" as LegId, cause: 16, sipCode: null });
  assert.deepEqual(state.agents.get(erika)?.duty, { kind: "logged_out" });
});

function holidays(region: string, ...dates: string[]): Holidays {
  const days = dates.map((date) => ({ date: date as LocalDate, name: "Reformationstag" }));
  return { region, days, workedOn: [], own: [] };
}

const holidaysSet = (set: Holidays): Event => ({
  type: "hours_changed",
  hotline: demo,
  change: { kind: "holidays", holidays: set },
  releaseWaiting: false,
});

suite("public holidays that are looked up anew", () => {
  const lookedUp = (region: string, ...dates: string[]): Event => ({
    type: "hours_changed",
    hotline: demo,
    change: { kind: "holiday_days", region, days: holidays(region, ...dates).days },
    releaseWaiting: false,
  });
  const daysIn = (state: State) => state.hotlines.get(demo)?.schedule.holidays.days.map(({ date }) => date);

  test("are no later change, and stay known when an older one is undone", () => {
    const { state, feed } = system();
    feed(holidaysSet(holidays("TH", "2026-10-31")));
    const undo = undoOf(feed({ type: "hotline_changed", hotline: demo, settings: { wrapUpMs: ms(5) } }));
    feed(lookedUp("TH", "2026-10-31", "2027-10-31"));
    assert.equal(feed({ type: "rows_put_back", ...undo }).verdict.kind, "done");
    assert.notEqual(state.hotlines.get(demo)?.wrapUpMs, 5);
    assert.deepEqual(daysIn(state), ["2026-10-31", "2027-10-31"]);
  });

  test("are no change by somebody else while a document is applied", () => {
    const { state, feed } = system();
    feed(holidaysSet(holidays("TH", "2026-10-31")));
    const present = state.hotlines.get(demo)!;
    const others = (row: Hotline) => ({ id: row.id, expected: row, row });
    const document: PutBack = {
      hotlines: [
        { id: demo, expected: present, row: { ...present, priority: 7 } },
        others(state.hotlines.get(sued)!),
      ],
      numbers: [...state.numbers.values()].map((row) => ({ id: row.number, expected: row, row })),
      agents: [agentSettings(state.agents.get(erika))!].map((row) => ({ id: row.id, expected: row, row })),
    };
    feed(lookedUp("TH", "2026-10-31", "2027-10-31"));
    assert.equal(feed({ type: "document_applied", ...document }).verdict.kind, "done");
    assert.equal(state.hotlines.get(demo)?.priority, 7);
    assert.deepEqual(daysIn(state), ["2026-10-31", "2027-10-31"]);
  });

  test("of a region that is kept no more are not taken", () => {
    const { state, feed } = system();
    const undo = undoOf(feed(holidaysSet(holidays("TH", "2026-10-31"))));
    feed(lookedUp("SN", "2026-11-18"));
    assert.deepEqual(daysIn(state), ["2026-10-31"], "another region's");
    feed({ type: "rows_put_back", ...undo });
    assert.equal(feed(lookedUp("TH", "2027-10-31")).verdict.kind, "ignored");
    assert.deepEqual(daysIn(state), [], "none are kept");
  });

  test("are kept current also where another hotline's hours count at present", () => {
    const { state, feed } = system();
    feed(holidaysSet(holidays("TH", "2026-10-31")));
    feed({ type: "hours_shared", hotline: demo, with: sued });
    assert.equal(feed(lookedUp("TH", "2027-10-31")).verdict.kind, "done");
    assert.deepEqual(daysIn(state), ["2027-10-31"]);
  });
});

test("hours that cannot be used are not put back", () => {
  const { state, feed } = system();
  const present = state.hotlines.get(demo)!;
  const broken = { ...present, schedule: { ...present.schedule, timeZone: "Mars/Base" } };
  const undo = { ...none, hotlines: [{ id: demo, expected: present, row: broken }] };
  assert.match(
    refusal(state, feed, undo),
    /^bad_hours: The opening hours of "demo" would be broken: time zone: "Mars/,
  );
});

test("a number is not put back where an overflow step forwards to it meanwhile, nor such a step", () => {
  const { state, feed } = system();
  const forward: Event = {
    type: "hotline_changed",
    hotline: demo,
    settings: {
      overflow: [{ when: { kind: "no_agents" }, action: { kind: "forward", number: "+4936112345" } }],
    },
  };
  const number: Event = { type: "number_set", number: "036112345", hotline: sued, requires: [] };
  const loop = /^overflow_loop: An overflow step of "demo" would forward callers to \+4936112345/;
  feed(number);
  const removed = undoOf(feed({ type: "number_removed", number: "036112345" }));
  const steps = undoOf(feed(forward));
  assert.match(refusal(state, feed, removed), loop);
  const again = undoOf(feed({ type: "rows_put_back", ...steps }));
  feed(number);
  assert.match(refusal(state, feed, again), loop);
});
