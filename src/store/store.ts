import type { CallId } from "../core/ids.ts";
import type { WallMs } from "../core/time.ts";
import type { Arrivals, ArrivalsWanted } from "./arrivals.ts";
import type { AuditRecord, ChangesWanted } from "./audit.ts";
import type { Examination } from "./check.ts";
import { type Copy, listCopies } from "./copies.ts";
import type { CountedRow } from "./counted.ts";
import { emptyBatch } from "./empty-batch.ts";
import { erasedAtOnce } from "./erase-numbers.ts";
import { StoreError } from "./errors.ts";
import type { ReaderAnswers, ReaderQuestion } from "./reader.ts";
import { notesOf } from "./set-aside.ts";
import { endThreads, startThreads, type Threads } from "./threads.ts";
import type { Batch, CallRecord, CallsWanted, CallWithEvents, Clock, Loaded } from "./types.ts";
import { WriteQueue } from "./write-queue.ts";

export type StoreOptions = {
  /** Of the database; its folder must exist. */
  readonly path: string;
  /**
   * Called with one line for people when changes cannot be written for now, again when the reason changes, and with
   * null when all is written.
   */
  readonly onTrouble: (message: string | null) => void;
  /**
   * Called when a change can never be written: a bug, and its rows stay as they were until they change again. Its promise
   * is rejected, too. Without this, `onTrouble` gets the line.
   */
  readonly onBadBatch?: (error: StoreError) => void;
};

/** Reads that wait for an answer at most; a list takes milliseconds. */
const readsMax = 200;
/** After so many batches the log is moved into the database: when people call, some 30 MB of it. */
const batchesPerCheckpoint = 500;
/** How long closing waits for a database that cannot be written. */
const drainTimeoutMs = 10_000;

/**
 * Opens the database, makes it when it is not there, with threads that were started ahead. Throws StoreError with one clear line
 * (`not_a_database`, `foreign_database`, `newer_database`, `cannot_open`); nothing is left running then.
 */
export async function openStore(options: StoreOptions, threads = startThreads(options.path)): Promise<Store> {
  try {
    const { created } = await threads.writer.ask({ kind: "open" });
    return new Store(options, threads, created);
  } catch (error) {
    await endThreads(threads);
    throw error;
  }
}

/** The daemon's database. All work is done in three threads; here are only the queue and the questions. */
export class Store {
  /** The database was made by this start. */
  readonly created: boolean;
  readonly #writer: Threads["writer"];
  readonly #reader: Threads["reader"];
  readonly #tidier: Threads["tidier"];
  #batchesSinceCheckpoint = 0;
  readonly #queue: WriteQueue;
  readonly #path: string;
  #closed: Promise<void> | null = null;
  #proof: Promise<void> | null = null;

