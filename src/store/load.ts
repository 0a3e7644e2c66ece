import type { Database } from "better-sqlite3";
import type { Agent, Membership } from "../core/agents.ts";
import type { AnnouncementRow } from "../core/announcement-row.ts";
import type { Call } from "../core/calls.ts";
import type { Desk } from "../core/desks.ts";
import type { Hotline } from "../core/hotlines.ts";
import { restoreHours } from "../core/hours/restore.ts";
import type { AgentId, CallId, HotlineId } from "../core/ids.ts";
import { whyNoCall } from "../core/sound-call.ts";
import type { NumberRow } from "../core/state.ts";
import { earlierHours, lastChange } from "./audit.ts";
import type { BrokenCall, BrokenHours, Clock, Credential, Loaded } from "./types.ts";

/** Reads all that is needed at a start, as of one moment. */
export function load(db: Database): Loaded {
  const read = db.transaction(
    (): Loaded => ({
      ...loadHotlines(db),
      numbers: loadNumbers(db),
      desks: loadDesks(db),
      agents: loadAgents(db),
      ...loadCalls(db),
      credentials: rows<Credential>(db, "SELECT agent, username, password FROM credentials ORDER BY agent"),
      announcements: rows<AnnouncementRow>(db, announcementsSql),
      lastChange: lastChange(db),
      clock: loadClock(db),
    }),
  );
  return read();
}

const announcementsSql =
  "SELECT hotline, name, source, text, sound, length_ms AS lengthMs FROM announcements ORDER BY hotline, name";

const rows = <Row>(db: Database, sql: string): Row[] => db.prepare<[], Row>(sql).all();

/** As it stands in the table: JSON as text, yes and no as 1 and 0. */
type HotlineRow = Omit<Hotline, "schedule" | "greetingMustFinish" | "periodic" | "overflow"> & {
  greetingMustFinish: number;
  periodic: string;
  overflow: string;
  timeZone: string;
  weekly: string;
  laterWeeks: string;
  exceptions: string;
  holidays: string;
  adHoc: string;
};

function loadHotlines(db: Database): Pick<Loaded, "hotlines" | "brokenHours"> {
  const brokenHours: BrokenHours[] = [];
  const sql = `SELECT id, name, strategy, priority, ring_timeout_ms AS ringTimeoutMs,
    ring_next_after_ms AS ringNextAfterMs, next_tier_after_ms AS nextTierAfterMs, wrap_up_ms AS wrapUpMs,
    auto_pause_after AS autoPauseAfter, max_waiting AS maxWaiting, max_wait_ms AS maxWaitMs,
    short_abandon_ms AS shortAbandonMs, resume_within_ms AS resumeWithinMs, closing_grace_ms AS closingGraceMs,
    greeting_must_finish AS greetingMustFinish, periodic, overflow, hours_of AS hoursOf, time_zone AS timeZone, weekly,
    later_weeks AS laterWeeks, exceptions, holidays, ad_hoc AS adHoc FROM hotlines ORDER BY id`;
  const hotlines = rows<HotlineRow>(db, sql).map(
    ({
      greetingMustFinish,
      periodic,
      overflow,
      timeZone,
      weekly,
      laterWeeks,
      exceptions,
      holidays,
      adHoc,
      ...scalars
    }) => {
      const found = {
        timeZone,
        weekly: jsonIfAny(weekly),
        laterWeeks: jsonIfAny(laterWeeks),
        exceptions: jsonIfAny(exceptions),
        holidays: jsonIfAny(holidays),
        adHoc: jsonIfAny(adHoc),
      };
      const { schedule, broken } = restoreHours(found, () => earlierHours(db, scalars.id));
      if (broken.length > 0) brokenHours.push({ hotline: scalars.id, parts: broken });
      return {
        ...scalars,
        greetingMustFinish: greetingMustFinish === 1,
        periodic: JSON.parse(periodic),
        overflow: JSON.parse(overflow),
        schedule,
      };
    },
  );
  return { hotlines, brokenHours };
}

/** Undefined: it is none. */
function jsonIfAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function loadNumbers(db: Database): NumberRow[] {
  const sql = "SELECT number, hotline, requires FROM numbers ORDER BY number";
  return rows<Omit<NumberRow, "requires"> & { requires: string }>(db, sql).map((row) => ({
    ...row,
    requires: JSON.parse(row.requires),
  }));
}

function loadDesks(db: Database): Desk[] {
  return rows<{ desk: string }>(db, "SELECT desk FROM desks ORDER BY hotline").map(
    ({ desk }) => JSON.parse(desk) as Desk,
  );
}

type MembershipRow = { agent: AgentId; hotline: HotlineId; tier: number; skills: string };

function loadAgents(db: Database): Agent[] {
  const memberships = new Map<AgentId, Membership[]>();
  const sql = "SELECT agent, hotline, tier, skills FROM memberships ORDER BY agent, hotline";
  for (const { agent, hotline, tier, skills } of rows<MembershipRow>(db, sql))
    memberships.set(agent, [
      ...(memberships.get(agent) ?? []),
      { hotline, tier, skills: JSON.parse(skills) },
    ]);
  return rows<{ id: AgentId; name: string; live: string }>(
    db,
    "SELECT id, name, live FROM agents JOIN agent_live ON agent = id ORDER BY id",
  ).map(({ id, name, live }) => ({
    id,
    name,
    memberships: memberships.get(id) ?? [],
    ...(JSON.parse(live) as Omit<Agent, "id" | "name" | "memberships">),
  }));
}

/** One row that cannot be used must not keep the others from being read. */
function loadCalls(db: Database): Pick<Loaded, "calls" | "brokenCalls"> {
  const calls: Call[] = [];
  const brokenCalls: BrokenCall[] = [];
  for (const { id, call: text } of rows<{ id: CallId; call: string }>(
    db,
    "SELECT id, call FROM live_calls ORDER BY id",
  )) {
    const found = jsonIfAny(text);
    const why = found === undefined ? "it is no JSON" : whyNoCall(id, found);
    if (why === null) calls.push(found as Call);
    else brokenCalls.push({ id, text: String(text), why });
  }
  return { calls, brokenCalls };
}

function loadClock(db: Database): Clock | null {
  const sql = "SELECT boot_id AS bootId, monotonic_ms AS monotonicMs, wall_ms AS wallMs FROM clock";
  return rows<Clock>(db, sql)[0] ?? null;
}
