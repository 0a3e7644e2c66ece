import { messageOf, StoreError } from "./errors.ts";
import { fold } from "./fold.ts";
import type { Batch } from "./types.ts";
import type { NumberedBatch, Rejected } from "./write-group.ts";
import type { WriterAnswers, WriterQuestion } from "./writer.ts";

/*
 * What has been asked to be written and is not on disk yet, in order. Nothing leaves the queue before the writer has
 * said that it is committed.
 *
 * idle      nothing waits. -> writing (write)
 * writing   a group is with the writer; what comes meanwhile waits for the next group. -> idle, writing, retrying
 * retrying  the writer could not write; it is tried again after a pause that grows. -> writing
 * closed    given up or done; answers that come late are not heard.
 */

/** Batches in one transaction at most, so that a long backlog is not all or nothing. */
const groupMax = 500;
/** Batches in memory before they are folded into one. A day of an ordinary hotline; some 100 MB. */
export const waitingMax = 50_000;
/** Story lines that a folded batch keeps at most: the records of some 30 000 calls. */
const foldedLinesMax = 100_000;
const firstPauseMs = 100;
const longestPauseMs = 2000;
const tooSlow = "it is too slow";
const keptText = {
  all: "Changes wait in memory until it works.",
  outcomes: "Too many changes wait in memory: details of calls are lost, their outcomes are kept.",
  latest: "Too many changes wait in memory: the oldest calls will be missing in the record.",
};

type Waiting = NumberedBatch & { readonly waiters: readonly Waiter[] };
type Waiter = { readonly resolve: () => void; readonly reject: (error: Error) => void };
type Phase = "idle" | "writing" | "retrying" | "closed";

export type QueueReports = {
  /** A line for people while the database cannot be written, null when all is written again. */
  readonly onTrouble: (message: string | null) => void;
  /** A batch can never be written: a bug. */
  readonly onBadBatch: (error: StoreError) => void;
};

/** What the queue asks of the writing thread. */
export type WritingThread = {
  ask(question: Extract<WriterQuestion, { kind: "write" }>): Promise<WriterAnswers["write"]>;
};

/** Runs something once after so many milliseconds; what it returns calls that off. */
export type StartTimer = (run: () => void, afterMs: number) => () => void;

const systemTimer: StartTimer = (run, afterMs) => {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
};

export class WriteQueue {
  readonly #writer: WritingThread;
  readonly #path: string;
  readonly #reports: QueueReports;
  /** Numbers start anew with every process; together with this name they are unique. */
  readonly #run = crypto.randomUUID();
  #waiting: Waiting[] = [];
  #phase: Phase = "idle";
  #inFlight = 0;
  #lastNumber = 0;
  #groupSize = groupMax;
  #pauseMs = firstPauseMs;
  readonly #startTimer: StartTimer;
  #cancelTimer: () => void = () => undefined;
  /** What was reported last. */
  #trouble: string | null = null;
  #why = tooSlow;
  /** What is kept of what waits, since the trouble began. */
  #kept: keyof typeof keptText = "all";
  #onDrained: (() => void) | null = null;

  /** `startTimer` is the machine's, unless time is simulated. */
  constructor(writer: WritingThread, path: string, reports: QueueReports, startTimer = systemTimer) {
    this.#startTimer = startTimer;
    this.#writer = writer;
    this.#path = path;
    this.#reports = reports;
  }

  /** Batches that are not on disk yet; folded ones count as one. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Why nothing can be written at present, as it was reported; null: nothing is known to be wrong. */
  get trouble(): string | null {
    return this.#trouble;
  }

  write(batch: Batch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ number: ++this.#lastNumber, batch, waiters: [{ resolve, reject }] });
      if (this.#waiting.length > waitingMax) this.#foldWaiting();
      if (this.#phase === "idle") this.#send();
    });
  }

