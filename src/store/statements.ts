import type { Database } from "better-sqlite3";
import { auditStatements } from "./audit.ts";

export type Statements = ReturnType<typeof prepareStatements>;

/** All statements that write. Rows are changed in place, never replaced: a replacement would take what belongs to them along. */
export function prepareStatements(db: Database) {
  return { ...prepareOperations(db), ...prepareLive(db), ...prepareRecord(db), ...auditStatements(db) };
}

function prepareOperations(db: Database) {
  return {
    putHotline: db.prepare(
      `INSERT INTO hotlines (id, name, strategy, priority, ring_timeout_ms, ring_next_after_ms, next_tier_after_ms,
         wrap_up_ms, auto_pause_after, max_waiting, max_wait_ms, short_abandon_ms, resume_within_ms, closing_grace_ms,
         greeting_must_finish, periodic, overflow, hours_of, time_zone, weekly, later_weeks, exceptions, holidays,
         ad_hoc)
       VALUES (:id, :name, :strategy, :priority, :ringTimeoutMs, :ringNextAfterMs, :nextTierAfterMs,
         :wrapUpMs, :autoPauseAfter, :maxWaiting, :maxWaitMs, :shortAbandonMs, :resumeWithinMs, :closingGraceMs,
         :greetingMustFinish, :periodic, :overflow, :hoursOf, :timeZone, :weekly, :laterWeeks, :exceptions, :holidays,
         :adHoc)
       ON CONFLICT DO UPDATE SET name = excluded.name, strategy = excluded.strategy, priority = excluded.priority,
         ring_timeout_ms = excluded.ring_timeout_ms, ring_next_after_ms = excluded.ring_next_after_ms,
         next_tier_after_ms = excluded.next_tier_after_ms, wrap_up_ms = excluded.wrap_up_ms,
         auto_pause_after = excluded.auto_pause_after, max_waiting = excluded.max_waiting,
         max_wait_ms = excluded.max_wait_ms, short_abandon_ms = excluded.short_abandon_ms,
         resume_within_ms = excluded.resume_within_ms, closing_grace_ms = excluded.closing_grace_ms,
         greeting_must_finish = excluded.greeting_must_finish, periodic = excluded.periodic,
         overflow = excluded.overflow, time_zone = excluded.time_zone, weekly = excluded.weekly,
         hours_of = excluded.hours_of, later_weeks = excluded.later_weeks, exceptions = excluded.exceptions,
         holidays = excluded.holidays, ad_hoc = excluded.ad_hoc`,
    ),
    deleteHotline: db.prepare("DELETE FROM hotlines WHERE id = ?"),
    putNumber: db.prepare(
      `INSERT INTO numbers (number, hotline, requires) VALUES (:number, :hotline, :requires)
       ON CONFLICT DO UPDATE SET hotline = excluded.hotline, requires = excluded.requires`,
    ),
    deleteNumber: db.prepare("DELETE FROM numbers WHERE number = ?"),
    putAgent: db.prepare("INSERT INTO agents VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name"),
    deleteAgent: db.prepare("DELETE FROM agents WHERE id = ?"),
    deleteMemberships: db.prepare("DELETE FROM memberships WHERE agent = ?"),
    putMembership: db.prepare(
      "INSERT INTO memberships (agent, hotline, tier, skills) VALUES (:agent, :hotline, :tier, :skills)",
    ),
    putCredential: db.prepare(
      `INSERT INTO credentials VALUES (:agent, :username, :password)
       ON CONFLICT (agent) DO UPDATE SET username = excluded.username, password = excluded.password`,
    ),
    putAnnouncement: db.prepare(
      `INSERT INTO announcements VALUES (:hotline, :name, :source, :text, :sound, :lengthMs)
       ON CONFLICT DO UPDATE SET source = excluded.source, text = excluded.text, sound = excluded.sound,
         length_ms = excluded.length_ms`,
    ),
    deleteAnnouncement: db.prepare("DELETE FROM announcements WHERE hotline = :hotline AND name = :name"),
  };
}

