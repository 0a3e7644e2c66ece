import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../src/core/events.ts";
import { defaultSettings, type OverflowStep } from "../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId, PbxRun } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import type { MonotonicMs, WallMs } from "../../src/core/time.ts";

/* Steps that are refused when they are set may be stored from before that. */

const demo = "demo" as HotlineId;
const agent = "201" as AgentId;

/** What is ordered for a caller who arrives while the only agent is paused or logged out. */
function ordersFor(agentIs: "paused" | "logged_out", overflow: readonly OverflowStep[]): string[] {
  const state = new State();
  const schedule = plainSchedule("Europe/Berlin", aroundTheClock);
  state.hotlines.put(demo, {
    ...{ id: demo, name: "Bürgerhotline", ...defaultSettings, schedule },
    greetingMustFinish: true,
    overflow,
  });
  const feed = (event: Event) =>
    step(state, event, { monotonicMs: 1000 as MonotonicMs, wallMs: 1_800_000_000_000 as WallMs });
  const memberships = [1, 2].map((tier) => ({ hotline: demo, tier, skills: [] }));
  feed({ type: "number_set", number: "115", hotline: demo, requires: [] });
  feed({ type: "agent_added", agent, name: "Agent", memberships: memberships.slice(0, 1) });
  feed({ type: "agent_added", agent: "202" as AgentId, name: "Agent", memberships: memberships.slice(1) });
  feed({ type: "pbx_snapshot", run: "first" as PbxRun, callers: [], legs: [], talks: [], phones: [] });
  if (agentIs === "paused") {
    feed({ type: "phone_changed", agent, phone: "reachable" });
    feed({ type: "login_asked", agent });
    feed({ type: "pause_asked", agent, reason: null });
  }
  const { effects } = feed({ type: "call_arrived", call: "c1" as CallId, number: "115", from: null });
  return effects.map((effect) => (effect.type === "play" ? `play ${effect.announcement}` : effect.type));
}

test("the next tier cannot be brought in when all are paused: the caller hears the greeting", () => {
  const orders = ordersFor("paused", [{ when: { kind: "all_paused" }, action: { kind: "next_tier" } }]);
  assert.deepEqual(orders, ["answer", "play greeting"]);
});

test("the next tier cannot be brought in when nobody is there: the next step is taken", () => {
  const orders = ordersFor("logged_out", [
    { when: { kind: "no_agents" }, action: { kind: "next_tier" } },
    { when: { kind: "no_agents" }, action: { kind: "forward", number: "030123" } },
  ]);
  assert.deepEqual(orders, ["answer", "play forwarding", "ring_outside"]);
});