  /** Use `openStore`. */
  constructor(
    { path, onTrouble, onBadBatch }: StoreOptions,
    { writer, reader, tidier }: Threads,
    created: boolean,
  ) {
    this.#writer = writer;
    this.#reader = reader;
    this.#tidier = tidier;
    this.created = created;
    this.#path = path;
    this.#queue = new WriteQueue(writer, path, {
      onTrouble,
      onBadBatch: onBadBatch ?? ((error) => onTrouble(error.message)),
    });
  }

  /**
   * Kept when the batch is committed; batches are committed in the order of the calls. While the database cannot be
   * written the promise stays open and the batch waits in memory; when too many wait there, the promises of those that
   * are not `durable` are kept early. Rejects with StoreError `bad_batch` when the batch can
   * never be written, and `closed` when the store is closed first. Both have been reported when nobody waits any more,
   * so an unwatched promise is no danger to the process.
   */
  write(batch: Batch): Promise<void> {
    if (this.#closed)
      return Promise.reject(new StoreError("closed", "The store is closed; nothing was written."));
    const written = this.#queue.write(batch);
    written.then(
      () => this.#tidyUpWhenDue(),
      () => undefined,
    );
    return written;
  }

  /**
   * Resolves when the database has taken something for good just now; it is tried at once, also when it did not work a moment
   * ago. Whoever asks meanwhile shares the answer. Stays open while nothing can be written.
   */
  prove(clock: Clock): Promise<void> {
    this.#proof ??= this.write(emptyBatch(clock)).finally(() => {
      this.#proof = null;
    });
    this.#queue.hurry();
    return this.#proof;
  }

  #tidyUpWhenDue(): void {
    this.#batchesSinceCheckpoint += 1;
    if (this.#batchesSinceCheckpoint < batchesPerCheckpoint || this.#tidier.pending > 0 || this.#closed)
      return;
    this.#batchesSinceCheckpoint = 0;
    // What keeps it from tidying up now is no loss: the log only grows, and the writer tidies up at its bound.
    this.#tidier.ask({ kind: "checkpoint" }).catch(() => undefined);
  }

  /**
   * Erases the numbers of callers whose calls arrived before this moment, and resolves with how many when all are gone. Rejects
   * with what SQLite says when the database cannot be written; some may be gone then.
   */
  async eraseNumbers(beforeMs: WallMs): Promise<number> {
    let erased = 0;
    for (let more = erasedAtOnce; more === erasedAtOnce; erased += more) {
      this.#refuseIfClosed();
      more = await this.#writer.ask({ kind: "erase_numbers", beforeMs });
    }
    return erased;
  }

  /**
   * Makes one of the copies that are made all the time, as of one moment and while all goes on, and gives when. Rejects with
   * StoreError `cannot_copy`; the copies there are stay then.
   */
  async copy(): Promise<Copy> {
    this.#refuseIfClosed();
    return this.#tidier.ask({ kind: "copy" });
  }

  /** Copies all there is, as of one moment, into this file (mode 0600), which is on disk and sound when that resolves. */
  async copyInto(file: string): Promise<void> {
    this.#refuseIfClosed();
    await this.#tidier.ask({ kind: "copy_into", file });
  }

  /** Newest first. */
  copies(): readonly Copy[] {
    return listCopies(this.#path);
  }

  /** What a start has found damaged and set aside, in one line each, newest first; for as long as its note lies there. */
  setAside(): readonly string[] {
    return notesOf(this.#path);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new StoreError("closed", "The store is closed.");
  }

  /** Batches that are not on disk yet. */
  backlog(): number {
    return this.#queue.backlog;
  }

  /** Why nothing can be written at present, in one line; null: nothing is known to be wrong. */
  trouble(): string | null {
    return this.#queue.trouble;
  }

  /** What is on disk. The monotonic times in it are of the boot that `clock` names: see rebaseClock. */
  load(): Promise<Loaded> {
    return this.#read({ kind: "load" });
  }

  /** Newest first; running calls are among them, with `outcome: null`. */
  calls(wanted: CallsWanted): Promise<readonly CallRecord[]> {
    return this.#read({ kind: "calls", wanted });
  }

  /**
   * A call with its story, null when there is none. `id` may be the beginning or the end of one; StoreError
   * `ambiguous_call` when it fits several.
   */
  call(id: string): Promise<CallWithEvents | null> {
    return this.#read({ kind: "call", id });
  }

  /** Those of the given calls whose end is on disk. */
  endedCalls(ids: readonly CallId[]): Promise<readonly CallId[]> {
    return this.#read({ kind: "ended_calls", ids });
  }

  /** How many calls were offered to a hotline in each hour of the week, and how long people talked. */
  arrivals(wanted: ArrivalsWanted): Promise<Arrivals> {
    return this.#read({ kind: "arrivals", wanted });
  }

  /** What administrators have changed, newest first. */
  changes(wanted: ChangesWanted): Promise<readonly AuditRecord[]> {
    return this.#read({ kind: "changes", wanted });
  }

  /** Null: there is no such change. */
  change(id: number): Promise<AuditRecord | null> {
    return this.#read({ kind: "change", id });
  }

  /** The newest change that can be undone, is in effect, and undoes nothing itself. */
  lastUndoable(): Promise<AuditRecord | null> {
    return this.#read({ kind: "last_undoable" });
  }

  /** The newest later change in effect of one of the rows that this one has changed; null: none. */
  changeSince(id: number): Promise<number | null> {
    return this.#read({ kind: "change_since", id });
  }

  /** What figures are made of: the calls of all hotlines that arrived at this moment or later. */
  counted(fromMs: WallMs): Promise<readonly CountedRow[]> {
    return this.#read({ kind: "counted", fromMs });
  }

  /** Whether the file is damaged, as far as that can be found in the time. Lists have to wait meanwhile. */
  examine(atMostMs: number): Promise<Examination> {
    return this.#read({ kind: "examine", atMostMs });
  }

  /**
   * Writes what waits, moves the log into the database and ends the threads. Rejects with StoreError `cannot_write` when
   * the database could not be written for ten seconds; all is ended then, too, and what waited is lost.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const lost = await this.#queue.close(drainTimeoutMs);
    // The others first: only the last connection can tidy up the log. Whatever keeps it from that is no loss, the next
    // start does it. A writer that could not write is not asked for more.
    if (this.#tidier.running) await this.#tidier.ask({ kind: "close" }).catch(() => undefined);
    await this.#tidier.end();
    if (this.#reader.running) await this.#reader.ask({ kind: "close" }).catch(() => undefined);
    await this.#reader.end();
    if (lost === 0) await this.#writer.ask({ kind: "close" }).catch(() => undefined);
    await this.#writer.end();
    if (lost > 0)
      throw new StoreError(
        "cannot_write",
        `${lost} changes could not be written to ${this.#path} and are lost.`,
      );
  }

  #read<Asking extends ReaderQuestion>(question: Asking): Promise<ReaderAnswers[Asking["kind"]]> {
    if (this.#closed) return Promise.reject(new StoreError("closed", "The store is closed."));
    if (this.#reader.pending >= readsMax)
      return Promise.reject(
        new StoreError("too_many_reads", "Too many lists are asked for at once. Try again."),
      );
    return this.#reader.ask(question);
  }
}
