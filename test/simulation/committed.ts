import { isDeepStrictEqual } from "node:util";
import type { Agent } from "../../src/core/agents.ts";
import type { Call } from "../../src/core/calls.ts";
import type { Desk } from "../../src/core/desks.ts";
import type { Hotline } from "../../src/core/hotlines.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { NumberRow } from "../../src/core/state.ts";
import type { Batch, Loaded } from "../../src/store/types.ts";

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
