import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { brokenInvariants } from "../../src/core/invariants.ts";
import type { MonotonicMs } from "../../src/core/time.ts";
import { restoreState } from "../../src/daemon/restore.ts";
import { makeFirstTables } from "./first-tables.ts";
import { agentId, callId, temporaryFolder, temporaryStore } from "./support.ts";

const upgraded = (t: Parameters<typeof temporaryFolder>[0]) => {
  const path = join(temporaryFolder(t), "hotline.db");
  makeFirstTables(path);
  return temporaryStore(t, path);
};

test("a database of the first version opens with its hotline, which behaves as before", async (t) => {
  const { store } = await upgraded(t);
  assert.equal(store.created, false);
  const { hotlines, numbers, desks, credentials, announcements, clock } = await store.load();
  assert.deepEqual(hotlines, [
    {
      id: "demo",
      name: "Bürgerhotline",
      strategy: "ring-all",
      priority: 0,
      ringTimeoutMs: 20_000,
      ringNextAfterMs: 10_000,
      nextTierAfterMs: 30_000,
      wrapUpMs: 10_000,
      autoPauseAfter: 2,
      maxWaiting: 500,
      maxWaitMs: 3_600_000,
      shortAbandonMs: 5000,
      resumeWithinMs: 0,
      closingGraceMs: 1_800_000,
      greetingMustFinish: false,
      periodic: [],
      overflow: [],
      schedule: {
        timeZone: "Europe/Berlin",
        weekly: Array.from({ length: 7 }, () => [{ fromMinute: 0, toMinute: 1440 }]),
        laterWeeks: [],
        exceptions: [],
        holidays: { region: null, days: [], workedOn: [], own: [] },
        adHoc: { kind: "none" },
      },
      hoursOf: null,
    },
  ]);
  assert.deepEqual(numbers, [{ number: "115", hotline: "demo", requires: [] }]);
  assert.deepEqual(desks, []);
  assert.deepEqual(credentials, [{ agent: "201", username: "201", password: "s3cret" }]);
  assert.equal(announcements.length, 1);
  assert.deepEqual(clock, { bootId: "boot-1", monotonicMs: 5_032_500, wallMs: 1_795_424_432_500 });
});

test("agents of the first version stay on duty, on the phone and on their break", async (t) => {
  const { store } = await upgraded(t);
  const { agents } = await store.load();
  const common = {
    memberships: [{ hotline: "demo", tier: 1, skills: [] }],
    phone: "reachable",
    rest: { kind: "none" },
    misses: 0,
    today: { dayStartMs: 0, calls: 0, talkMs: 0 },
  };
  assert.deepEqual(agents, [
    {
      ...common,
      id: "201",
      name: "Erika Muster",
      duty: { kind: "on" },
      work: { kind: "talking", call: "c-talk", hotline: "demo", leg: "c-talk~1~201", since: 5_001_800 },
      idleSince: 5_000_500,
    },
    {
      ...common,
      id: "202",
      name: "Max Beispiel",
      duty: { kind: "paused", reason: "lunch" },
      work: { kind: "wrap_up", untilMs: 5_042_200, leg: null, confirmByMs: null },
      idleSince: 5_000_800,
      misses: 1,
    },
    {
      ...common,
      id: "203",
      name: "Ayşe Probe",
      duty: { kind: "on" },
      work: {
        kind: "offered",
        call: "c-ring",
        hotline: "demo",
        leg: "c-ring~1~203",
        progress: { kind: "requested", ringUntilMs: 5_052_400 },
        deadlineMs: 5_036_400,
      },
      rest: { kind: "rested", why: "busy", lengthMs: 20_000 },
      idleSince: 5_001_100,
    },
  ]);
});

