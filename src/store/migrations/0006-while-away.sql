-- 1: the call ended, or was in Asterisk's hands alone, while the daemon was away; known from Asterisk's notes.
ALTER TABLE calls ADD COLUMN while_away INTEGER NOT NULL DEFAULT 0 CHECK (while_away IN (0, 1));
