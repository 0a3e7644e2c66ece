import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { legOf } from "../../../src/core/agents.ts";
import type { Event } from "../../../src/core/events.ts";
import { type Hotline, type OverflowStep, strategies } from "../../../src/core/hotlines.ts";
import type { AgentId, BridgeId, CallId, ChannelId, LegId } from "../../../src/core/ids.ts";
import { brokenInvariants } from "../../../src/core/invariants.ts";
import type { StepResult } from "../../../src/core/step.ts";
import { ms, seconds } from "../../../src/core/time.ts";
import { GreetingRules } from "../../simulation/greeting-rules.ts";
import { OverflowRules } from "../../simulation/overflow-rules.ts";
import { PlaceRules } from "../../simulation/place-rules.ts";
import { RefusalRules } from "../../simulation/refusal-rules.ts";
import { TallyRules } from "../../simulation/tally-rules.ts";
import { TierRules } from "../../simulation/tier-rules.ts";
import { explainFirst } from "./explained.ts";
import { assertNobodyIsForgotten, assertOneToOne, assertRightOffers } from "./oracle.ts";
import {
  addAgent,
  agentIds,
  type Before,
  hotline,
  hotlineIds,
  numbers as knownNumbers,
  World,
} from "./world.ts";

/*
 * Random sequences of everything that can happen, possible or not, in any order; after each step the rules must hold. What
 * fails is shrunk to the shortest sequence that still does.
 */

const runs = Number(process.env.PROPERTY_RUNS ?? 1_000);
/** The same sequences each time, so that a failure is a failure of the change at hand; other seeds by hand. */
const seed = Number(process.env.PROPERTY_SEED ?? 115);

type Move = (world: World) => void;

const named = (name: string, move: Move): Move => Object.assign(move, { toString: () => name });

const nth = <T>(items: Iterable<T>, n: number): T | null => {
  const all = [...items];
  return all[n % Math.max(1, all.length)] ?? null;
};

const index = fc.nat(30);
const agentId = fc.constantFrom(...agentIds);
const hotlineId = fc.constantFrom(...hotlineIds);
const sipCode = fc.constantFrom(null, 200, 403, 404, 408, 480, 486, 503, 600, 603);

const overflowStep: fc.Arbitrary<OverflowStep> = fc.record({
  when: fc.constantFrom<OverflowStep["when"]>(
    { kind: "no_agents" },
    { kind: "all_paused" },
    { kind: "full" },
    { kind: "closed" },
    { kind: "waited", afterMs: seconds(20) },
    { kind: "waited", afterMs: seconds(40) },
  ),
  action: fc.constantFrom<OverflowStep["action"]>(
    { kind: "hang_up", announcement: "overflow" },
    { kind: "announce", announcement: "overflow" },
    { kind: "move", hotline: hotlineIds[1]! },
    { kind: "move", hotline: hotlineIds[2]! },
    { kind: "forward", number: "030123" },
    { kind: "next_tier" },
  ),
});

const membership = fc.record({
  hotline: hotlineId,
  tier: fc.integer({ min: 1, max: 3 }),
  skills: fc.constantFrom<readonly string[]>([], ["en"], ["en", "tax"]),
});

