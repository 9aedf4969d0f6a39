// Adds events, topics, clients and retained messages; runs, steps, attempts, verdicts and states of rules;
// lifetimes.

export const sql = `
CREATE TABLE journal (                -- one row: how far everything has come
  only INTEGER PRIMARY KEY CHECK (only = 1),
  cursor INTEGER NOT NULL,            -- the engine has taken all events up to here
  indexed_to INTEGER NOT NULL,        -- topic_events, hours and topic_hours know all events up to here
  indexed_events INTEGER NOT NULL     -- recorded events up to there that have not been pruned
) STRICT;
INSERT INTO journal VALUES (1, 0, 0, 0);

CREATE TABLE topics (                 -- AUTOINCREMENT: a number is never used for a second name
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE clients (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  last_event INTEGER NOT NULL         -- trails behind, like the topic index
) STRICT;

CREATE TABLE events (                 -- append only; without foreign keys, for they cost a look-up per row
  id INTEGER PRIMARY KEY,             -- given by the network thread; the newest is never pruned, so none is used twice
  at INTEGER NOT NULL,                -- Unix ms by the wall clock, which may be set back: id is the order
  topic INTEGER NOT NULL,
  client INTEGER,                     -- NULL: the hub itself
  flags INTEGER NOT NULL CHECK (flags BETWEEN 0 AND 255),
  cause_event INTEGER,
  cause_run INTEGER,
  cause_depth INTEGER,
  properties BLOB,
  payload BLOB NOT NULL,
  qos INTEGER AS (flags & 3),
  retain INTEGER AS (flags >> 2 & 1),
  recorded INTEGER AS (flags >> 3 & 1),
  origin INTEGER AS (flags >> 4)
) STRICT;
CREATE INDEX events_consequences ON events (cause_event) WHERE cause_event IS NOT NULL;
CREATE INDEX events_unrecorded ON events (id) WHERE flags & 8 = 0;

CREATE TABLE topic_events (           -- filled behind the events, in slices
  topic INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (topic, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE hours (                  -- hour = at / 3600000
  hour INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL
) STRICT;

CREATE TABLE topic_hours (
  topic INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (topic, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (                   -- QoS 0 events that were skipped because the journal was behind
  id INTEGER PRIMARY KEY,
  after_event INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  events INTEGER NOT NULL
) STRICT;

CREATE TABLE retained (
  topic INTEGER PRIMARY KEY,
  event INTEGER NOT NULL,
  at INTEGER NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
  properties BLOB,
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  key TEXT NOT NULL,
  event INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'dead', 'cancelled', 'dry')),
  planned_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  announced INTEGER NOT NULL DEFAULT 0 CHECK (announced IN (0, 1))
) STRICT;
CREATE INDEX runs_by_rule ON runs (rule, id);
CREATE INDEX runs_by_event ON runs (event);
CREATE INDEX runs_not_done ON runs (state) WHERE state <> 'done';
CREATE INDEX runs_unannounced ON runs (id) WHERE announced = 0;

CREATE TABLE steps (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  path TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('pending', 'running', 'waiting', 'done', 'dead', 'skipped', 'cancelled')),
  attempt INTEGER NOT NULL CHECK (attempt >= 0),
  wake_at INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  spec TEXT,                          -- JSON, as are outcome and process
  outcome TEXT,
  process TEXT,
  PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  run INTEGER NOT NULL,
  path TEXT NOT NULL,
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  PRIMARY KEY (run, path, attempt),
  FOREIGN KEY (run, path) REFERENCES steps ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE verdicts (
  event INTEGER NOT NULL,
  rule INTEGER NOT NULL,
  key TEXT NOT NULL,
  stage INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (event, rule, key, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_states (
  rule TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,                -- JSON
  wake_at INTEGER,
  oldest_event INTEGER,
  PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX rule_states_oldest_event ON rule_states (oldest_event) WHERE oldest_event IS NOT NULL;

CREATE TABLE lifetimes (              -- one row per start of the hub
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,           -- the last heartbeat
  stopped_at INTEGER                  -- NULL: it is running, or was not stopped in order
) STRICT;
`
