import assert from "node:assert/strict";
import { test } from "node:test";
import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Desk } from "../../src/core/desks.ts";
import type { MonotonicMs, Now, WallMs } from "../../src/core/time.ts";
import { rebaseClock } from "../../src/store/rebase-clock.ts";
import type { Loaded } from "../../src/store/types.ts";
import {
  at,
  connectedCall,
  demo,
  demoDesk,
  erika,
  forwardedCall,
  forwardingCall,
  noonMs,
  waitingCall,
} from "./support.ts";

const endedCall: Call = {
  ...connectedCall,
  phase: {
    kind: "ended",
    deadlineMs: at(9000).monotonicMs,
    result: {
      outcome: "answered",
      endedBy: "caller",
      at: at(8000),
      reason: null,
      talk: { since: at(7000), with: { kind: "agent", agent: erika.id, hotline: demo.id } },
    },
  },
};
const closedUntil = (noonMs + 3_600_000) as WallMs;
const loaded: Loaded = {
  hotlines: [
    { ...demo, schedule: { ...demo.schedule, adHoc: { kind: "closed", reason: "x", untilMs: closedUntil } } },
  ],
  numbers: [],
  desks: [demoDesk],
  agents: [erika],
  calls: [waitingCall, connectedCall, endedCall, forwardingCall, forwardedCall],
  credentials: [],
  announcements: [],
  brokenHours: [],
  brokenCalls: [],
  lastChange: 7,
  clock: { bootId: "boot-1", ...at(10_000) },
};

/** A minute after the last write, on a machine that has been up for 20 s. */
const later: Now = { monotonicMs: 20_000 as MonotonicMs, wallMs: (noonMs + 70_000) as WallMs };
const shiftMs = 20_000 - 60_000 - (1_000_000 + 10_000);
const moved = (time: number) => (time + shiftMs) as MonotonicMs;
const movedNow = (now: Now): Now => ({ monotonicMs: moved(now.monotonicMs), wallMs: now.wallMs });

test("within one boot the times stay", () => {
  assert.equal(rebaseClock(loaded, "boot-1", at(99_000)), loaded);
});

test("a database that was never written has no times", () => {
  const empty = { ...loaded, clock: null };
  assert.equal(rebaseClock(empty, "boot-2", later), empty);
});

test("after another boot all moments of the old clock are shifted, and only they", () => {
  const work = erika.work as Extract<Agent["work"], { kind: "offered" }>;
  const result = rebaseClock(loaded, "boot-2", later);
  const begun = {
    arrivedAt: movedNow(at(0)),
    waitingSince: moved(at(-90_000).monotonicMs),
    hereSince: moved(at(0).monotonicMs),
    due: {
      ...waitingCall.due,
      giveUpMs: moved(at(3_600_000).monotonicMs),
      tierMs: moved(at(30_000).monotonicMs),
    },
  };
  const sentOn = {
    ...begun,
    hereSince: moved(at(50_000).monotonicMs),
    due: {
      ...begun.due,
      stepMs: moved(at(170_000).monotonicMs),
      announcementMs: moved(at(80_000).monotonicMs),
      ringNextMs: moved(at(60_000).monotonicMs),
    },
  };
  assert.deepEqual(result, {
    ...loaded,
    desks: [
      {
        ...demoDesk,
        unstaffedSince: moved(at(-40_000).monotonicMs),
        closing: {
          kind: "grace",
          since: moved(at(-30_000).monotonicMs),
          releaseAtMs: moved(at(1_770_000).monotonicMs),
        },
      },
    ],
    agents: [
      {
        ...erika,
        idleSince: moved(erika.idleSince),
        rest: { ...erika.rest, untilMs: moved(at(9000).monotonicMs) },
        work: {
          ...work,
          deadlineMs: moved(work.deadlineMs),
          progress: { kind: "requested", ringUntilMs: moved(at(20_000).monotonicMs) },
        },
      },
    ],
    calls: [
      { ...waitingCall, ...begun },
      {
        ...connectedCall,
        ...begun,
        phase: { ...connectedCall.phase, since: movedNow(at(7000)) },
      },
      {
        ...endedCall,
        ...begun,
        phase: {
          kind: "ended",
          deadlineMs: moved(at(9000).monotonicMs),
          result: {
            outcome: "answered",
            endedBy: "caller",
            at: movedNow(at(8000)),
            reason: null,
            talk: {
              since: movedNow(at(7000)),
              with: { kind: "agent", agent: erika.id, hotline: demo.id },
            },
          },
        },
      },
      {
        ...forwardingCall,
        ...sentOn,
        phase: { ...forwardingCall.phase, deadlineMs: moved(at(95_000).monotonicMs) },
      },
      { ...forwardedCall, ...sentOn, phase: { ...forwardedCall.phase, since: movedNow(at(64_000)) } },
    ],
    clock: { bootId: "boot-2", monotonicMs: 20_000 - 60_000, wallMs: noonMs + 10_000 },
  });
  const [agent] = result.agents;
  assert.equal(
    later.monotonicMs - (agent?.idleSince ?? 0),
    75_000,
    "15 s before the last write, and a minute since",
  );
});

test("wrap-up and its overdue leg are shifted too, where they are set", () => {
  const wrapUp = { kind: "wrap_up", untilMs: at(5).monotonicMs, leg: null, confirmByMs: null } as const;
  const { agents } = rebaseClock({ ...loaded, agents: [{ ...erika, work: wrapUp }] }, "boot-2", later);
  assert.deepEqual(agents[0]?.work, { ...wrapUp, untilMs: moved(at(5).monotonicMs) });
});

test("at a desk, the end of the opening hours stays on the wall; when to look again is shifted", () => {
  const closing = { kind: "open", untilMs: closedUntil, lookAtMs: at(5).monotonicMs } as const;
  const allPausedSince = at(-1000).monotonicMs;
  const desk: Desk = { ...demoDesk, unstaffedSince: null, allPausedSince, closing };
  assert.deepEqual(rebaseClock({ ...loaded, desks: [desk] }, "boot-2", later).desks, [
    {
      ...desk,
      allPausedSince: moved(allPausedSince),
      closing: { ...closing, lookAtMs: moved(closing.lookAtMs) },
    },
  ]);
});

test("who must hear the greeting hears it for as long as before", () => {
  const listening: Call = { ...waitingCall, phase: { kind: "listening", deadlineMs: at(9).monotonicMs } };
  const [call] = rebaseClock({ ...loaded, calls: [listening] }, "boot-2", later).calls;
  assert.deepEqual(call?.phase, { kind: "listening", deadlineMs: moved(at(9).monotonicMs) });
});

test("when the wall clock was set back nothing gets younger than at the last write", () => {
  const before: Now = { monotonicMs: 20_000 as MonotonicMs, wallMs: (noonMs - 3_600_000) as WallMs };
  const { agents, clock } = rebaseClock(loaded, "boot-2", before);
  assert.equal(before.monotonicMs - (agents[0]?.idleSince ?? 0), 15_000);
  assert.deepEqual(clock, { bootId: "boot-2", ...before });
});
