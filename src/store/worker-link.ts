import { flushCompileCache } from "node:module";
import { parentPort, Worker } from "node:worker_threads";
import { messageOf, StoreError, type StoreErrorCode } from "./errors.ts";

/*
 * Questions and answers between the main thread and a worker thread, over one port, matched by number.
 */

type Asked = { readonly id: number; readonly question: unknown };
type Answered =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly code: StoreErrorCode | null; readonly message: string };

type Pending = {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
};

/** Maps the `kind` of a question to the type of its answer. */
type Answers<Question extends { kind: string }> = Record<Question["kind"], unknown>;

/** The main thread's end. The thread starts with the first question, and again with the next one if it has died. */
export class WorkerLink<Question extends { kind: string }, Answer extends Answers<Question>> {
  readonly #entry: URL;
  readonly #workerData: unknown;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | null = null;
  #lastId = 0;

  /** `entry` is the module the thread runs, `workerData` is handed to it. */
  constructor(entry: URL, workerData: unknown) {
    this.#entry = entry;
    this.#workerData = workerData;
  }

  /** Ahead of the first question: it loads what it needs while others do something else. */
  start(): void {
    this.#worker ??= this.#start();
  }

  /** Whether the thread has been started and lives. */
  get running(): boolean {
    return this.#worker !== null;
  }

  /** Questions without an answer yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Rejects with the StoreError that the thread has thrown, with `thread_died` when it ended before the answer (it
   * may or may not have done its work), or with DataCloneError when the question cannot be posted.
   */
  ask<Asking extends Question>(question: Asking): Promise<Answer[Asking["kind"]]> {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      const id = ++this.#lastId;
      this.#worker.postMessage({ id, question } satisfies Asked);
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { workerData: this.#workerData });
    let why = "it ended";
    worker.on("message", (answered: Answered) => this.#settle(answered));
    worker.on("error", (error) => {
      why = messageOf(error);
    });
    worker.on("exit", () => {
      this.#worker = null;
      const pending = [...this.#pending.values()];
      this.#pending.clear();
      for (const { reject } of pending)
        reject(new StoreError("thread_died", `A thread of the store has died: ${why}`));
    });
    return worker;
  }

  #settle(answered: Answered): void {
    const pending = this.#pending.get(answered.id);
    if (!pending) return;
    this.#pending.delete(answered.id);
    if ("answer" in answered) pending.resolve(answered.answer as never);
    else
      pending.reject(
        answered.code ? new StoreError(answered.code, answered.message) : new Error(answered.message),
      );
  }
}

/** Not in the way of the first answers. */
const keepCompiledAfterMs = 1_000;

/** The thread's end: answers questions one after the other. What `answer` throws goes back to who asked. */
export function answerQuestions<Question>(answer: (question: Question) => unknown): void {
  const port = parentPort;
  if (!port) throw new Error("This module runs in a worker thread only.");
  const reply = (answered: Answered) => port.postMessage(answered);
  // For the next start, which may follow a crash: at that end Node would write nothing.
  setTimeout(flushCompileCache, keepCompiledAfterMs).unref();
  port.on("message", ({ id, question }: Asked) => {
    try {
      reply({ id, answer: answer(question as Question) });
    } catch (error) {
      reply({ id, code: error instanceof StoreError ? error.code : null, message: messageOf(error) });
    }
  });
}

/** A module of this folder that a thread starts with: as `.ts` in development, as `.js` in the package. */
export function threadEntry(name: "writer" | "reader" | "tidier"): URL {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  return new URL(`./${name}${extension}`, import.meta.url);
}
