import type { Effect } from "../../src/core/effects.ts";
import type { AdminEvent, Event } from "../../src/core/events.ts";
import type { BridgeId } from "../../src/core/ids.ts";
import type { State } from "../../src/core/state.ts";
import { step as coreStep, type StepResult } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import { Alarms } from "../../src/daemon/alarms.ts";
import { Loop } from "../../src/daemon/loop.ts";
import { carryOver, type Found, restoreState } from "../../src/daemon/restore.ts";
import type { Batch } from "../../src/store/types.ts";
import { WriteQueue } from "../../src/store/write-queue.ts";
import { describeResult, nameOf } from "../traces/format.ts";
import { Adapter } from "./adapter.ts";
import { Asterisk } from "./asterisk.ts";
import { Chance } from "./chance.ts";
import { Committed } from "./committed.ts";
import { DeadlineRules } from "./deadline-rules.ts";
import { type DatabaseFile, type DiskParts, DiskThread } from "./disk.ts";
import { EndRules } from "./end-rules.ts";
import { LifeTimers } from "./life-timers.ts";
import { MachineClock } from "./machine-clock.ts";
import { type Move, type Trouble, wordsOf } from "./moves.ts";
import { nothingDone, silent } from "./nothing.ts";
import { leftovers, Oracle } from "./oracle.ts";
import type { Counts, Outcome, Violation } from "./outcome.ts";
import { checkRecord } from "./record-rules.ts";
import { Timeline } from "./timeline.ts";
import { WritingRules } from "./writing-rules.ts";

/** After the last move everybody goes home, and what is left to do is done within this time. */
const aftermathMs = 20 * 60_000;

/** Plays a scenario against the real core, loop and store, until all is over or a rule is broken. */
export async function play(
  seed: number,
  moves: readonly Move[],
  file: DatabaseFile,
  traced: boolean,
): Promise<Outcome> {
  const simulation = new Simulation(seed, file, traced);
  return simulation.play(moves);
}

type Life = {
  readonly number: number;
  readonly state: State;
  readonly loop: Loop;
  readonly adapter: Adapter;
  readonly thread: DiskThread;
  readonly timers: LifeTimers;
  alive: boolean;
};

type Wired = Pick<Life, "loop" | "adapter" | "state">;

class Simulation {
  readonly #file: DatabaseFile;
  readonly #chance: Chance;
  readonly #timeline = new Timeline();
  readonly #asterisk: Asterisk;
  readonly #oracle: Oracle;
  readonly #committed = new Committed();
  readonly #troubles = new Map<Trouble, number>();
  readonly #trace: string[] | null;
  readonly #counts: Counts = { steps: 0, orders: 0, calls: 0, kills: 0, restarts: 0 };
  readonly #killsByStep = new Map<number, number>();
  readonly #killsByOrder = new Map<number, number>();
  readonly #leaked = new Set<BridgeId>();
  #timers = 0;
  readonly #ends: EndRules;
  readonly #deadlines: DeadlineRules;
  #violation: Violation | null = null;
  #life: Life | null = null;
  #lives = 0;
  readonly #writing: WritingRules;
  /** Something was handed to the daemon, so that its promises must run. */
  #touched = false;
  readonly #answers: Promise<unknown>[] = [];
  readonly #clock = new MachineClock(this.#timeline);