const settings = fc.record(
  {
    strategy: fc.constantFrom(...strategies),
    priority: fc.integer({ min: 0, max: 2 }),
    ringTimeoutMs: fc.constantFrom(seconds(5), seconds(20)),
    ringNextAfterMs: fc.constantFrom(seconds(3), seconds(10)),
    nextTierAfterMs: fc.constantFrom(seconds(5), seconds(30)),
    wrapUpMs: fc.constantFrom(ms(0), seconds(10)),
    autoPauseAfter: fc.nat(3),
    maxWaiting: fc.constantFrom(0, 1, 3, 500),
    maxWaitMs: fc.constantFrom(seconds(30), seconds(3600)),
    resumeWithinMs: fc.constantFrom(ms(0), seconds(60)),
    closingGraceMs: fc.constantFrom(null, ms(0), seconds(30)),
    greetingMustFinish: fc.boolean(),
    periodic: fc.constantFrom(
      [],
      [{ announcement: "waiting_1" as const, afterMs: seconds(10) }],
      [
        { announcement: "position" as const, afterMs: seconds(10) },
        { announcement: "expected_wait" as const, afterMs: seconds(5) },
      ],
    ),
    overflow: fc.array(overflowStep, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const feed = (name: string, make: (world: World) => Event | null): Move =>
  named(name, (world) => {
    const event = make(world);
    if (event) world.feed(event);
  });

/** What Asterisk tells reaches us only while connected. */
const tell = (name: string, make: (world: World) => Event | null): Move =>
  feed(name, (world) => (world.state.loose.pbx === "up" ? make(world) : null));

const traffic: fc.Arbitrary<Move> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...knownNumbers, "999"), fc.constantFrom(null, "0361555", "0361666"))
    .map(([number, from]) => named(`arrive ${number} ${from}`, (world) => world.arrive(number, from))),
  index.map((n) =>
    named(`leave ${n}`, (world) => {
      const call = nth(world.callers, n);
      if (call) world.leave(call);
    }),
  ),
  index.map((n) =>
    tell(`playback ${n}`, (world) => {
      const playback = nth(world.playbacks.slice(-8), n);
      return playback && { type: "playback_finished", ...playback };
    }),
  ),
  index.map((n) => tell(`ringing ${n}`, (world) => legEvent("leg_ringing", nth(world.legs, n)))),
  index.map((n) => tell(`answered ${n}`, (world) => legEvent("leg_answered", nth(world.legs, n)))),
  fc.tuple(index, sipCode).map(([n, code]) =>
    named(`leg ended ${n} ${code}`, (world) => {
      const leg = nth(world.legs, n);
      if (leg) world.endLeg(leg, code);
    }),
  ),
  index.map((n) =>
    tell(`connected ${n}`, (world) => {
      const connect = nth(world.connects.slice(-4), n);
      return connect && { type: "connected", ...connect };
    }),
  ),
  index.map((n) =>
    tell(`connect failed ${n}`, (world) => {
      const connect = nth(world.connects.slice(-4), n);
      return connect && { type: "connect_failed", ...connect, why: "planted" };
    }),
  ),
  fc
    .tuple(agentId, fc.constantFrom("reachable", "reachable", "unreachable", "in_use", "unknown"))
    .map(([agent, phone]) =>
      tell(`phone ${agent} ${phone}`, () => ({ type: "phone_changed", agent, phone })),
    ),
  fc
    .tuple(agentId, fc.constantFrom("login", "pause", "wrap_up"))
    .map(([agent, code]) =>
      tell(`dial ${agent} ${code}`, () => ({ type: "code_dialled", agent, channel: "x" as ChannelId, code })),
    ),
);

/** An agent picks up, talks for a while, and one of the two hangs up. */
const conversation: fc.Arbitrary<Move> = fc
  .tuple(index, fc.boolean(), fc.constantFrom(0, 3_000))
  .map(([n, callerFirst, lengthMs]) =>
    named(`conversation ${n} ${callerFirst} ${lengthMs}`, (world) => {
      const offered = [...world.state.agents.values()].filter(({ work }) => work.kind === "offered");
      const work = nth(offered, n)?.work;
      if (work?.kind !== "offered" || world.state.loose.pbx !== "up") return;
      const { leg, call } = work;
      world.feed({ type: "leg_answered", leg });
      const connect = world.connects.at(-1);
      if (connect?.call === call) world.feed({ type: "connected", ...connect });
      world.pass(lengthMs);
      if (callerFirst) world.leave(call);
      world.endLeg(leg, null);
      if (!callerFirst) world.leave(call);
    }),
  );

