/**
 * How many events the core handles in a second: `node test/bench/core.ts [--seconds 3]`. No Asterisk, no disk.
 *
 * All agents talk, so many callers wait, and the calls go round: an agent hangs up, is free, the longest waiting is rung,
 * answered and connected; a new caller arrives and hears the greeting. Seven events for each conversation. Then the same with
 * callers who are told their position while they wait: two more events, as often for many callers as for few.
 */
import { parseArgs } from "node:util";
import { nextDeadline } from "../../src/core/deadlines.ts";
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

/** `positionEveryMs`: null: never. */
function hotline(strategy: Strategy, positionEveryMs: number | null): Hotline {
  return {
    id: demo,
    name: "Bench",
    ...defaultSettings,
    strategy,
    periodic: positionEveryMs === null ? [] : [{ announcement: "position", afterMs: ms(positionEveryMs) }],
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

  constructor(agents: number, waiting: number, strategy: Strategy, skills: number, positions: boolean) {
    // An event takes a millisecond: somebody is told every ten events.
    this.#feed({ type: "hotline_added", hotline: hotline(strategy, positions ? 10 * waiting : null) });
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
    this.#serveDeadlines();
  }

  #serveDeadlines(): void {
    for (
      let due = nextDeadline(this.#state);
      due && due.atMs <= this.#nowMs;
      due = nextDeadline(this.#state)
    ) {
      const { effects } = this.#feed({ type: "deadline_passed", of: due.of });
      for (const effect of effects)
        if (effect.type === "play")
          this.#feed({ type: "playback_finished", call: effect.call, playback: effect.playback });
    }
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

/** Microseconds an event takes. */
function measure(agents: number, waiting: number, positions: boolean): number {
  const strategy = strategies.find((known) => known === values.strategy);
  if (!strategy) throw new Error(`--strategy is one of ${strategies.join(", ")}`);
  const rush = new Rush(agents, waiting, strategy, Number(values.skills), positions);
  for (let n = 0; n < 2_000; n++) rush.turn();
  rush.events = 0;
  // The processor's time, not the wall's: what else runs on the machine does not count.
  const began = process.cpuUsage();
  const spentMicros = () => process.cpuUsage(began).user + process.cpuUsage(began).system;
  while (spentMicros() < Number(values.seconds) * 1e6) for (let n = 0; n < 100; n++) rush.turn();
  return spentMicros() / rush.events;
}

const sizes = [
  [20, 30],
  [20, 50],
  [20, 300],
  [100, 1_000],
  [500, 5_000],
  [1_000, 20_000],
] as const;
const columns = (cells: readonly string[]) => cells.map((cell) => cell.padStart(10)).join("");

// Lets the compiler see everything once.
measure(50, 100, true);
for (const positions of [false, true]) {
  console.log(positions ? "\nCallers are told their position:" : "Nobody is told the position:");
  console.log(columns(["agents", "waiting", "events/s", "µs/event"]));
  const micros = new Map<number, number>();
  for (const [agents, waiting] of sizes) {
    const each = measure(agents, waiting, positions);
    micros.set(waiting, each);
    console.log(columns([`${agents}`, `${waiting}`, (1e6 / each).toFixed(0), each.toFixed(2)]));
  }
  const grows = micros.get(5_000)! / micros.get(50)!;
  const logarithms = Math.log(5_000) / Math.log(50);
  console.log(
    `From 50 to 5,000 waiting an event costs ${grows.toFixed(2)} times as much; the logarithm grows ${logarithms.toFixed(2)} times.`,
  );
}
