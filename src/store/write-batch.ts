import type { Database } from "better-sqlite3";
import type { Agent } from "../core/agents.ts";
import type { Call } from "../core/calls.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { CallId } from "../core/ids.ts";
import type { CallStory, StoryLine } from "../core/story.ts";
import { between, type Now } from "../core/time.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import type { Batch, Extra } from "./types.ts";

/** Puts batches into the tables. Opens no transaction; throws what SQLite throws. */
export class BatchWriter {
  readonly #sql: Statements;

  constructor(db: Database) {
    this.#sql = prepareStatements(db);
  }

  write({ changes, story, extra }: Batch): void {
    // Hotlines come first and go last, since the others refer to them.
    for (const hotline of changes.hotlines.values()) if (hotline) this.#putHotline(hotline);
    for (const [number, row] of changes.numbers) {
      if (row) this.#sql.putNumber.run(row);
      else this.#sql.deleteNumber.run(number);
    }
    for (const [id, agent] of changes.agents) {
      if (agent) this.#putAgent(agent);
      else this.#sql.deleteAgent.run(id);
    }
    for (const [id, call] of changes.calls) {
      if (call) this.#putCall(call);
      else this.#sql.deleteLiveCall.run(id);
    }
    if (extra) this.#putExtra(extra);
    for (const line of story) this.#putLine(line);
    for (const [id, hotline] of changes.hotlines) if (!hotline) this.#sql.deleteHotline.run(id);
  }

  #putHotline({ schedule, ...scalars }: Hotline): void {
    const { timeZone, weekly, adHoc } = schedule;
    this.#sql.putHotline.run({
      ...scalars,
      timeZone,
      weekly: JSON.stringify(weekly),
      adHoc: JSON.stringify(adHoc),
    });
  }

  #putAgent({ id, name, memberships, ...live }: Agent): void {
    this.#sql.putAgent.run(id, name);
    this.#sql.deleteMemberships.run(id);
    for (const { hotline } of memberships) this.#sql.putMembership.run(id, hotline);
    this.#sql.putAgentLive.run(id, JSON.stringify(live));
  }

  #putCall(call: Call): void {
    this.#sql.putLiveCall.run(call.id, JSON.stringify(call));
  }

  #putExtra({ credentials = [], announcements = [] }: Extra): void {
    for (const credential of credentials) this.#sql.putCredential.run(credential);
    for (const row of announcements) this.#sql.putAnnouncement.run(row);
  }

  #putLine(line: StoryLine): void {
    if (!("call" in line)) return;
    const { call, at, told } = line;
    this.#putRecord(call, at, told);
    const detail = JSON.stringify(detailOf(told));
    this.#sql.putEvent.run({ call, atMs: at.wallMs, what: told.what, detail });
  }

  /** What a line means for the one row of its call. */
  #putRecord(call: CallId, at: Now, told: CallStory): void {
    const atMs = at.wallMs;
    if (told.what === "arrived") {
      const { hotline, number, from } = told;
      this.#sql.arrive.run({ call, hotline, number, atMs });
      if (from !== null) this.#sql.putCallNumber.run(call, from);
    } else if (told.what === "connected") {
      this.#sql.connect.run({ call, agent: told.agent, waitMs: told.waitMs, atMs });
    } else if (told.what === "ended") {
      const { outcome, endedBy } = told.result;
      this.#sql.end.run({ call, outcome, endedBy, atMs, waitMs: told.waitMs, ...talkOf(told) });
    } else if (told.what === "fault") {
      this.#sql.arriveFaulty.run({ call, atMs });
    }
  }
}

type Ended = Extract<CallStory, { what: "ended" }>;

function talkOf({ result }: Ended) {
  const { talk, at } = result;
  return {
    agent: talk?.agent ?? null,
    talkMs: talk && between(talk.since.monotonicMs, at.monotonicMs),
  };
}

/** A line for the table of events: without the caller's number, which is kept apart, and without monotonic times. */
function detailOf(told: CallStory): Record<string, unknown> {
  if (told.what === "ended") {
    const { outcome, endedBy } = told.result;
    return { outcome, endedBy, waitMs: told.waitMs, ...talkOf(told) };
  }
  const { what: _, ...detail } = told;
  if (!("from" in detail)) return detail;
  const { from: __, ...withoutNumber } = detail;
  return withoutNumber;
}