const asked = fc.constantFrom(
  "login_asked",
  "login_asked",
  "logout_asked",
  "resume_asked",
  "wrap_up_end_asked",
);

const administration: fc.Arbitrary<Move> = fc.oneof(
  fc.tuple(agentId, asked).map(([agent, type]) => feed(`${type} ${agent}`, () => ({ type, agent }))),
  agentId.map((agent) => feed(`pause ${agent}`, () => ({ type: "pause_asked", agent, reason: null }))),
  agentId.map((agent) => feed(`remove ${agent}`, () => ({ type: "agent_removed", agent }))),
  agentId.map((agent) =>
    feed(`extend ${agent}`, () => ({ type: "wrap_up_extend_asked", agent, byMs: seconds(5) })),
  ),
  fc.tuple(agentId, fc.array(membership, { minLength: 1, maxLength: 2 })).map(([agent, some]) =>
    named(`add ${agent}`, (world) => {
      const memberships = [...new Map(some.map((one) => [one.hotline, one])).values()];
      for (const event of addAgent(agent, memberships)) world.feed(event);
    }),
  ),
  fc.tuple(agentId, membership).map(([agent, one]) =>
    feed(`assign ${agent} ${one.hotline}:${one.tier}`, () => ({
      type: "agent_assigned",
      agent,
      membership: one,
    })),
  ),
  fc
    .tuple(agentId, hotlineId)
    .map(([agent, id]) =>
      feed(`unassign ${agent} ${id}`, () => ({ type: "agent_unassigned", agent, hotline: id })),
    ),
  fc.tuple(hotlineId, settings).map(([id, changed]) =>
    feed(`set ${id} ${JSON.stringify(changed)}`, () => ({
      type: "hotline_changed",
      hotline: id,
      settings: changed,
    })),
  ),
  hotlineId.map((id) => feed(`remove hotline ${id}`, () => ({ type: "hotline_removed", hotline: id }))),
  hotlineId.map((id) =>
    feed(`add hotline ${id}`, () => ({ type: "hotline_added", hotline: hotline(id, {}) })),
  ),
  fc
    .tuple(fc.constantFrom(...knownNumbers), hotlineId, fc.constantFrom([], ["en"]))
    .map(([number, id, requires]) =>
      feed(`number ${number} ${id} ${requires}`, () => ({
        type: "number_set",
        number,
        hotline: id,
        requires,
      })),
    ),
  fc.tuple(hotlineId, fc.boolean()).map(([id, releaseWaiting]) =>
    feed(`close ${id} ${releaseWaiting}`, () => ({
      type: "hours_changed",
      hotline: id,
      change: { kind: "close", reason: "test", until: { kind: "duration", lengthMs: seconds(90) } },
      releaseWaiting,
    })),
  ),
  hotlineId.map((id) =>
    feed(`reopen ${id}`, () => ({
      type: "hours_changed",
      hotline: id,
      change: { kind: "resume" },
      releaseWaiting: false,
    })),
  ),
);

const disturbance: fc.Arbitrary<Move> = fc.oneof(
  fc
    .constantFrom(-3_600_000, -1_000, 1_000, 3_600_000, 86_400_000)
    .map((by) => named(`clock ${by}`, (world) => world.jumpWall(by))),
  fc.constant(feed("lost", () => ({ type: "pbx_lost" }))),
  fc.constant(named("snapshot", (world) => world.snapshot())),
  fc.constant(
    named("crash", (world) => {
      world.feed({ type: "pbx_lost" });
      world.crash();
      world.snapshot();
    }),
  ),
  fc.constant(feed("stranger", () => legEvent("leg_answered", "x9~1~201" as LegId))),
  fc.constant(feed("strange caller", () => ({ type: "caller_left", call: "x9" as CallId }))),
  fc.constant(
    feed("strange bridge", () => ({ type: "connected", call: "x9" as CallId, bridge: "y" as BridgeId })),
  ),
);

