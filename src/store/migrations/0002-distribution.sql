-- Priorities, tiers, skills, overflow, periodic announcements, forwarding. The defaults below are for the rows that are
-- there already; whoever writes a row names every column.

ALTER TABLE hotlines ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hotlines ADD COLUMN ring_next_after_ms INTEGER NOT NULL DEFAULT 10000;
ALTER TABLE hotlines ADD COLUMN next_tier_after_ms INTEGER NOT NULL DEFAULT 30000;
ALTER TABLE hotlines ADD COLUMN resume_within_ms INTEGER NOT NULL DEFAULT 0;
-- Null: who waits when the hotline closes is served however long that takes.
ALTER TABLE hotlines ADD COLUMN closing_grace_ms INTEGER DEFAULT 1800000;
ALTER TABLE hotlines ADD COLUMN greeting_must_finish INTEGER NOT NULL DEFAULT 0 CHECK (greeting_must_finish IN (0, 1));
-- A list of {announcement, afterMs}.
ALTER TABLE hotlines ADD COLUMN periodic TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(periodic));
-- A list of {when, action}.
ALTER TABLE hotlines ADD COLUMN overflow TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(overflow));

-- Made anew, since a table's references cannot be changed: numbers go with their hotline now.
CREATE TABLE numbers_2 (
  number TEXT PRIMARY KEY,
  hotline TEXT NOT NULL REFERENCES hotlines (id) ON DELETE CASCADE,
  -- A list of the skills an agent must have.
  requires TEXT NOT NULL CHECK (json_valid(requires))
) STRICT;
INSERT INTO numbers_2 (number, hotline, requires) SELECT number, hotline, '[]' FROM numbers;
DROP TABLE numbers;
ALTER TABLE numbers_2 RENAME TO numbers;
CREATE INDEX numbers_by_hotline ON numbers (hotline);

ALTER TABLE memberships ADD COLUMN tier INTEGER NOT NULL DEFAULT 1;
-- A list of names.
ALTER TABLE memberships ADD COLUMN skills TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(skills));

-- What changes by itself at a hotline. Like agent_live and live_calls it holds moments of the machine's own clock.
CREATE TABLE desks (
  hotline TEXT PRIMARY KEY REFERENCES hotlines (id) ON DELETE CASCADE,
  desk TEXT NOT NULL CHECK (json_valid(desk))
) STRICT;

-- `hotline` stays the one where the call arrived.
ALTER TABLE calls ADD COLUMN served_by TEXT;
ALTER TABLE calls ADD COLUMN end_reason TEXT;
-- The number outside where somebody picked up.
ALTER TABLE calls ADD COLUMN forwarded_to TEXT;
UPDATE calls SET served_by = hotline WHERE agent IS NOT NULL;
-- Whoever was turned away on arrival has not waited.
UPDATE calls SET end_reason = CASE outcome WHEN 'timed_out' THEN 'max_wait' ELSE 'unstaffed' END
  WHERE outcome = 'timed_out' OR (outcome = 'no_agents' AND wait_ms > 0);

-- Whoever was on duty and whoever called while the program was replaced go on as they were. Tallies begin anew: the
-- first step sees that this one is of no day.
UPDATE agent_live SET live = json_set(live, '$.today', json('{"dayStartMs":0,"calls":0,"talkMs":0}'));

UPDATE live_calls SET call = json_remove(
  json_set(
    call,
    '$.origin', call ->> '$.hotline',
    '$.requires', json('[]'),
    '$.waitingSince', call -> '$.arrivedAt.monotonicMs',
    '$.hereSince', call -> '$.arrivedAt.monotonicMs',
    '$.tiersJoined', 0,
    '$.stepsDone', json('[]'),
    '$.nextPeriodic', 0,
    '$.due', json_object(
      'giveUpMs', call -> '$.giveUpAtMs', 'tierMs', NULL, 'stepMs', NULL, 'announcementMs', NULL, 'ringNextMs', NULL
    )
  ),
  '$.giveUpAtMs'
);
UPDATE live_calls SET call = json_set(
    call,
    '$.phase.result.reason',
    CASE
      WHEN call ->> '$.phase.result.outcome' = 'timed_out' THEN 'max_wait'
      WHEN call ->> '$.phase.result.outcome' = 'no_agents'
        AND call ->> '$.phase.result.at.monotonicMs' > call ->> '$.arrivedAt.monotonicMs' THEN 'unstaffed'
    END
  )
  WHERE call ->> '$.phase.kind' = 'ended';
UPDATE live_calls SET call = json_set(
    call,
    '$.phase.result.talk',
    json_object(
      'since', call -> '$.phase.result.talk.since',
      'with', json_object(
        'kind', 'agent', 'agent', call ->> '$.phase.result.talk.agent', 'hotline', call ->> '$.hotline'
      )
    )
  )
  WHERE json_type(call, '$.phase.result.talk') = 'object';
