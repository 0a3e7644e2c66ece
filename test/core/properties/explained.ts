import assert from "node:assert/strict";
import type { Event } from "../../../src/core/events.ts";
import { explain } from "../../../src/core/explain.ts";
import type { State } from "../../../src/core/state.ts";
import type { StepResult } from "../../../src/core/step.ts";
import type { Now } from "../../../src/core/time.ts";

/** Explains a call that is about to arrive; what it returns holds that against what then really happens. */
export function explainFirst(
  state: State,
  event: Extract<Event, { type: "call_arrived" }>,
  now: Now,
): (result: StepResult) => void {
  const rows = () => JSON.stringify([state.loose, ...state.tables.map((table) => [...table.values()])]);
  const before = rows();
  const told = explain(state, { number: event.number, waiting: null }, now);
  assert.equal(rows(), before, "to explain changes nothing");
  return (result) => {
    const { effects, verdict } = result;
    if (verdict.kind === "ignored") return;
    const call = state.calls.get(event.call);
    assert.ok(call);
    const { phase } = call;
    const outcome =
      phase.kind === "ended" ? phase.result.outcome : phase.kind === "forwarding" ? "forwarding" : "admitted";
    assert.equal(told.outcome, outcome);
    assert.equal(told.at, call.hotline);
    const play = effects.find((effect) => effect.type === "play" && effect.call === event.call);
    const heard = play?.type === "play" ? { hotline: play.hotline, name: play.announcement } : null;
    assert.deepEqual(told.announcement, heard);
    const rung = effects.flatMap((effect) =>
      effect.type === "ring_agent" && effect.call === event.call ? [effect.agent] : [],
    );
    if (outcome !== "admitted") assert.deepEqual([rung, told.agents], [[], []]);
    if (outcome !== "admitted" || phase.kind === "listening" || state.loose.pbx !== "up") return;
    const expected = told.agents.filter(({ afterMs }) => afterMs === 0).map(({ agent }) => agent);
    const strategy = call.hotline === null ? null : state.hotlines.get(call.hotline)?.strategy;
    // Of whom chance rings, only the tier is known beforehand.
    if (strategy === "random") {
      const best = told.agents.filter(({ tier }) => tier === told.agents[0]?.tier);
      assert.equal(rung.length, Math.min(1, expected.length));
      for (const agent of rung) assert.ok(best.some((each) => each.agent === agent));
    } else if (strategy === "ring-all") assert.deepEqual(new Set(rung), new Set(expected));
    else assert.deepEqual(rung, expected.slice(0, 1));
  };
}
