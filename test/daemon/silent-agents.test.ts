import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import type { Event } from "../../src/core/events.ts";
import { defaultSettings } from "../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId, PbxRun } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { type MonotonicMs, seconds, type WallMs } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { SilentAgents } from "../../src/daemon/silent-agents.ts";

const demo = "demo" as HotlineId;
const anna = "201" as AgentId;
const bert = "202" as AgentId;
const call = "c1" as CallId;

/** A hotline with one agent, whose phone rings for a caller and whom one miss would pause. */
function silentHotline() {
  const state = new State();
  const alarms = new Alarms(pino({ level: "silent" }));
  const watch = new SilentAgents(alarms);
  let nowMs = 1000;
  const feed = (event: Event) => {
    const now = { monotonicMs: nowMs as MonotonicMs, wallMs: (1_800_000_000_000 + nowMs) as WallMs };
    const { changes, story } = step(state, event, now);
    watch.told(changes, story);
  };
  const leg = () => {
    const { work } = state.agents.get(anna)!;
    return "leg" in work && work.leg ? work.leg : assert.fail(`agent 201 is ${work.kind}`);
  };
  const schedule = plainSchedule("Europe/Berlin", aroundTheClock);
  const settings = { ...defaultSettings, autoPauseAfter: 1, wrapUpMs: seconds(0) };
  feed({ type: "hotline_added", hotline: { ...settings, id: demo, name: "Demo", schedule } });
  feed({ type: "number_set", number: "115", hotline: demo, requires: [] });
  const join = (agent: AgentId, name: string) => {
    feed({ type: "agent_added", agent, name, memberships: [{ hotline: demo, tier: 1, skills: [] }] });
    feed({ type: "phone_changed", agent, phone: "reachable" });
    feed({ type: "login_asked", agent });
  };
  feed({ type: "pbx_snapshot", run: "first" as PbxRun, callers: [], legs: [], talks: [], phones: [] });
  join(anna, "Anna");
  feed({ type: "call_arrived", call, number: "115", from: null });
  return {
    ...{ feed, leg, join, state },
    alarms: () => alarms.list().map(({ code, message }) => `${code}: ${message}`),
    ringInVain: () => {
      const rung = leg();
      feed({ type: "leg_ringing", leg: rung });
      nowMs += 20_000;
      feed({ type: "deadline_passed", of: { kind: "agent", id: anna } });
      feed({ type: "leg_ended", leg: rung, cause: 16, sipCode: null });
    },
  };
}

test("calls that ring in vain at the last agent who is ready are an alarm that says who", () => {
  const { alarms, ringInVain } = silentHotline();
  assert.deepEqual(alarms(), []);
  ringInVain();
  const [alarm, ...more] = alarms();
  assert.match(
    alarm ?? "",
    /^agent_silent: Calls ring in vain at agent 201 \(Anna\).*hotline agent pause 201$/,
  );
  ringInVain();
  assert.deepEqual(alarms(), [alarm], "the same again is no other alarm");
  assert.deepEqual(more, []);
});

test("the alarm is over when the agent talks", () => {
  const { feed, leg, alarms, ringInVain, state } = silentHotline();
  ringInVain();
  feed({ type: "leg_answered", leg: leg() });
  assert.equal(alarms().length, 1, "picked up, but with nobody yet");
  const phase = state.calls.get(call)?.phase;
  assert(phase?.kind === "offering" && phase.claim.kind === "connecting");
  feed({ type: "connected", call, bridge: phase.claim.bridge });
  assert.deepEqual(alarms(), []);
});

const agent = anna;
const ends: Record<string, Event> = {
  pauses: { type: "pause_asked", agent, reason: null },
  "logs out": { type: "logout_asked", agent },
  "is removed": { type: "agent_removed", agent },
};
for (const [what, event] of Object.entries(ends))
  test(`the alarm is over when the agent ${what}`, () => {
    const { feed, alarms, ringInVain } = silentHotline();
    ringInVain();
    feed({ type: "caller_left", call });
    assert.equal(alarms().length, 1);
    feed(event);
    assert.deepEqual(alarms(), []);
  });

test("with a colleague who is ready the next miss pauses, and the alarm is over", () => {
  const { join, alarms, ringInVain, state } = silentHotline();
  ringInVain();
  join(bert, "Bert");
  assert.equal(alarms().length, 1);
  ringInVain();
  assert.deepEqual(state.agents.get(anna)?.duty, { kind: "paused", reason: "no answer" });
  assert.deepEqual(alarms(), []);
});
