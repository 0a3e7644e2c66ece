import type { Database } from "better-sqlite3";
import { load } from "../../src/store/load.ts";
import { openForWriting } from "../../src/store/open-database.ts";
import type { Loaded } from "../../src/store/types.ts";
import { threadEntry, WorkerLink } from "../../src/store/worker-link.ts";
import { GroupWriter, type NumberedBatch, type Rejected } from "../../src/store/write-group.ts";
import type { WritingThread } from "../../src/store/write-queue.ts";
import type { WriterAnswers, WriterQuestion } from "../../src/store/writer.ts";
import type { Chance } from "./chance.ts";
import type { Committed } from "./committed.ts";
import type { Trouble } from "./moves.ts";
import type { Timeline } from "./timeline.ts";

type Written = { readonly rejected: readonly Rejected[] };

/**
 * The database: a real file, written by the store's own code (migrations, statements, groups, queue). As a rule without
 * its threads: what the writing thread does is done here, in one instant of simulated time after the delay of a disk, which
 * is several times as fast. With `threaded` the store's own thread does it, and simulated time stands still meanwhile. The
 * file stays open between seeds and is emptied, since making it anew takes longer than a whole scenario.
 */
export class DatabaseFile {
  readonly db: Database;
  readonly #groups: GroupWriter;
  readonly #thread: WorkerLink<WriterQuestion, WriterAnswers> | null;
  readonly #tables: readonly string[];

  constructor(path: string, threaded: boolean) {
    this.db = openForWriting(path).db;
    this.#groups = new GroupWriter(this.db);
    this.#thread = threaded ? new WorkerLink(threadEntry("writer"), { path }) : null;
    this.#tables = this.db
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations' AND name NOT LIKE 'sqlite_%'",
      )
      .pluck()
      .all() as string[];
  }

  write(run: string, batches: readonly NumberedBatch[]): Written | Promise<Written> {
    return this.#thread
      ? this.#thread.ask({ kind: "write", run, batches })
      : { rejected: this.#groups.write(run, batches) };
  }

  empty(): void {
    this.db.pragma("foreign_keys = OFF");
    this.db.exec(`BEGIN; ${this.#tables.map((table) => `DELETE FROM "${table}";`).join("")} COMMIT`);
    this.db.pragma("foreign_keys = ON");
  }

  async close(): Promise<void> {
    await this.#thread?.ask({ kind: "close" });
    await this.#thread?.end();
    this.db.close();
  }
}

export type DiskParts = {
  readonly file: DatabaseFile;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly troubles: ReadonlyMap<Trouble, number>;
  readonly committed: Committed;
  /** An answer is on its way to the daemon; time stands still until it is there. */
  readonly touched: (answer: Promise<unknown> | null) => void;
  readonly note: (line: string) => void;
};

/** The writing thread of one life of the daemon. */
export class DiskThread implements WritingThread {
  readonly #parts: DiskParts;
  readonly #life: number;
  #alive = true;
  #groups = 0;
  #lastWritten = 0;
  #inFlight: (() => void) | null = null;

  constructor(parts: DiskParts, life: number) {
    this.#parts = parts;
    this.#life = life;
  }

  read(): Loaded {
    return load(this.#parts.file.db);
  }

  ask(question: { run: string; batches: readonly NumberedBatch[] }): Promise<Written> {
    const { timeline, chance, troubles } = this.#parts;
    const name = `${this.#life}.${++this.#groups}`;
    const slow = chance.happens(`slow disk ${name}`, troubles.get("slow_disk") ?? 0);
    const waitMs = slow ? chance.between(`disk ${name}`, 20, 1_500) : chance.between(`disk ${name}`, 0, 2);
    const { promise, resolve, reject } = Promise.withResolvers<Written>();
    const fails = chance.happens(`failing disk ${name}`, troubles.get("failing_disk") ?? 0);
    const failsAfter = fails && chance.happens(`failing after ${name}`, 0.3);
    this.#inFlight = () => resolve(this.#write(question.run, question.batches));
    timeline.after(waitMs, () => {
      if (!this.#alive) return;
      this.#parts.touched(null);
      const write = this.#inFlight;
      this.#inFlight = null;
      if (fails) {
        this.#parts.note(`(the disk fails${failsAfter ? " after writing" : ""})`);
        if (failsAfter) this.#write(question.run, question.batches);
        reject(new Error("database or disk is full"));
      } else write?.();
    });
    return promise;
  }

  /** The process is killed. What the writer is at may be committed all the same. */
  die(): void {
    if (this.#inFlight && this.#parts.chance.happens(`last group ${this.#life}`, 0.5)) this.#inFlight();
    this.#alive = false;
  }

  #write(run: string, group: readonly NumberedBatch[]): Written | Promise<Written> {
    const written = this.#parts.file.write(run, group);
    if (!(written instanceof Promise)) return this.#note(group, written);
    const noted = written.then((answer) => this.#note(group, answer));
    this.#parts.touched(noted);
    return noted;
  }

  #note(group: readonly NumberedBatch[], written: Written): Written {
    const refused = new Set(written.rejected.map(({ number }) => number));
    for (const { number, batch } of group) {
      if (number <= this.#lastWritten || refused.has(number)) continue;
      this.#parts.committed.add(batch);
      this.#lastWritten = number;
    }
    return written;
  }
}
