import type { Database } from "better-sqlite3";
import { outcomes } from "../../src/core/calls.ts";
import type { CallId } from "../../src/core/ids.ts";
import type { Asterisk } from "./asterisk.ts";
import type { Committed } from "./committed.ts";

type Row = {
  readonly id: CallId;
  readonly outcome: string | null;
  readonly endedBy: string | null;
  readonly agent: string | null;
  readonly waitMs: number | null;
  readonly talkMs: number | null;
};

/**
 * At the end: one row, one outcome and the whole story for every call that arrived, and nothing that what happened in
 * Asterisk contradicts; except for the calls in `excused`, of which a part was lost before it was written. `endTold`: when the
 * core decided each end, in the time of the simulation.
 */
export function checkRecord(
  db: Database,
  committed: Committed,
  asterisk: Asterisk,
  excused: ReadonlySet<CallId>,
  endTold: ReadonlyMap<CallId, number>,
): string[] {
  const broken: string[] = [];
  const sql =
    "SELECT id, outcome, ended_by AS endedBy, agent, wait_ms AS waitMs, talk_ms AS talkMs FROM calls ORDER BY id";
  const rows = db.prepare<[], Row>(sql).all();
  for (const row of rows) {
    const { id, outcome, agent } = row;
    if (outcome === null || !(outcomes as readonly string[]).includes(outcome)) {
      broken.push(`${id} has the outcome ${outcome}`);
      continue;
    }
    if ((committed.ends.get(id) ?? 0) !== 1)
      broken.push(`${id} has ended ${committed.ends.get(id) ?? 0} times`);
    if (!committed.arrived.has(id)) broken.push(`${id} never arrived`);
    if (excused.has(id)) continue;
    const connectedWith = committed.connected.get(id) ?? null;
    if (outcome === "answered" && !asterisk.joined.has(`${id} ${agent}`))
      broken.push(`${id} was answered by ${agent}, who never talked to them`);
    if (outcome === "answered" && connectedWith !== agent)
      broken.push(`${id} was connected with ${connectedWith}`);
    if (outcome === "forwarded" && !asterisk.joined.has(`${id} outside`))
      broken.push(`${id} was forwarded and talked to nobody outside`);
    if ((outcome === "forwarded") !== committed.forwarded.has(id))
      broken.push(
        `${id} is ${outcome}, and ${committed.forwarded.has(id) ? "" : "not "}forwarded by its story`,
      );
    if (outcome !== "answered" && connectedWith) broken.push(`${id} is ${outcome} and was connected`);
    const wentDownMs = asterisk.wentDown.get(id);
    const wasLost = wentDownMs !== undefined && (endTold.get(id) ?? 0) > wentDownMs;
    // Whose time was up while nothing was heard of Asterisk may have been let go before it was known to be dead.
    if (wasLost && row.endedBy !== "pbx_lost" && row.endedBy !== "hotline")
      broken.push(`${id} went down with Asterisk and is ${outcome} by ${row.endedBy}`);
    if (row.endedBy === "pbx_lost" && !["failed", "answered", "forwarded"].includes(outcome))
      broken.push(`${id} was lost by Asterisk and is ${outcome}`);
    if (outcome.startsWith("abandoned") && !asterisk.leftByThemselves.has(id))
      broken.push(`${id} is ${outcome} and was hung up on`);
    if ((outcome === "answered" || outcome === "forwarded") && row.talkMs === null)
      broken.push(`${id} was answered and talked for no time`);
  }
  for (const { channel } of asterisk.notes.arrivals)
    if (!excused.has(channel as CallId) && !committed.arrived.has(channel as CallId))
      broken.push(`${channel} has called and is not in the record`);
  const lines = db.prepare("SELECT call, count(*) AS lines FROM call_events GROUP BY call");
  for (const { call, lines: written } of lines.all() as { call: CallId; lines: number }[])
    if (written !== committed.lines.get(call))
      broken.push(`${call} has ${written} lines in its story instead of ${committed.lines.get(call)}`);
  const byOutcome =
    db.prepare("SELECT sum(n) FROM (SELECT count(*) AS n FROM calls GROUP BY outcome)").pluck().get() ?? 0;
  if (byOutcome !== committed.arrived.size)
    broken.push(`${committed.arrived.size} calls arrived and ${byOutcome} have an outcome`);
  const live = db.prepare("SELECT count(*) FROM live_calls").pluck().get();
  if (live !== 0) broken.push(`${live} calls are still live in the database`);
  return broken;
}