  constructor(seed: number, file: DatabaseFile, traced: boolean) {
    this.#file = file;
    this.#trace = traced ? [] : null;
    this.#chance = new Chance(seed);
    const violated = (rule: string, detail: string) => this.#violated(rule, detail);
    this.#asterisk = new Asterisk(this.#timeline, this.#chance, () => this.#clock.now().wallMs, {
      note: (line) => this.#note(line),
      violated,
    });
    this.#oracle = new Oracle(violated);
    this.#ends = new EndRules(violated, this.#asterisk, this.#timeline);
    this.#deadlines = new DeadlineRules(violated, this.#timeline);
    this.#writing = new WritingRules(violated, this.#committed, this.#timeline);
  }

  async play(moves: readonly Move[]): Promise<Outcome> {
    this.#file.empty();
    this.#boot();
    let endMs = 0;
    for (const move of moves) {
      endMs = Math.max(endMs, move.atMs);
      this.#timeline.after(move.atMs, () => this.#make(move));
    }
    this.#timeline.after(endMs + 30_000, () => {
      this.#note("everybody goes home");
      // The end of a caller whom nobody rings for may have been lost; only a new look at all that is alive shows it.
      if (this.#troubles.has("lost_facts")) this.#timeline.after(10_000, () => this.#loseSocket(500));
      this.#troubles.clear();
      this.#killsByStep.clear();
      this.#killsByOrder.clear();
      this.#asterisk.everybodyLeaves();
      this.#timeline.after(30_000, () => this.#life?.adapter.look());
    });
    const lastMs = endMs + 30_000 + aftermathMs;
    for (let run = this.#timeline.next(); run && !this.#violation; run = this.#timeline.next()) {
      if (this.#timeline.nowMs > lastMs) {
        this.#violated("it comes to an end", `20 minutes after the last caller: ${this.#stillDue()}`);
        break;
      }
      run();
      if (this.#touched) await this.#settle();
      this.#deadlines.check(this.#life?.state ?? null, this.#clock.now());
    }
    if (!this.#violation) this.#checkEnd();
    // What was violated is what counts; nothing of this life may go on in the next scenario.
    if (this.#life) this.#life.alive = false;
    return { violation: this.#violation, counts: this.#counts, trace: this.#trace ?? [] };
  }

  /** Lets all promises run that can. */
  async #settle(): Promise<void> {
    this.#touched = false;
    // Of the store's own thread, where it has one.
    for (let answer = this.#answers.shift(); answer; answer = this.#answers.shift()) await answer;
    await new Promise(setImmediate);
  }

  #make(move: Move): void {
    if (this.#trace && move.do !== "administer") this.#note(`> ${wordsOf(move)}`);
    switch (move.do) {
      case "administer":
        this.#administer(move.event);
        return;
      case "call":
        this.#counts.calls += 1;
        this.#asterisk.arrive(move.caller);
        return;
      case "phone":
        this.#asterisk.setPhone(move.agent, move.phone);
        return;
      case "temper":
        this.#asterisk.tempers.set(move.agent, move.temper);
        return;
      case "dial":
        this.#asterisk.dial(move.agent, move.code);
        return;
      case "drop_socket":
        this.#loseSocket(move.forMs);
        return;
      case "restart_asterisk":
        this.#counts.restarts += 1;
        this.#crashAsterisk(move.forMs);
        return;
      case "kill":
        this.#planKill(move);
        return;
      case "reboot":
        this.#reboot(move.forMs);
        return;
      case "set_wall_clock":
        this.#clock.wallOffsetMs += move.byMs;
        return;
      case "trouble":
        this.#troubles.set(move.trouble, move.probability);
    }
  }

  #loseSocket(forMs: number): void {
    this.#touched = true;
    this.#mayLeak();
    if (this.#asterisk.running) this.#life?.adapter.lose(forMs);
  }

  /** Orders that are lost now may have been about these; they stay until the next connection finds them empty. */
  #mayLeak(): void {
    for (const bridge of this.#asterisk.bridges) this.#leaked.add(bridge);
  }

  #crashAsterisk(forMs: number): void {
    if (!this.#asterisk.running) return;
    this.#asterisk.crash();
    this.#touched = true;
    this.#life?.adapter.lose(100);
    this.#timeline.after(forMs, () => this.#asterisk.start());
  }

  #planKill({ when, forMs }: Extract<Move, { do: "kill" }>): void {
    if (when.kind === "now") this.#kill(forMs);
    else if (when.kind === "after_step") this.#killsByStep.set(this.#counts.steps + when.step, forMs);
    else this.#killsByOrder.set(this.#counts.orders + when.order, forMs);
  }

  #kill(forMs: number): void {
    const life = this.#life;
    if (!life) return;
    this.#counts.kills += 1;
    this.#note("!! the daemon is killed");
    life.alive = false;
    life.adapter.die();
    life.thread.die();
    this.#writing.lifeEnds();
    life.timers.end();
    this.#mayLeak();
    this.#life = null;
    this.#timeline.after(forMs, () => this.#boot());
  }

  #reboot(forMs: number): void {
    this.#kill(forMs);
    this.#crashAsterisk(forMs + 200);
    this.#clock.reboot();
  }

  // A life of the daemon: what src/daemon/serve.ts puts together.

  #boot(): void {
    if (this.#life) return;
    const number = ++this.#lives;
    const parts: DiskParts = {
      file: this.#file,
      timeline: this.#timeline,
      chance: this.#chance,
      troubles: this.#troubles,
      committed: this.#committed,
      touched: (answer) => {
        this.#touched = true;
        if (answer) this.#answers.push(answer);
      },
      note: (line: string) => this.#note(line),
    };
    const thread = new DiskThread(parts, number);
    const loaded = thread.read();
    const difference = this.#committed.differenceTo(loaded);
    if (difference) this.#violated("what was committed is restored", difference);
    const found = carryOver(loaded, this.#clock.bootId, this.#clock.now());
    const wired = this.#wire(number, found, thread, () => life);
    const nextTimer = () => ++this.#timers;
    const timers = new LifeTimers(this.#timeline, this.#chance, this.#troubles, nextTimer, () => {
      this.#touched = true;
    });
    const life: Life = { number, thread, timers, alive: true, ...wired };
    this.#life = life;
    this.#note(`the daemon starts, life ${number}`);
    this.#oracle.lifeBegins(life.state, this.#clock.now());
    life.loop.submit({ type: "seeded", seed: this.#chance.between(`chance ${number}`, 0, 2 ** 32 - 1) });
    life.loop.start();
    life.adapter.start();
    this.#touched = true;
  }

  #wire(number: number, found: Found, thread: DiskThread, life: () => Life): Wired {
    const startTimer = (run: () => void, afterMs: number) => life().timers.start(run, afterMs);
    const queue = new WriteQueue(
      thread,
      `life ${number}`,
      {
        onTrouble: () => undefined,
        onBadBatch: (error) => this.#violated("every change can be stored", error.message),
      },
      startTimer,
    );
    const state = restoreState(found.loaded);
    if (found.carriedOver) queue.write(found.carriedOver).catch(() => undefined);
    const adapter = new Adapter({
      asterisk: this.#asterisk,
      timeline: this.#timeline,
      chance: this.#chance,
      troubles: this.#troubles,
      agents: () => [...state.agents.values()].map(({ id }) => id),
      touched: () => {
        this.#touched = true;
      },
      wallMs: () => this.#clock.now().wallMs,
      isKnown: (channel) => state.knows(channel),
      onRecord: async (calls) => {
        if (queue.backlog > 0) return null;
        return new Set(calls.filter((call) => this.#committed.ends.has(call)));
      },
      note: (line) => this.#note(line),
      leaked: (bridge) => this.#leaked.add(bridge),
      submit: (event) => {
        this.#touched = true;
        loop.submit(event);
      },
    });
    const loop: Loop = new Loop({
      state,
      clock: { bootId: this.#clock.bootId, now: () => this.#clock.now() },
      startTimer,
      log: silent,
      alarms: new Alarms(silent),
      write: (batch) => this.#write(life(), queue, batch),
      carryOut: (effect) => this.#carryOut(life(), effect),
      reportFault: (event, fault) => {
        if (life().alive) this.#violated("no step fails", `${nameOf(event)}: ${String(fault)}`);
      },
      step: (of, event, now) => this.#step(life(), of, event, now),
    });
    return { adapter, loop, state };
  }

  #step(life: Life, state: State, event: Event, now: Now): StepResult {
    // Nothing is heard from the dead; what they still do is nothing.
    if (!life.alive || this.#violation) return nothingDone;
    this.#counts.steps += 1;
    if (this.#trace) this.#note(nameOf(event));
    const result = coreStep(state, event, now);
    if (this.#trace) for (const line of describeResult(result)) this.#trace.push(`  ${line}`);
    this.#oracle.afterStep(event, now, state, result);
    this.#ends.afterStep(result);
    this.#writing.decided(event, result.effects);
    const forMs = this.#killsByStep.get(this.#counts.steps);
    if (forMs !== undefined) {
      this.#kill(forMs);
      return nothingDone;
    }
    return result;
  }

  #write(life: Life, queue: WriteQueue, batch: Batch): Promise<void> {
    if (!life.alive) return new Promise(() => undefined);
    this.#writing.handedOver(batch);
    this.#touched = true;
    return queue.write(batch);
  }

  #carryOut(life: Life, effect: Effect): void {
    if (!life.alive) return;
    this.#counts.orders += 1;
    this.#writing.goesOut(effect);
    const forMs = this.#killsByOrder.get(this.#counts.orders);
    if (forMs === undefined) life.adapter.carryOut(effect);
    else this.#kill(forMs);
  }

  #administer(event: AdminEvent): void {
    const life = this.#life;
    if (!life) return;
    this.#touched = true;
    life.loop.ask(event).then(
      (verdict) => {
        if (life.alive && verdict.kind === "done") this.#writing.acknowledged(event);
      },
      (error: unknown) => {
        if (life.alive) this.#violated("every change can be stored", String(error));
      },
    );
  }

  #stillDue(): string {
    if (!this.#life) return "no daemon";
    return leftovers(this.#life.state, this.#clock.now().monotonicMs).join("; ") || "Asterisk is not done";
  }

  #checkEnd(): void {
    const life = this.#life;
    if (!life) {
      this.#violated("it comes to an end", "no daemon is left");
      return;
    }
    for (const left of leftovers(life.state, this.#clock.now().monotonicMs))
      this.#violated("nothing is left", left);
    for (const call of this.#asterisk.callers.keys())
      this.#violated("nothing is left", `caller ${call} in Asterisk`);
    for (const leg of this.#asterisk.legs.keys()) this.#violated("nothing is left", `leg ${leg} in Asterisk`);
    for (const bridge of this.#asterisk.bridges)
      if (!this.#leaked.has(bridge)) this.#violated("nothing is left", `bridge ${bridge} in Asterisk`);
    const difference = this.#committed.differenceTo(life.thread.read());
    if (difference) this.#violated("what was committed is on disk", difference);
    const { lostTails } = this.#writing;
    for (const broken of checkRecord(
      this.#file.db,
      this.#committed,
      this.#asterisk,
      lostTails,
      this.#ends.toldAtMs,
    ))
      this.#violated("the record", broken);
  }

  #violated(rule: string, detail: string): void {
    if (this.#violation) return;
    this.#violation = { rule, detail, atMs: this.#timeline.nowMs };
    this.#note(`** ${rule}: ${detail}`);
  }

  #note(line: string): void {
    this.#trace?.push(`${(this.#timeline.nowMs / 1000).toFixed(3).padStart(9)} ${line}`);
  }
}
