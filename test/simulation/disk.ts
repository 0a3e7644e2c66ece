import { isDeepStrictEqual } from "node:util";
import type { Database } from "better-sqlite3";
import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Desk } from "../../src/core/desks.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { NumberRow } from "../../src/core/state.ts";
import { load } from "../../src/store/load.ts";
import { openForWriting } from "../../src/store/open-database.ts";
import type { Batch, Loaded } from "../../src/store/types.ts";
import { GroupWriter, type NumberedBatch, type Rejected } from "../../src/store/write-group.ts";
import type { WritingThread } from "../../src/store/write-queue.ts";
import type { Chance } from "./chance.ts";
import type { Trouble } from "./moves.ts";
import type { Timeline } from "./timeline.ts";

/**
 * The database: a real file, written by the store's own code (migrations, statements, groups, queue). Only its threads are
 * left out: what the writing thread does is done here, in one instant of simulated time after the delay of a disk. Threads
 * would make each seed ten times as long and no two runs alike; test/store tests them. The file stays open between seeds
 * and is emptied, since making it anew takes longer than a whole scenario.
 */
export class DatabaseFile {
  readonly db: Database;
  readonly groups: GroupWriter;
  readonly #tables: readonly string[];

  constructor(path: string) {
    this.db = openForWriting(path).db;
    this.groups = new GroupWriter(this.db);
    this.#tables = this.db
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations' AND name NOT LIKE 'sqlite_%'",
      )
      .pluck()
      .all() as string[];
  }

  empty(): void {
    this.db.pragma("foreign_keys = OFF");
    this.db.exec(`BEGIN; ${this.#tables.map((table) => `DELETE FROM "${table}";`).join("")} COMMIT`);
    this.db.pragma("foreign_keys = ON");
  }

  close(): void {
    this.db.close();
  }
}

/** What must be in the database: all committed batches, put together without it. */
export class Committed {
  readonly hotlines = new Map<string, Hotline>();
  readonly numbers = new Map<string, NumberRow>();
  readonly desks = new Map<string, Desk>();
  readonly agents = new Map<string, Agent>();
  readonly calls = new Map<string, Call>();
  readonly batches = new Set<Batch>();
  /** How often a call has ended, by what was written. */
  readonly ends = new Map<CallId, number>();
  /** How many lines the story of a call has. */
  readonly lines = new Map<CallId, number>();
  /** Calls whose arrival was written. */
  readonly arrived = new Set<CallId>();
  /** With whom a call was connected. */
  readonly connected = new Map<CallId, string>();
  /** Calls that somebody outside has taken. */
  readonly forwarded = new Set<CallId>();

  add(batch: Batch): void {
    this.batches.add(batch);
    apply(this.hotlines, batch.changes.hotlines);
    apply(this.numbers, batch.changes.numbers);
    apply(this.desks, batch.changes.desks);
    apply(this.agents, batch.changes.agents);
    apply(this.calls, batch.changes.calls);
    for (const line of batch.story) {
      if (!("call" in line)) continue;
      this.lines.set(line.call, (this.lines.get(line.call) ?? 0) + 1);
      if (line.told.what === "arrived") this.arrived.add(line.call);
      if (line.told.what === "connected") this.connected.set(line.call, line.told.agent);
      if (line.told.what === "forwarded") this.forwarded.add(line.call);
      if (line.told.what === "ended") this.ends.set(line.call, (this.ends.get(line.call) ?? 0) + 1);
    }
  }

  /** Names the first row that the database has otherwise; null when all is the same. */
  differenceTo(loaded: Loaded): string | null {
    return (
      difference("hotline", this.hotlines, new Map(loaded.hotlines.map((row) => [row.id, row]))) ??
      difference("number", this.numbers, new Map(loaded.numbers.map((row) => [row.number, row]))) ??
      difference("desk", this.desks, new Map(loaded.desks.map((row) => [row.hotline, row]))) ??
      difference("agent", this.agents, new Map(loaded.agents.map((row) => [row.id, row]))) ??
      difference("call", this.calls, new Map(loaded.calls.map((row) => [row.id, row])))
    );
  }
}

function apply<Row>(to: Map<string, Row>, changes: ReadonlyMap<string, Row | null>): void {
  for (const [id, row] of changes) {
    if (row === null) to.delete(id);
    else to.set(id, row);
  }
}

function difference(
  what: string,
  expected: ReadonlyMap<string, unknown>,
  found: ReadonlyMap<string, unknown>,
): string | null {
  for (const [id, row] of expected)
    if (!isDeepStrictEqual(plain(row), plain(found.get(id))))
      return `${what} ${id} was written as ${JSON.stringify(row)} and read as ${JSON.stringify(found.get(id))}`;
  for (const id of found.keys()) if (!expected.has(id)) return `${what} ${id} was deleted and is still there`;
  return null;
}

/** Without an order of memberships, which the database does not keep. */
function plain(row: unknown): unknown {
  if (typeof row !== "object" || row === null || !("memberships" in row)) return row;
  const memberships = row.memberships as readonly { hotline: string }[];
  return { ...row, memberships: [...memberships].sort((a, b) => (a.hotline < b.hotline ? -1 : 1)) };
}

export type DiskParts = {
  readonly file: DatabaseFile;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly troubles: ReadonlyMap<Trouble, number>;
  readonly committed: Committed;
  /** An answer is on its way to the daemon. */
  readonly touched: () => void;
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

  ask(question: {
    run: string;
    batches: readonly NumberedBatch[];
  }): Promise<{ rejected: readonly Rejected[] }> {
    const { timeline, chance, troubles } = this.#parts;
    const name = `${this.#life}.${++this.#groups}`;
    const slow = chance.happens(`slow disk ${name}`, troubles.get("slow_disk") ?? 0);
    const waitMs = slow ? chance.between(`disk ${name}`, 20, 1_500) : chance.between(`disk ${name}`, 0, 2);
    const { promise, resolve, reject } = Promise.withResolvers<{ rejected: readonly Rejected[] }>();
    const fails = chance.happens(`failing disk ${name}`, troubles.get("failing_disk") ?? 0);
    const failsAfter = fails && chance.happens(`failing after ${name}`, 0.3);
    this.#inFlight = () => resolve({ rejected: this.#write(question.run, question.batches) });
    timeline.after(waitMs, () => {
      if (!this.#alive) return;
      this.#parts.touched();
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

  #write(run: string, group: readonly NumberedBatch[]): readonly Rejected[] {
    const { file, committed } = this.#parts;
    const rejected = file.groups.write(run, group);
    const refused = new Set(rejected.map(({ number }) => number));
    for (const { number, batch } of group) {
      if (number <= this.#lastWritten || refused.has(number)) continue;
      committed.add(batch);
      this.#lastWritten = number;
    }
    return rejected;
  }
}
