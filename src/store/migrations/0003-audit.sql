-- What administrators have changed, so that it can be looked up and undone. Like the record it outlives what it names.
CREATE TABLE audit (
  -- Given by the daemon, in the order in which the changes were made.
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  -- A person's user name; verified: found out by the daemon, claimed: what root's programs say of who is behind it.
  who TEXT NOT NULL,
  found TEXT NOT NULL CHECK (found IN ('verified', 'claimed')),
  -- The user that the request came from, always verified.
  account TEXT NOT NULL,
  -- Why, if it was said.
  reason TEXT,
  -- Such as `hotline demo`, `hours demo`, `number 115`, `agent 201`, `announcement demo/closed`.
  object TEXT NOT NULL,
  -- What was done, in one line.
  action TEXT NOT NULL,
  -- The rows that were changed, as they were and as they became: lists of {kind, id, row} in the same order, row null
  -- where there was none. No secrets are in them.
  before TEXT NOT NULL CHECK (json_valid(before)),
  after TEXT NOT NULL CHECK (json_valid(after)),
  undoable INTEGER NOT NULL CHECK (undoable IN (0, 1)),
  -- The change that this one has undone, and the one by which this one is undone at present.
  undoes INTEGER,
  undone_by INTEGER
) STRICT;
CREATE INDEX audit_by_object ON audit (object, id);