  /** Somebody waits: tries now instead of after the pause. */
  hurry(): void {
    if (this.#phase === "retrying") this.#send();
  }

  /**
   * Waits until all is on disk, for `timeoutMs` at most. What is not written by then is given up: its promises are
   * rejected. Returns how many batches that were. Nothing may be written after this was called.
   */
  async close(timeoutMs: number): Promise<number> {
    const drained = new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
    if (this.#phase === "retrying") this.#send();
    if (this.#phase === "idle") this.#onDrained?.();
    const cancel = this.#startTimer(() => this.#onDrained?.(), timeoutMs);
    await drained;
    cancel();
    this.#cancelTimer();
    this.#phase = "closed";
    const lost = this.#waiting.splice(0);
    const error = new StoreError("closed", "The store was closed before this change could be written.");
    for (const { waiters } of lost) for (const { reject } of waiters) reject(error);
    return lost.length;
  }

  #send(): void {
    this.#cancelTimer();
    this.#phase = "writing";
    const group = this.#waiting.slice(0, this.#groupSize);
    this.#inFlight = group.length;
    const batches = group.map(({ number, batch }) => ({ number, batch }));
    this.#writer.ask({ kind: "write", run: this.#run, batches }).then(
      ({ rejected }) => this.#written(rejected),
      (error: unknown) => this.#failed(error),
    );
  }

  #written(rejected: readonly Rejected[]): void {
    if (this.#phase === "closed") return;
    const why = new Map(rejected.map(({ number, message }) => [number, message]));
    for (const { number, waiters } of this.#waiting.splice(0, this.#inFlight)) {
      const message = why.get(number);
      if (message === undefined) for (const { resolve } of waiters) resolve();
      else this.#refuse(waiters, message);
    }
    this.#pauseMs = firstPauseMs;
    this.#groupSize = Math.min(groupMax, this.#groupSize * 2);
    this.#goOn();
  }

  #failed(error: unknown): void {
    if (this.#phase === "closed") return;
    if (error instanceof DOMException) {
      this.#cannotPost(error);
      return;
    }
    this.#inFlight = 0;
    this.#phase = "retrying";
    this.#why = messageOf(error);
    this.#reportTrouble();
    this.#cancelTimer = this.#startTimer(() => this.#send(), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  /** Something in the group cannot be copied to another thread. One by one it shows which it is. */
  #cannotPost(error: Error): void {
    if (this.#inFlight === 1) {
      for (const { waiters } of this.#waiting.splice(0, 1)) this.#refuse(waiters, error.message);
    }
    this.#groupSize = 1;
    this.#goOn();
  }

  #goOn(): void {
    this.#inFlight = 0;
    if (this.#waiting.length) {
      this.#send();
      return;
    }
    this.#phase = "idle";
    this.#why = tooSlow;
    this.#kept = "all";
    this.#report(null);
    this.#onDrained?.();
  }

  #refuse(waiters: readonly Waiter[], message: string): void {
    const error = new StoreError("bad_batch", `A change could not be stored and is lost: ${message}`);
    for (const { reject } of waiters) reject(error);
    this.#reports.onBadBatch(error);
  }

  /** What is with the writer stays as it is: it may be committed already. */
  #foldWaiting(): void {
    const rest = this.#waiting.splice(this.#inFlight);
    const last = rest.at(-1);
    if (!last) return;
    const batches = rest.map(({ batch }) => batch);
    // Whoever waits for an administrator's change goes on waiting. The others would become more without end.
    const waiters = rest.flatMap(({ batch, waiters: all }) => (batch.durable ? all : letGo(all)));
    const batch = fold(batches, foldedLinesMax);
    this.#waiting.push({ number: last.number, batch, waiters });
    if (batch.story.length >= foldedLinesMax) this.#kept = "latest";
    else if (this.#kept === "all") this.#kept = "outcomes";
    this.#reportTrouble();
  }

  #reportTrouble(): void {
    this.#report(`Cannot write to ${this.#path}: ${this.#why}. ${keptText[this.#kept]}`);
  }

  #report(message: string | null): void {
    if (message === this.#trouble) return;
    this.#trouble = message;
    this.#reports.onTrouble(message);
  }
}

function letGo(waiters: readonly Waiter[]): [] {
  for (const { resolve } of waiters) resolve();
  return [];
}
