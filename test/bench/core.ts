/**
 * How many events the core handles in a second: `node test/bench/core.ts [--seconds 3]`. No Asterisk, no disk.
 *
 * All agents talk, so many callers wait, and the calls go round: an agent hangs up, is free, the longest waiting is rung,
 * answered and connected; a new caller arrives and hears the greeting. Seven events for each conversation.
 */
import { parseArgs } from "node:util";
import type { Event } from "../../src/core/events.ts";
import { defaultSettings, type Hotline, type Strategy, strategies } from "../../src/core/hotlines.ts";
import { aroundTheClock, plainSchedule } from "../../src/core/hours/schedule.ts";
import type { AgentId, CallId, HotlineId, PbxRun } from "../../src/core/ids.ts";
import { State } from "../../src/core/state.ts";
import { step } from "../../src/core/step.ts";
import { type MonotonicMs, ms, type WallMs } from "../../src/core/time.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    strategy: { type: "string", default: "longest-idle" },
    /** Callers of this many kinds, by the skills they need; agents have all skills. */
    skills: { type: "string", default: "1" },
  },
});

const demo = "demo" as HotlineId;

function hotline(strategy: Strategy): Hotline {
  return {
    id: demo,
    name: "Bench",
    ...defaultSettings,
    strategy,
    wrapUpMs: ms(0),
    maxWaiting: 1_000_000,
    schedule: plainSchedule("Europe/Berlin", aroundTheClock),
  };
}

class Rush {
  readonly #state = new State();
  #nowMs = 0;
  #arrivals = 0;
  events = 0;

  constructor(agents: number, waiting: number, strategy: Strategy, skills: number) {
    this.#feed({ type: "hotline_added", hotline: hotline(strategy) });
    const all = Array.from({ length: skills }, (_, n) => `s${n}`);
    for (const skill of all)
      this.#feed({ type: "number_set", number: skill, hotline: demo, requires: skills > 1 ? [skill] : [] });
    this.#feed({
      type: "pbx_snapshot",
      run: "first" as PbxRun,
      callers: [],
      legs: [],
      talks: [],
      phones: [],
    });
    for (let n = 0; n < agents; n++) {
      const agent = String(1_000 + n) as AgentId;
      const memberships = [{ hotline: demo, tier: 1, skills: all }];
      this.#feed({ type: "agent_added", agent, name: agent, memberships });
      this.#feed({ type: "phone_changed", agent, phone: "reachable" });
      this.#feed({ type: "login_asked", agent });
    }
    this.#skills = skills;
    for (let n = 0; n < agents + waiting; n++) this.arrive();
    this.events = 0;
  }

  readonly #skills: number;

  arrive(): void {
    const call = `c${++this.#arrivals}` as CallId;
    const number = `s${this.#arrivals % this.#skills}`;
    const { effects } = this.#feed({ type: "call_arrived", call, number, from: null });
    this.#pickUp(effects);
    const play = effects.find((effect) => effect.type === "play");
    if (play) this.#feed({ type: "playback_finished", call, playback: play.playback });
  }

  /** One agent hangs up, and what comes of it. */
  turn(): void {
    const talking = this.#conversations.shift();
    if (!talking) throw new Error("Nobody talks");
    const { effects } = this.#feed({ type: "leg_ended", leg: talking.leg, cause: 16, sipCode: null });
    this.#feed({ type: "caller_left", call: talking.call });
    this.#pickUp(effects);
    this.arrive();
  }

  readonly #conversations: {
    readonly call: CallId;
    readonly leg: Extract<Event, { type: "leg_ended" }>["leg"];
  }[] = [];

  #pickUp(effects: ReturnType<typeof step>["effects"]): void {
    const ring = effects.find((effect) => effect.type === "ring_agent");
    if (!ring) return;
    this.#feed({ type: "leg_ringing", leg: ring.leg });
    const answered = this.#feed({ type: "leg_answered", leg: ring.leg });
    const connect = answered.effects.find((effect) => effect.type === "connect");
    if (!connect) throw new Error(`${ring.call} is not connected`);
    this.#feed({ type: "connected", call: connect.call, bridge: connect.bridge });
    this.#conversations.push({ call: ring.call, leg: ring.leg });
  }

  #feed(event: Event): ReturnType<typeof step> {
    this.#nowMs += 1;
    this.events++;
    const now = {
      monotonicMs: this.#nowMs as MonotonicMs,
      wallMs: (1_790_000_000_000 + this.#nowMs) as WallMs,
    };
    return step(this.#state, event, now);
  }
}

function measure(agents: number, waiting: number): number {
  const strategy = strategies.find((known) => known === values.strategy);
  if (!strategy) throw new Error(`--strategy is one of ${strategies.join(", ")}`);
  const rush = new Rush(agents, waiting, strategy, Number(values.skills));
  for (let n = 0; n < 2_000; n++) rush.turn();
  rush.events = 0;
  // The processor's time, not the wall's: what else runs on the machine does not count.
  const began = process.cpuUsage();
  const spentSeconds = () => process.cpuUsage(began).user / 1e6 + process.cpuUsage(began).system / 1e6;
  while (spentSeconds() < Number(values.seconds)) for (let n = 0; n < 100; n++) rush.turn();
  return rush.events / spentSeconds();
}

// Lets the compiler see everything once.
measure(50, 100);
console.log("agents  waiting  events/s  µs/event");
for (const [agents, waiting] of [
  [20, 30],
  [20, 300],
  [100, 1_000],
  [500, 5_000],
  [1_000, 20_000],
] as const) {
  const rate = measure(agents, waiting);
  const line = [
    String(agents).padStart(6),
    String(waiting).padStart(8),
    Math.round(rate).toString().padStart(9),
  ];
  console.log(`${line.join(" ")} ${(1e6 / rate).toFixed(2).padStart(9)}`);
}
