// Adds the newest pause of each rule that people have paused.

export const sql = `
CREATE TABLE rule_pauses (
  rule TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('paused', 'resumed')),
  reason TEXT NOT NULL,
  by TEXT NOT NULL,
  event INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  for_ms INTEGER,
  until_at INTEGER,
  resumed_at INTEGER,
  resumed_by TEXT,
  version INTEGER NOT NULL CHECK (version >= 1),
  published INTEGER NOT NULL DEFAULT 0 CHECK (published <= version),   -- the version that is retained
  CHECK (for_ms IS NULL OR until_at IS NOT NULL),
  CHECK ((state = 'resumed') = (resumed_at IS NOT NULL)),
  CHECK ((state = 'resumed') = (resumed_by IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_pauses_unpublished ON rule_pauses (rule) WHERE published < version;
`
