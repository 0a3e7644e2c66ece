import type { Database } from "better-sqlite3";
import type { Agent } from "../core/agents.ts";
import type { Call, EndedBy, EndReason, Outcome } from "../core/calls.ts";
import type { Hotline } from "../core/hotlines.ts";
import type { AgentId, CallId, HotlineId } from "../core/ids.ts";
import type { NumberRow } from "../core/state.ts";
import type { CallStory, StoryLine } from "../core/story.ts";
import { between, type DurationMs, type Now } from "../core/time.ts";
import { putChange } from "./audit.ts";
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
      if (row) this.#putNumber(row);
      else this.#sql.deleteNumber.run(number);
    }
    for (const [hotline, desk] of changes.desks) {
      if (desk) this.#sql.putDesk.run(hotline, JSON.stringify(desk));
      else this.#sql.deleteDesk.run(hotline);
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
    for (const line of story) if ("call" in line) this.#putLine(line, changes.calls.get(line.call) ?? null);
    for (const [id, hotline] of changes.hotlines) if (!hotline) this.#sql.deleteHotline.run(id);
  }

  #putHotline({ schedule, greetingMustFinish, periodic, overflow, ...scalars }: Hotline): void {
    const { timeZone, weekly, laterWeeks, exceptions, holidays, adHoc } = schedule;
    this.#sql.putHotline.run({
      ...scalars,
      greetingMustFinish: greetingMustFinish ? 1 : 0,
      periodic: JSON.stringify(periodic),
      overflow: JSON.stringify(overflow),
      timeZone,
      weekly: JSON.stringify(weekly),
      laterWeeks: JSON.stringify(laterWeeks),
      exceptions: JSON.stringify(exceptions),
      holidays: JSON.stringify(holidays),
      adHoc: JSON.stringify(adHoc),
    });
  }

  #putNumber({ number, hotline, requires }: NumberRow): void {
    this.#sql.putNumber.run({ number, hotline, requires: JSON.stringify(requires) });
  }

  #putAgent({ id, name, memberships, ...live }: Agent): void {
    this.#sql.putAgent.run(id, name);
    this.#sql.deleteMemberships.run(id);
    for (const { hotline, tier, skills } of memberships)
      this.#sql.putMembership.run({ agent: id, hotline, tier, skills: JSON.stringify(skills) });
    this.#sql.putAgentLive.run(id, JSON.stringify(live));
  }

  #putCall(call: Call): void {
    this.#sql.putLiveCall.run(call.id, JSON.stringify(call));
  }

  #putExtra({ credentials = [], announcements = [], announcementsRemoved = [], audit = [] }: Extra): void {
    for (const credential of credentials) this.#sql.putCredential.run(credential);
    for (const row of announcements) this.#sql.putAnnouncement.run(row);
    for (const { hotline, name } of announcementsRemoved) this.#sql.deleteAnnouncement.run({ hotline, name });
    for (const entry of audit) putChange(this.#sql, entry);
  }

  #putLine({ call, at, told }: CallLine, callNow: Call | null): void {
    this.#putRecord(call, at, told, callNow);
    const detail = JSON.stringify(detailOf(told));
    this.#sql.putEvent.run({ call, atMs: at.wallMs, what: told.what, detail });
  }

  /**
   * What a line means for the one row of its call. `callNow`: the call after the batch, null when it is over by then. The
   * line of the arrival says where the call counts, whatever hotlines it is moved to later.
   */
  #putRecord(call: CallId, at: Now, told: CallStory, callNow: Call | null): void {
    const atMs = at.wallMs;
    if (told.what === "arrived") {
      const { hotline, number, from } = told;
      this.#sql.arrive.run({ call, hotline, number, atMs });
      if (from !== null) this.#sql.putCallNumber.run(call, from);
    } else if (told.what === "connected") {
      // Who talks is moved no more. Of a call that is over, the end says who served it.
      const servedBy = callNow?.hotline ?? null;
      this.#sql.connect.run({ call, agent: told.agent, servedBy, waitMs: told.waitMs, atMs });
    } else if (told.what === "forwarded") {
      this.#sql.forward.run({ call, number: told.number, waitMs: told.waitMs, atMs });
    } else if (told.what === "ended") {
      this.#sql.end.run({ call, atMs, ...endOf(told) });
    } else if (told.what === "while_away") {
      this.#sql.markWhileAway.run(call);
    } else if (told.what === "fault") {
      this.#sql.arriveFaulty.run({ call, atMs });
    }
  }
}

type CallLine = Extract<StoryLine, { call: CallId }>;

type End = {
  readonly outcome: Outcome;
  readonly endedBy: EndedBy;
  readonly reason: EndReason | null;
  readonly waitMs: DurationMs;
  readonly talkMs: DurationMs | null;
  readonly agent: AgentId | null;
  readonly servedBy: HotlineId | null;
  readonly forwardedTo: string | null;
};

function endOf({ result, waitMs }: Extract<CallStory, { what: "ended" }>): End {
  const { outcome, endedBy, reason, talk, at } = result;
  const agent = talk?.with.kind === "agent" ? talk.with : null;
  const outside = talk?.with.kind === "outside" ? talk.with : null;
  return {
    outcome,
    endedBy,
    reason,
    waitMs,
    talkMs: talk && between(talk.since.monotonicMs, at.monotonicMs),
    agent: agent?.agent ?? null,
    servedBy: agent?.hotline ?? null,
    forwardedTo: outside?.number ?? null,
  };
}

/** A line for the table of events: without the caller's number, which is kept apart, and without monotonic times. */
function detailOf(told: CallStory): Record<string, unknown> {
  if (told.what === "ended") return endOf(told);
  const { what: _, ...detail } = told;
  if (!("from" in detail)) return detail;
  const { from: __, ...withoutNumber } = detail;
  return withoutNumber;
}
