-- Times named ..._ms are whole milliseconds: since 1970 in UTC where they are a moment of the record, a length where they
-- are a length. Only the JSON in agent_live and live_calls holds moments of the machine's own clock (since it started);
-- the row of `clock` says how the two belong together.

-- What administrators set.

CREATE TABLE hotlines (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  strategy TEXT NOT NULL,
  ring_timeout_ms INTEGER NOT NULL,
  wrap_up_ms INTEGER NOT NULL,
  auto_pause_after INTEGER NOT NULL,
  max_waiting INTEGER NOT NULL,
  max_wait_ms INTEGER NOT NULL,
  short_abandon_ms INTEGER NOT NULL,
  time_zone TEXT NOT NULL,
  -- Seven lists of {fromMinute, toMinute}, Monday first.
  weekly TEXT NOT NULL CHECK (json_valid(weekly)),
  -- {"kind":"none"} or {"kind":"closed","reason":...,"untilMs":...}
  ad_hoc TEXT NOT NULL CHECK (json_valid(ad_hoc))
) STRICT;

CREATE TABLE numbers (
  number TEXT PRIMARY KEY,
  hotline TEXT NOT NULL REFERENCES hotlines (id)
) STRICT;
CREATE INDEX numbers_by_hotline ON numbers (hotline);

CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE memberships (
  agent TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  hotline TEXT NOT NULL REFERENCES hotlines (id) ON DELETE CASCADE,
  PRIMARY KEY (agent, hotline)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_hotline ON memberships (hotline);

-- What an agent's phone registers with. The password is in clear: digest authentication needs it.
CREATE TABLE credentials (
  agent TEXT PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
  username TEXT NOT NULL UNIQUE,
  password TEXT NOT NULL
) STRICT;

-- What callers hear instead of the built-in texts: a text that is spoken, or a recording.
CREATE TABLE announcements (
  hotline TEXT NOT NULL REFERENCES hotlines (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('text', 'file')),
  -- What is spoken, or the name of the imported file.
  text TEXT NOT NULL,
  -- Name in the sounds folder, without an ending.
  sound TEXT NOT NULL,
  length_ms INTEGER NOT NULL,
  PRIMARY KEY (hotline, name)
) STRICT, WITHOUT ROWID;

-- What is going on. From these the daemon goes on after a restart.

CREATE TABLE agent_live (
  agent TEXT PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
  live TEXT NOT NULL CHECK (json_valid(live))
) STRICT;

CREATE TABLE live_calls (
  id TEXT PRIMARY KEY,
  call TEXT NOT NULL CHECK (json_valid(call))
) STRICT;

-- One row: when the last change was written, by both clocks, and which one it was.
CREATE TABLE clock (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  boot_id TEXT NOT NULL,
  monotonic_ms INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL,
  run TEXT NOT NULL,
  batch INTEGER NOT NULL
) STRICT;

-- The record. It outlives the hotlines and agents it names, so it refers to them by name only.

-- One row per call; outcome is null while the call is running.
CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  -- Null: the number dialled leads to no hotline.
  hotline TEXT,
  -- The number dialled. Null only when a fault kept it from being noted.
  number TEXT,
  arrived_ms INTEGER NOT NULL,
  outcome TEXT,
  ended_by TEXT,
  ended_ms INTEGER,
  wait_ms INTEGER,
  talk_ms INTEGER,
  agent TEXT
) STRICT;
CREATE INDEX calls_by_arrival ON calls (arrived_ms, id);

-- Who called. Apart from the call, so that it can be erased earlier; anonymous callers have no row.
CREATE TABLE call_numbers (
  call TEXT PRIMARY KEY,
  caller_number TEXT NOT NULL
) STRICT;

-- A call's story, line by line.
CREATE TABLE call_events (
  call TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  detail TEXT NOT NULL CHECK (json_valid(detail)),
  PRIMARY KEY (call, seq)
) STRICT, WITHOUT ROWID;