test("calls of the first version go on", async (t) => {
  const { store } = await upgraded(t);
  const { calls } = await store.load();
  const common = {
    origin: "demo",
    hotline: "demo",
    number: "115",
    requires: [],
    tiersJoined: 0,
    stepsDone: [],
    nextPeriodic: 0,
    attempts: 0,
    playbacks: 1,
    tried: [],
  };
  const since = (monotonicMs: number, giveUpMs: number) => ({
    arrivedAt: { monotonicMs, wallMs: monotonicMs + 1_795_419_400_000 },
    waitingSince: monotonicMs,
    hereSince: monotonicMs,
    due: { giveUpMs, tierMs: null, stepMs: null, announcementMs: null, ringNextMs: null },
  });
  assert.deepEqual(calls, [
    {
      ...common,
      ...since(4_971_000, 8_571_000),
      id: "c-alone",
      from: null,
      phase: {
        kind: "ended",
        result: {
          outcome: "no_agents",
          endedBy: "hotline",
          at: { monotonicMs: 5_032_000, wallMs: 1_795_424_432_000 },
          reason: "unstaffed",
          talk: null,
        },
        deadlineMs: 5_152_000,
      },
      hears: { kind: "announcement", name: "no_agents", playback: "c-alone~2~play" },
      playbacks: 2,
    },
    {
      ...common,
      ...since(1_432_000, 5_032_000),
      id: "c-late",
      from: null,
      phase: {
        kind: "ended",
        result: {
          outcome: "timed_out",
          endedBy: "hotline",
          at: { monotonicMs: 5_032_000, wallMs: 1_795_424_432_000 },
          reason: "max_wait",
          talk: null,
        },
        deadlineMs: 5_152_000,
      },
      hears: { kind: "announcement", name: "timed_out", playback: "c-late~2~play" },
      playbacks: 2,
    },
    {
      ...common,
      ...since(5_001_900, 8_601_900),
      id: "c-over",
      from: "+493612",
      phase: {
        kind: "ended",
        result: {
          outcome: "answered",
          endedBy: "agent",
          at: { monotonicMs: 5_032_200, wallMs: 1_795_424_432_200 },
          reason: null,
          talk: {
            since: { monotonicMs: 5_002_200, wallMs: 1_795_424_402_200 },
            with: { kind: "agent", agent: "202", hotline: "demo" },
          },
        },
        deadlineMs: 5_037_200,
      },
      hears: { kind: "nothing" },
      attempts: 2,
      tried: ["202"],
    },
    {
      ...common,
      ...since(5_032_400, 8_632_400),
      id: "c-ring",
      from: null,
      phase: { kind: "offering", agents: ["203"], claim: { kind: "none" } },
      hears: { kind: "announcement", name: "greeting", playback: "c-ring~1~play" },
      attempts: 1,
      tried: ["203"],
    },
    {
      ...common,
      ...since(5_001_500, 8_601_500),
      id: "c-talk",
      from: "+493611",
      phase: {
        kind: "connected",
        agent: "201",
        bridge: "c-talk~2~bridge",
        since: { monotonicMs: 5_001_800, wallMs: 1_795_424_401_800 },
      },
      hears: { kind: "agent" },
      attempts: 2,
      tried: ["201"],
    },
    {
      ...common,
      ...since(5_001_400, 5_006_400),
      id: "c-unknown",
      origin: null,
      hotline: null,
      number: "999",
      from: null,
      phase: {
        kind: "ended",
        result: {
          outcome: "unknown_number",
          endedBy: "hotline",
          at: { monotonicMs: 5_001_400, wallMs: 1_795_424_401_400 },
          reason: null,
          talk: null,
        },
        deadlineMs: 5_006_400,
      },
      hears: { kind: "nothing" },
      playbacks: 0,
    },
    {
      ...common,
      ...since(5_032_500, 8_632_500),
      id: "c-wait",
      from: "+493613",
      phase: { kind: "waiting" },
      hears: { kind: "music" },
    },
  ]);
});

test("the core takes over what the first version has left: who waits, rings and talks", async (t) => {
  const { store } = await upgraded(t);
  const state = restoreState(await store.load());
  assert.deepEqual(brokenInvariants(state), []);
  const queue = state.queue(state.calls.get(callId("c-wait"))!.origin!);
  assert.deepEqual([queue.length, queue.oldest()], [2, 5_032_400 as MonotonicMs]);
  assert.equal(
    state.agentByLeg("c-talk~1~201" as Parameters<typeof state.agentByLeg>[0])?.id,
    agentId("201"),
  );
});

test("the record of the first version says where calls were answered and why they ended", async (t) => {
  const { store } = await upgraded(t);
  const calls = await store.calls({ limit: 50 });
  assert.deepEqual(
    calls.map((call) => [call.id, call.hotline, call.servedBy, call.reason, call.forwardedTo]),
    [
      ["c-wait", "demo", null, null, null],
      ["c-ring", "demo", null, null, null],
      ["c-over", "demo", "demo", null, null],
      ["c-talk", "demo", "demo", null, null],
      ["c-unknown", null, null, null, null],
      ["c-alone", "demo", null, "unstaffed", null],
      ["c-late", "demo", null, "max_wait", null],
      ["c-empty", "demo", null, null, null],
    ],
  );
  assert.equal((await store.call("c-wait"))?.events.length, 2);
});