const passing: fc.Arbitrary<Move> = fc
  .constantFrom(1, 100, 1_000, 4_000, 10_000, 30_000, 90_000)
  .map((length) => named(`pass ${length}`, (world) => world.pass(length)));

const move = fc.oneof(
  { arbitrary: traffic, weight: 12 },
  { arbitrary: conversation, weight: 3 },
  { arbitrary: passing, weight: 5 },
  { arbitrary: administration, weight: 4 },
  { arbitrary: disturbance, weight: 1 },
);

function legEvent(type: "leg_ringing" | "leg_answered", leg: LegId | null): Event | null {
  return leg && { type, leg };
}

function check(world: World, event: Event, before: Before, result: StepResult): void {
  const { state } = world;
  assert.deepEqual(brokenInvariants(state), []);
  assertOneToOne(state);
  assertNobodyIsForgotten(state);
  assertRightOffers(state, before, result);
  for (const [call, outcomes] of world.ended) assert.ok(outcomes.length === 1, `${call} ended ${outcomes}`);
  if (result.verdict.kind === "refused") {
    const { hotlines, numbers } = result.changes;
    assert.equal(hotlines.size + numbers.size, 0, `${event.type} was refused, and changed something`);
  }
}

function broken(rule: string, detail: string): never {
  throw new Error(`${rule}: ${detail}`);
}

/** Three hotlines, four agents who take calls. */
function opened(first: Settings): World {
  const refusals = new RefusalRules(broken);
  const tallies = new TallyRules(broken);
  const tiers = new TierRules(broken);
  const places = new PlaceRules(broken);
  const greetings = new GreetingRules(broken);
  const overflow = new OverflowRules(broken);
  const world = new World((of, event, before, result) => {
    const { now, state } = of;
    check(of, event, before, result);
    refusals.check(event, now, state, before, result);
    tallies.check(event, now, state, before, result);
    tiers.check(now, state, result);
    places.check(now, state, before, result);
    greetings.check(event, now, state, result);
    overflow.check(now, state, before, result);
  });
  const [a, b, c] = hotlineIds;
  for (const id of hotlineIds) world.feed({ type: "hotline_added", hotline: hotline(id, {}) });
  for (const id of hotlineIds) world.feed({ type: "hotline_changed", hotline: id, settings: first });
  const lead = (number: string, id: typeof a, requires: readonly string[]) =>
    world.feed({ type: "number_set", number, hotline: id!, requires });
  lead("115", a, []);
  lead("116", b, []);
  lead("117", c, []);
  lead("118", a, ["en"]);
  world.snapshot();
  const member = (id: typeof a, tier = 1, skills: readonly string[] = []) => ({ hotline: id!, tier, skills });
  const team: readonly (readonly [AgentId, ReturnType<typeof member>[]])[] = [
    [agentIds[0]!, [member(a), member(b)]],
    [agentIds[1]!, [member(a, 1, ["en"])]],
    [agentIds[2]!, [member(a, 2), member(c)]],
    [agentIds[3]!, [member(b)]],
  ];
  for (const [agent, memberships] of team)
    for (const event of addAgent(agent, memberships)) world.feed(event);
  return world;
}

/** Everybody hangs up, Asterisk says so, and time runs out. */
function finish(world: World): void {
  world.snapshot();
  for (const call of [...world.callers]) world.leave(call);
  for (const leg of [...world.legs]) world.endLeg(leg, null);
  for (const id of agentIds) world.feed({ type: "phone_changed", agent: id, phone: "reachable" });
  world.pass(3_600_000);
  for (const id of hotlineIds)
    if (world.state.hotlines.get(id))
      world.feed({
        type: "hours_changed",
        hotline: id,
        change: { kind: "resume" },
        releaseWaiting: false,
      });
  const { state } = world;
  assert.equal(state.calls.size, 0, "calls are left");
  for (const agent of state.agents.values())
    assert.equal(legOf(agent), null, `agent ${agent.id} is ${agent.work.kind}`);
  assert.deepEqual(state.deadlines.ids(), [], "deadlines are left");
  assert.equal(state.oldPlaces.size, 0, "old places are left");
  for (const id of hotlineIds) assert.equal(state.queue(id).length, 0);
}

