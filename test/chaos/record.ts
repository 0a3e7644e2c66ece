/** What the database says, read from its file, when all is over. */
import Database from "better-sqlite3";
import { homePaths } from "../../src/config/paths.ts";
import type { System } from "../support/system.ts";

export interface Line {
  readonly atMs: number;
  readonly what: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Row {
  readonly id: string;
  readonly from: string | null;
  readonly arrivedMs: number;
  readonly endedMs: number | null;
  readonly outcome: string | null;
  readonly endedBy: string | null;
  readonly waitMs: number | null;
  readonly talkMs: number | null;
  readonly agent: string | null;
  readonly story: readonly Line[];
}

export interface TheRecord {
  readonly rows: readonly Row[];
  /** Rows of running calls, and of agents who are not idle, when nobody calls any more. */
  readonly leftovers: readonly string[];
}

const callsSql = `SELECT id, caller_number AS "from", arrived_ms AS arrivedMs, ended_ms AS endedMs, outcome,
  ended_by AS endedBy, wait_ms AS waitMs, talk_ms AS talkMs, agent FROM calls LEFT JOIN call_numbers ON call = id`;

export function readRecord(system: System): TheRecord {
  const db = new Database(homePaths(system.home).database, { readonly: true });
  try {
    const stories = new Map<string, Line[]>();
    const events = db
      .prepare<[], { call: string; atMs: number; what: string; detail: string }>(
        "SELECT call, at_ms AS atMs, what, detail FROM call_events ORDER BY call, seq",
      )
      .all();
    for (const { call, atMs, what, detail } of events) {
      const line = { atMs, what, detail: JSON.parse(detail) };
      stories.set(call, [...(stories.get(call) ?? []), line]);
    }
    const rows = db.prepare<[], Omit<Row, "story">>(callsSql).all();
    const calls = db.prepare<[], string>("SELECT id FROM live_calls").pluck().all();
    const agents = db
      .prepare<[], { agent: string; live: string }>("SELECT agent, live FROM agent_live")
      .all();
    const busy = agents.filter(({ live }) => JSON.parse(live).work.kind !== "idle");
    return {
      rows: rows.map((row) => ({ ...row, story: stories.get(row.id) ?? [] })),
      leftovers: [
        ...calls.map((id) => `row of running call ${id}`),
        ...busy.map(({ agent, live }) => `row of agent ${agent}: ${live}`),
      ],
    };
  } finally {
    db.close();
  }
}
