// Adds alerts with the changes of their states, silences, and notifications.

export const sql = `
CREATE TABLE alerts (
  key TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'acknowledged', 'silenced', 'resolved')),
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  labels TEXT NOT NULL,               -- JSON, as is said_by
  parent TEXT,
  rule TEXT,
  event INTEGER NOT NULL,
  cause_event INTEGER,
  cause_topic TEXT,
  count INTEGER NOT NULL CHECK (count >= 1),
  incident INTEGER NOT NULL CHECK (incident >= 1),
  flips INTEGER NOT NULL CHECK (flips >= 1),
  version INTEGER NOT NULL CHECK (version >= flips),
  published INTEGER NOT NULL DEFAULT 0 CHECK (published <= version),   -- the version that is retained
  opened_at INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  fires_at INTEGER,
  fired_at INTEGER,
  acknowledged_by TEXT,
  silenced_by TEXT,
  said_by TEXT NOT NULL,
  CHECK ((state = 'pending') = (fires_at IS NOT NULL)),
  CHECK ((state = 'acknowledged') = (acknowledged_by IS NOT NULL)),
  CHECK ((state = 'silenced') = (silenced_by IS NOT NULL)),
  CHECK ((cause_event IS NULL) = (cause_topic IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_open ON alerts (key) WHERE state <> 'resolved';
CREATE INDEX alerts_unpublished ON alerts (key) WHERE published < version;

CREATE TABLE alert_flips (
  key TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  incident INTEGER NOT NULL,
  from_state TEXT,                    -- NULL: it was raised for the first time
  to_state TEXT NOT NULL,
  at INTEGER NOT NULL,
  event INTEGER,                      -- NULL: time led to it
  by TEXT NOT NULL,
  PRIMARY KEY (key, number),
  CHECK (coalesce(from_state, 'new') || ' ' || to_state IN (
    'new pending', 'new firing', 'new silenced',
    'pending firing', 'pending silenced', 'pending resolved',
    'firing acknowledged', 'firing silenced', 'firing resolved',
    'acknowledged firing', 'acknowledged silenced', 'acknowledged resolved',
    'silenced firing', 'silenced acknowledged', 'silenced resolved',
    'resolved pending', 'resolved firing', 'resolved silenced'))
) STRICT, WITHOUT ROWID;

CREATE TABLE silences (
  name TEXT PRIMARY KEY,
  match TEXT NOT NULL,                -- JSON
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  author TEXT NOT NULL,
  comment TEXT NOT NULL,
  event INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
  channel TEXT NOT NULL,
  subject TEXT NOT NULL,
  id TEXT NOT NULL,
  route INTEGER,
  alerts TEXT NOT NULL,               -- JSON, as are told and handle
  opened_at INTEGER NOT NULL,
  due_at INTEGER,
  telling INTEGER,                    -- the open run that tells it
  tellings INTEGER NOT NULL CHECK (tellings >= 0),
  told TEXT,
  handle TEXT,
  event INTEGER NOT NULL,
  is_closed INTEGER NOT NULL CHECK (is_closed IN (0, 1)),
  PRIMARY KEY (channel, subject),
  CHECK ((tellings = 0) = (told IS NULL)),
  CHECK (is_closed = 0 OR (due_at IS NULL AND telling IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_live ON notifications (channel) WHERE is_closed = 0;
`
