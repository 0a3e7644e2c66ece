import type { Logger } from "pino";
import { nextDeadline } from "../core/deadlines.ts";
import type { Effect } from "../core/effects.ts";
import type { AdminEvent, Event } from "../core/events.ts";
import type { State } from "../core/state.ts";
import { type Changes, step as coreStep, StepFault, type StepResult } from "../core/step.ts";
import type { StoryLine } from "../core/story.ts";
import type { Now } from "../core/time.ts";
import type { Verdict } from "../core/turn.ts";
import type { Batch, Extra } from "../store/types.ts";
import type { Alarms } from "./alarms.ts";
import { type Clock, type StartTimer, systemTimer } from "./clock.ts";
import { logStory } from "./log.ts";
import { beatMs, type Standstill } from "./standstill.ts";

/** Orders wait for their turn to be on disk, but no longer than this: a slow disk must not hold up calls. */
const commitWaitMs = 50;
/** After so many and so long the rest of the queue waits for what else the process has to do: monitoring sees its length. */
const sliceFacts = 20;
const sliceMs = 10;
/** So many facts that were not looked at, or one for so long, are no rush any more: something holds up the loop. */
const longestQueue = 1_000;
const longestInQueueMs = 1_000;
/** The alarm stands for so long after the last of them, so that monitoring sees it. */
const alarmStandsMs = 60_000;
/** A deadline nobody can be blamed for goes on failing: look again after this. */
const faultPauseMs = 1_000;
/** When we stood still, what has happened meanwhile is looked at first: a phone that was picked up has not been silent. */
export const catchUpMs = 1_000;
const longestTimerMs = 2 ** 31 - 1;

export type LoopParts = {
  readonly state: State;
  readonly clock: Clock;
  /** The machine's, unless time is simulated. */
  readonly startTimer?: StartTimer;
  readonly log: Logger;
  readonly alarms: Alarms;
  readonly write: (batch: Batch) => Promise<void>;
  readonly carryOut: (effect: Effect) => void;
  /** A bug was found: keep what is needed to understand it. */
  readonly reportFault: (event: Event, fault: unknown) => void;
  /** Left out where time is simulated. */
  readonly standstill?: Standstill;
  /** Told of everything just before it is done: should it be the last thing, the next start knows. Must not throw. */
  readonly beginning?: (what: Event | Effect) => void;
  /** Told of every turn that has changed something or has something to tell. */
  readonly changed?: (changes: Changes, story: readonly StoryLine[]) => void;
  /** Another core, for tests that plant bugs. */
  readonly step?: (state: State, event: Event, now: Now) => StepResult;
};

/** What is written with a turn, where that depends on what the turn was. */
export type ExtraOf = (result: StepResult, now: Now) => Extra | null;

type Entry = {
  readonly event: Event;
  readonly sinceMs: number;
  /** Of a snapshot: on whom it has failed already. */
  readonly blamed?: readonly string[];
  readonly extra?: Extra | ExtraOf;
  readonly settled?: {
    readonly resolve: (verdict: Verdict) => void;
    readonly reject: (error: Error) => void;
  };
};

/**
 * The one place where things happen: facts queue up, each makes one turn of step(), the turn is written as one
 * transaction, then its orders go out. Turns never overlap; writing and orders run behind them, in order.
 */