function prepareLive(db: Database) {
  return {
    putDesk: db.prepare("INSERT INTO desks VALUES (?, ?) ON CONFLICT DO UPDATE SET desk = excluded.desk"),
    deleteDesk: db.prepare("DELETE FROM desks WHERE hotline = ?"),
    putAgentLive: db.prepare(
      "INSERT INTO agent_live VALUES (?, ?) ON CONFLICT DO UPDATE SET live = excluded.live",
    ),
    putLiveCall: db.prepare(
      "INSERT INTO live_calls VALUES (?, ?) ON CONFLICT DO UPDATE SET call = excluded.call",
    ),
    deleteLiveCall: db.prepare("DELETE FROM live_calls WHERE id = ?"),
  };
}

function prepareRecord(db: Database) {
  return {
    // The same call can arrive again: set aside after a fault, then found alive in Asterisk. It is one call with one
    // outcome, the last one.
    arrive: db.prepare(
      `INSERT INTO calls (id, hotline, number, arrived_ms) VALUES (:call, :hotline, :number, :atMs)
       ON CONFLICT DO UPDATE SET hotline = excluded.hotline, number = excluded.number,
         outcome = NULL, ended_by = NULL, end_reason = NULL, ended_ms = NULL, wait_ms = NULL, talk_ms = NULL,
         agent = NULL, served_by = NULL, forwarded_to = NULL, while_away = 0`,
    ),
    markWhileAway: db.prepare("UPDATE calls SET while_away = 1 WHERE id = ?"),
    // A fault in the very step of the arrival: there is no other line about this call.
    arriveFaulty: db.prepare(
      `INSERT INTO calls (id, arrived_ms, outcome, ended_by, ended_ms) VALUES (:call, :atMs, 'failed', 'hotline', :atMs)
       ON CONFLICT DO NOTHING`,
    ),
    // The last three also make the row, should the line of the arrival have been lost.
    connect: db.prepare(
      `INSERT INTO calls (id, arrived_ms, agent, served_by, wait_ms)
       VALUES (:call, :atMs - :waitMs, :agent, :servedBy, :waitMs)
       ON CONFLICT DO UPDATE SET agent = excluded.agent, served_by = excluded.served_by, wait_ms = excluded.wait_ms`,
    ),
    forward: db.prepare(
      `INSERT INTO calls (id, arrived_ms, forwarded_to, wait_ms) VALUES (:call, :atMs - :waitMs, :number, :waitMs)
       ON CONFLICT DO UPDATE SET forwarded_to = excluded.forwarded_to, wait_ms = excluded.wait_ms`,
    ),
    end: db.prepare(
      `INSERT INTO calls (id, arrived_ms, outcome, ended_by, end_reason, ended_ms, wait_ms, talk_ms, agent, served_by,
         forwarded_to)
       VALUES (:call, :atMs - :waitMs - ifnull(:talkMs, 0), :outcome, :endedBy, :reason, :atMs, :waitMs, :talkMs,
         :agent, :servedBy, :forwardedTo)
       ON CONFLICT DO UPDATE SET outcome = excluded.outcome, ended_by = excluded.ended_by,
         end_reason = excluded.end_reason, ended_ms = excluded.ended_ms, wait_ms = excluded.wait_ms,
         talk_ms = excluded.talk_ms, agent = excluded.agent, served_by = excluded.served_by,
         forwarded_to = excluded.forwarded_to`,
    ),
    putCallNumber: db.prepare(
      "INSERT INTO call_numbers VALUES (?, ?) ON CONFLICT DO UPDATE SET caller_number = excluded.caller_number",
    ),
    putEvent: db.prepare(
      `INSERT INTO call_events (call, seq, at_ms, what, detail)
       SELECT :call, ifnull(max(seq), 0) + 1, :atMs, :what, :detail FROM call_events WHERE call = :call`,
    ),
  };
}