function play([first, moves]: Sequence): World {
  const world = opened(first);
  try {
    for (const one of moves) one(world);
    finish(world);
  } catch (error) {
    if (error instanceof Error) error.message += `\n${world.log.slice(-60).join("\n")}`;
    throw error;
  }
  return world;
}

type Settings = Partial<Omit<Hotline, "id" | "schedule">>;
/** How the hotlines are set at first, and what happens then. */
type Sequence = readonly [Settings, readonly Move[]];

const sequences: fc.Arbitrary<Sequence> = fc.tuple(
  fc
    .tuple(settings as fc.Arbitrary<Settings>, fc.constantFrom(...strategies))
    .map(([first, strategy]) => ({ ...first, strategy })),
  fc.array(move, { minLength: 5, maxLength: 120, size: "max" }),
);

test("whatever happens, in whatever order, the rules of distribution hold", () => {
  fc.assert(
    fc.property(sequences, (sequence) => {
      play(sequence);
    }),
    { numRuns: runs, seed },
  );
});

test("every call that Asterisk told of has exactly one outcome", () => {
  fc.assert(
    fc.property(sequences, (sequence) => {
      const world = play(sequence);
      for (const call of world.told) {
        const outcomes = world.ended.get(call) ?? [];
        assert.equal(outcomes.length, 1, `${call} has the outcomes [${outcomes}]\n${world.log.join("\n")}`);
      }
      for (const call of world.ended.keys()) assert.ok(world.told.has(call), `${call} never arrived`);
    }),
    { numRuns: Math.ceil(runs / 4), seed },
  );
});

test("what comes late, twice or from nowhere is named and changes nothing", () => {
  const twice = new Set([
    "call_arrived",
    "caller_left",
    "playback_finished",
    "leg_ringing",
    "leg_answered",
    "leg_ended",
    "connected",
    "connect_failed",
  ]);
  fc.assert(
    fc.property(sequences, (sequence) => {
      const [first, moves] = sequence;
      const world = opened(first);
      const feedOnce = world.feed.bind(world);
      world.feed = (event) => {
        const result = feedOnce(event);
        if (!twice.has(event.type)) return result;
        const again = feedOnce(event);
        assert.equal(again.verdict.kind, "ignored", `${event.type} came twice`);
        assert.deepEqual(again.effects, []);
        assert.deepEqual(again.story, []);
        for (const rows of Object.values(again.changes)) assert.equal(rows.size, 0);
        return result;
      };
      for (const one of moves) one(world);
    }),
    { numRuns: Math.ceil(runs / 4), seed },
  );
});

test("what is explained of a call is what then happens to it", () => {
  let explained = 0;
  fc.assert(
    fc.property(sequences, ([first, moves]) => {
      const world = opened(first);
      const feedOnce = world.feed.bind(world);
      world.feed = (event) => {
        if (event.type !== "call_arrived") return feedOnce(event);
        const compare = explainFirst(world.state, event, world.now);
        const result = feedOnce(event);
        compare(result);
        explained++;
        return result;
      };
      for (const one of moves) one(world);
    }),
    { numRuns: Math.ceil(runs / 2), seed },
  );
  assert.ok(explained > runs / 2, "calls arrived");
});

test("the same events at the same times give the same orders", () => {
  fc.assert(
    fc.property(sequences, (sequence) => {
      assert.deepEqual(play(sequence).log, play(sequence).log);
    }),
    { numRuns: Math.ceil(runs / 10), seed },
  );
});
