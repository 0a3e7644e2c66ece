-- More about when a hotline is open. The weekly hours and ad_hoc stay what they were.

-- [{"from":"2026-12-07","weekly":[...]}], earliest first.
ALTER TABLE hotlines ADD COLUMN later_weeks TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(later_weeks));
-- [{"from":...,"to":...,"intervals":[...],"reason":...,"announcement":...}], earliest first.
ALTER TABLE hotlines ADD COLUMN exceptions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(exceptions));
-- {"region":"TH","days":[{"date":...,"name":...}],"workedOn":[...],"own":[...]}
ALTER TABLE hotlines ADD COLUMN holidays TEXT NOT NULL
  DEFAULT '{"region":null,"days":[],"workedOn":[],"own":[]}' CHECK (json_valid(holidays));
-- Open when that hotline is; null: by its own hours.
ALTER TABLE hotlines ADD COLUMN hours_of TEXT;