export class Loop {
  readonly #parts: LoopParts;
  readonly #step: NonNullable<LoopParts["step"]>;
  readonly #queue: Entry[] = [];
  #draining = false;
  #cancelNextSlice: () => void = () => undefined;
  /** Null: there is no alarm about the queue. */
  #cancelQueueAlarm: (() => void) | null = null;
  #stopped = false;
  readonly #startTimer: StartTimer;
  #cancelTimer: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;
  /** Deadlines up to the one moment passed while we stood still, and wait for the other. */
  #stoodStill = { upToMs: 0, waitUntilMs: 0 };
  /** Resolves when the orders of all turns so far have gone out. */
  #ordersOut: Promise<void> = Promise.resolve();

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#step = parts.step ?? coreStep;
    this.#startTimer = parts.startTimer ?? systemTimer;
  }

  /** Takes a fact. Never throws, never works at once: callers are socket handlers. */
  submit(event: Event): void {
    this.#enqueue({ event, sinceMs: this.#nowMs() });
  }

  /**
   * Takes what an administrator asks for. Resolves with the verdict when the change is on disk for good; rejects when the
   * event could not be handled. `extra` is written in the same transaction, if the change was made.
   */
  ask(event: AdminEvent, extra?: Extra | ExtraOf): Promise<Verdict> {
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    const settled = { resolve, reject };
    this.#enqueue({ event, sinceMs: this.#nowMs(), settled, ...(extra ? { extra } : {}) });
    return promise;
  }

  /** Facts not looked at yet. Many only where they come faster than they are looked at. */
  get backlog(): number {
    return this.#queue.length;
  }

  /** Resolves when the orders of all turns so far have gone out. */
  async ordersOut(): Promise<void> {
    this.#drainAll();
    await this.#ordersOut;
  }

  /** Wakes for deadlines from now on. */
  start(): void {
    this.#beat();
    this.#setTimer();
  }

  /** Handles what is queued, then takes no more; resolves when all orders are out. */
  async stop(): Promise<void> {
    this.#drainAll();
    this.#stopped = true;
    this.#cancelQueueAlarm?.();
    this.#cancelBeat();
    this.#cancelTimer();
    await this.#ordersOut;
  }

  #enqueue(entry: Entry): void {
    if (this.#stopped) {
      entry.settled?.reject(new Error("The daemon is stopping."));
      return;
    }
    this.#queue.push(entry);
    if (this.#draining) return;
    this.#draining = true;
    queueMicrotask(() => this.#drainSlice());
  }

  #drainAll(): void {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) this.#turn(entry);
    this.#draining = false;
    this.#setTimer();
  }

  /** All of it, if that is quickly done. Time that is simulated stands still meanwhile. */
  #drainSlice(): void {
    this.#cancelNextSlice();
    const untilMs = this.#nowMs() + sliceMs;
    let done = 0;
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      this.#turn(entry);
      done += 1;
      if (done >= sliceFacts && this.#queue.length > 0 && this.#nowMs() >= untilMs) {
        this.#watchQueue();
        this.#setTimer();
        const next = setImmediate(() => this.#drainSlice());
        this.#cancelNextSlice = () => clearImmediate(next);
        return;
      }
    }
    this.#draining = false;
    this.#setTimer();
  }

  #watchQueue(): void {
    const waitedMs = this.#nowMs() - (this.#queue[0]?.sinceMs ?? Infinity);
    if (this.#queue.length <= longestQueue && waitedMs <= longestInQueueMs) return;
    const { alarms } = this.#parts;
    alarms.raise(
      "event_queue",
      `More than ${longestQueue} events waited to be looked at, or one for more than ${longestInQueueMs} ms: the daemon cannot keep up ` +
        "with its calls. See how busy the machine is; fewer calls at once (calls.maxAtOnce, calls.maxNewPerSecond) help.",
    );
    this.#cancelQueueAlarm?.();
    this.#cancelQueueAlarm = this.#startTimer(() => {
      this.#cancelQueueAlarm = null;
      alarms.clear("event_queue");
    }, alarmStandsMs);
  }

  #nowMs(): number {
    return this.#parts.clock.now().monotonicMs;
  }

  /** Returns whether anything has changed. */
  #turn(entry: Entry): boolean {
    const { state, clock, log } = this.#parts;
    const now = clock.now();
    this.#lookBack(now);
    this.#parts.beginning?.(entry.event);
    let result: StepResult;
    try {
      result = this.#step(state, entry.event, now);
    } catch (error) {
      this.#setAside(entry, error);
      return false;
    }
    if (result.verdict.kind === "ignored") {
      const { type, ...about } = entry.event;
      log.debug({ event: type, why: result.verdict.why, about }, "event ignored");
    }
    for (const line of result.story) logStory(log, line);
    return this.#finish(entry, result, now);
  }

  /** The event is kept for the bug report, its call goes to the fallback, everything else goes on. */
  #setAside(entry: Entry, error: unknown): void {
    const { log, reportFault } = this.#parts;
    const fault = error instanceof StepFault ? error : null;
    log.error({ err: error, event: entry.event, in: fault?.in ?? null }, "a step failed: this is a bug");
    reportFault(entry.event, error);
    entry.settled?.reject(error instanceof Error ? error : new Error(String(error)));
    if (fault?.in && entry.event.type !== "fault_found") {
      const event = { type: "fault_found", in: fault.in, why: fault.message } as const;
      this.#queue.unshift({ event, sinceMs: entry.sinceMs });
    }
    if (entry.event.type === "pbx_snapshot") this.#takeAgain(entry, fault);
  }

  /**
   * Without a snapshot nobody is offered anything, ever. Whoever was to blame is out of its way now. Where nobody (else) is, the
   * process ends: the next start takes over less, see core/crash-loop.ts.
   */
  #takeAgain({ event, sinceMs, blamed = [] }: Entry, fault: StepFault | null): void {
    const blame = fault?.in ? `${fault.in.kind} ${fault.in.id}` : null;
    if (blame === null || blamed.includes(blame))
      throw new Error("What lives in Asterisk cannot be taken over: this is a bug.", { cause: fault });
    this.#queue.splice(1, 0, { event, sinceMs, blamed: [...blamed, blame] });
  }

  #finish(entry: Entry, result: StepResult, now: Now): boolean {
    const { clock, write, changed } = this.#parts;
    const { changes, story, verdict, effects } = result;
    const extra = this.#extraOf(entry, result, now);
    const hasChanges = Object.values(changes).some((rows) => rows.size > 0);
    const settled = entry.settled;
    if (!hasChanges && story.length === 0 && effects.length === 0 && !extra) {
      settled?.resolve(verdict);
      return false;
    }
    const batch: Batch = {
      changes,
      story,
      clock: { bootId: clock.bootId, ...now },
      durable: settled !== undefined,
      ...(extra ? { extra } : {}),
    };
    const committed = write(batch);
    committed.then(
      () => settled?.resolve(verdict),
      (error: Error) => {
        this.#parts.log.error({ err: error, event: entry.event.type }, "a turn could not be written");
        settled?.reject(error);
      },
    );
    if (hasChanges || story.length > 0) changed?.(changes, story);
    if (effects.length > 0) this.#sendOrders(effects, committed);
    return hasChanges;
  }

  #extraOf(entry: Entry, result: StepResult, now: Now): Extra | null {
    if (!entry.extra || result.verdict.kind !== "done") return null;
    if (typeof entry.extra !== "function") return entry.extra;
    try {
      return entry.extra(result, now);
    } catch (error) {
      // The step is made and must be written; who has asked is told that this went wrong.
      this.#setAside(entry, error);
      return null;
    }
  }

  /** In the order of the turns, each as soon as it is on disk or has waited long enough for that. */
  #sendOrders(effects: readonly Effect[], committed: Promise<void>): void {
    const ready = this.#onDiskOrLate(committed);
    this.#ordersOut = this.#ordersOut.then(async () => {
      await ready;
      for (const effect of effects) {
        this.#parts.beginning?.(effect);
        this.#parts.carryOut(effect);
      }
    });
  }

  async #onDiskOrLate(committed: Promise<void>): Promise<void> {
    const { alarms } = this.#parts;
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const cancel = this.#startTimer(() => resolve("late"), commitWaitMs);
    const first = await Promise.race([late, committed.catch(() => undefined)]);
    cancel();
    if (first !== "late") return;
    alarms.raise("store_slow", `The database takes more than ${commitWaitMs} ms to write; calls go on.`);
    committed.finally(() => alarms.clear("store_slow")).catch(() => undefined);
  }

  /** Deadlines alone may be far apart. */
  #beat(): void {
    if (!this.#parts.standstill || this.#stopped) return;
    if (this.#lookBack(this.#parts.clock.now())) this.#setTimer();
    this.#cancelBeat = this.#startTimer(() => this.#beat(), beatMs);
  }

  /** Before anything else is done: whoever was rung while we stood still is not to blame. */
  #lookBack(now: Now): boolean {
    const found = this.#parts.standstill?.look(now);
    if (!found) return false;
    this.#parts.log.info(found, "the daemon stood still or the clock was set; what has happened goes first");
    this.#stoodStill = { upToMs: now.monotonicMs, waitUntilMs: now.monotonicMs + catchUpMs };
    this.#turn({ event: { type: "stood_still" }, sinceMs: now.monotonicMs });
    return true;
  }

  #setTimer(): void {
    this.#cancelTimer();
    if (this.#stopped) return;
    const next = nextDeadline(this.#parts.state);
    if (!next) return;
    const { monotonicMs } = this.#parts.clock.now();
    const waitMs = this.#dueAt(next.atMs) - monotonicMs;
    this.#wakeAfter(Math.min(Math.max(0, waitMs), longestTimerMs));
  }

  /** When a deadline is handled: at its time, or a little later if it passed while we stood still. */
  #dueAt(atMs: number): number {
    return atMs <= this.#stoodStill.upToMs ? Math.max(atMs, this.#stoodStill.waitUntilMs) : atMs;
  }

  #wakeAfter(waitMs: number): void {
    this.#cancelTimer = this.#startTimer(() => this.#wake(), waitMs);
  }

  #wake(): void {
    const { state, clock } = this.#parts;
    const next = nextDeadline(state);
    const nowMs = clock.now().monotonicMs;
    if (next && this.#dueAt(next.atMs) <= nowMs) {
      // Facts that have come in by now go first, unless there is no end of them.
      const untilMs = this.#dueAt(next.atMs) + catchUpMs;
      if (this.#queue.length > 0 && nowMs < untilMs) {
        this.#wakeAfter(untilMs - nowMs);
        return;
      }
      const hasChanged = this.#turn({
        event: { type: "deadline_passed", of: next.of },
        sinceMs: nowMs,
      });
      this.#drainSlice();
      const after = nextDeadline(state);
      // The same deadline still stands, and nothing was done about it: its step has failed and nobody could be blamed. Do not
      // spin. When something was done, there is more to do at the same moment.
      const stands =
        after?.atMs === next.atMs && after.of.kind === next.of.kind && after.of.id === next.of.id;
      if (stands && !hasChanged) {
        this.#cancelTimer();
        this.#wakeAfter(faultPauseMs);
      }
      return;
    }
    this.#setTimer();
  }
}
