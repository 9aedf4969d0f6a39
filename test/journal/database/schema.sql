CREATE VIEW recent_parts (part) AS    -- without a look at every row
  WITH RECURSIVE parts (part) AS (
    SELECT min(part) FROM recent_slices
    UNION ALL
    SELECT part + 1 FROM parts WHERE part < (SELECT max(part) FROM recent_slices))
  SELECT part FROM parts;

CREATE VIEW topic_events (topic, id) AS
  SELECT topic, base + value FROM topic_slices, json_each('[' || ids || ']')
  UNION ALL
  SELECT topic, base + value
  FROM recent_parts CROSS JOIN recent_slices USING (part), json_each('[' || ids || ']')
  WHERE base <= (SELECT indexed_to FROM journal);

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

CREATE TABLE bridge_received (            -- QoS 2 on its way in
  bridge    TEXT NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (bridge, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE bridge_retained (            -- topics whose retained message the far side may not have
  bridge TEXT NOT NULL,
  topic  TEXT NOT NULL,
  PRIMARY KEY (bridge, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE bridge_sent (                -- QoS 2 on its way out
  bridge    TEXT NOT NULL,
  event     INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,             -- 0: the handshake has ended, but the cursor is not there yet
  released  INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  PRIMARY KEY (bridge, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE bridges (
  name        TEXT PRIMARY KEY,
  filters     TEXT NOT NULL,              -- JSON: the local filters of what goes out
  acked_up_to INTEGER NOT NULL,           -- no event up to here is owed, but for those in bridge_sent
  subscribed  TEXT NOT NULL DEFAULT '[]', -- JSON: the subscriptions that the far side has confirmed
  lost        INTEGER NOT NULL DEFAULT 0  -- events that history forgot before they were acknowledged
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  last_event INTEGER NOT NULL         -- trails behind, like the topic index
) STRICT;

CREATE TABLE clock_sets (
  id          INTEGER PRIMARY KEY,
  after_event INTEGER NOT NULL,   -- events up to this one bear times of before
  by_ms       INTEGER NOT NULL
) STRICT;

CREATE TABLE ended_sessions (         -- what other tables say of one of these means nothing; gone when they say nothing more
  number INTEGER PRIMARY KEY
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

CREATE TABLE fed (                    -- given at QoS 2, by a subscription that has not given all yet
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (session, filter, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (                   -- QoS 0 events that were skipped because the journal was behind
  id INTEGER PRIMARY KEY,
  after_event INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  events INTEGER NOT NULL
) STRICT;

CREATE TABLE handshakes_in (          -- QoS 2 packet ids that were taken and not yet released
  session INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (session, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE handshakes_out (         -- QoS 2 messages under way to the client
  session INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,
  event INTEGER NOT NULL,
  released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)), filter TEXT,
  PRIMARY KEY (session, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE hours (                  -- hour = at / 3600000
  hour INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL
) STRICT;

CREATE TABLE hub (
  id TEXT NOT NULL
) STRICT;

CREATE TABLE journal (                -- one row: how far everything has come
  only INTEGER PRIMARY KEY CHECK (only = 1),
  cursor INTEGER NOT NULL,            -- the engine has taken all events up to here
  indexed_to INTEGER NOT NULL,        -- topic_events, hours and topic_hours know all events up to here
  indexed_events INTEGER NOT NULL     -- recorded events up to there that have not been pruned
) STRICT;

CREATE TABLE lifetimes (              -- one row per start of the hub
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,           -- the last heartbeat
  stopped_at INTEGER                  -- NULL: it is running, or was not stopped in order
, after_event INTEGER NOT NULL DEFAULT 0, behind_at_start_ms INTEGER NOT NULL DEFAULT 0, behind_ms INTEGER NOT NULL DEFAULT 0) STRICT;

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

CREATE TABLE past_subscriptions (
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (1, 2)),
  no_local INTEGER NOT NULL CHECK (no_local IN (0, 1)),
  retain_as_published INTEGER NOT NULL CHECK (retain_as_published IN (0, 1)),
  identifier INTEGER NOT NULL,
  since INTEGER NOT NULL,             -- only later events are owed by it,
  up_to INTEGER NOT NULL,             -- and none after this; gone when all up to here is settled
  PRIMARY KEY (session, filter, up_to)
) STRICT, WITHOUT ROWID;

CREATE TABLE recent_slices (          -- the newest of them: what is written together lies together; above indexed_to: unfinished
  part INTEGER NOT NULL,              -- id / 65536; what is in topic_slices already is not here
  topic INTEGER NOT NULL,
  base INTEGER NOT NULL,
  ids TEXT NOT NULL,
  hour INTEGER NOT NULL,              -- of all these events; topic_hours does not know of them yet
  events INTEGER NOT NULL,            -- recorded ones, as in topic_hours
  bytes INTEGER NOT NULL,
  PRIMARY KEY (part, topic, base)
) STRICT, WITHOUT ROWID;

CREATE TABLE retained (
  topic INTEGER PRIMARY KEY,
  event INTEGER NOT NULL,
  at INTEGER NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
  properties BLOB,
  payload BLOB NOT NULL
) STRICT;

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

CREATE TABLE rule_states (
  rule TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,                -- JSON
  wake_at INTEGER,
  PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
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
, reason TEXT, details TEXT) STRICT;

CREATE TABLE sessions (
  number INTEGER PRIMARY KEY,         -- given by the network thread; a session begun anew has another one
  client TEXT NOT NULL UNIQUE,
  user TEXT,
  expiry_seconds INTEGER NOT NULL,
  gone_at INTEGER,                    -- NULL: connected, or it was when the hub died
  settled_up_to INTEGER NOT NULL,     -- no event up to here is owed at QoS 1
  sent_up_to INTEGER NOT NULL,        -- and none up to here at QoS 2, but for those in handshakes_out
  owed_up_to INTEGER                  -- the queue was full: nothing after this one is owed
, realm TEXT) STRICT;

CREATE TABLE shared (                 -- owed by a group whose members' sessions are kept
  event INTEGER NOT NULL,
  share TEXT NOT NULL,                -- $share/<group>/<filter>
  session INTEGER NOT NULL,           -- under way to this one at QoS 1; 0: it waits for any member
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (event, share)
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
  process TEXT, cut_offs INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
  no_local INTEGER NOT NULL CHECK (no_local IN (0, 1)),
  retain_as_published INTEGER NOT NULL CHECK (retain_as_published IN (0, 1)),
  identifier INTEGER NOT NULL,
  since INTEGER NOT NULL, retained_up_to INTEGER NOT NULL DEFAULT 0,             -- only later events are owed
  PRIMARY KEY (session, filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_hours (
  topic INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (topic, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_slices (           -- which events a topic has, up to 128 to a row
  topic INTEGER NOT NULL,
  base INTEGER NOT NULL,              -- no id in this row is below it, and none in an earlier row is above
  ids TEXT NOT NULL,                  -- ascending, each less base, with commas between
  PRIMARY KEY (topic, base)
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (                 -- AUTOINCREMENT: a number is never used for a second name
  id INTEGER PRIMARY KEY AUTOINCREMENT,
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

CREATE TABLE wills (                  -- of sessions that are kept, and of those that are not
  session INTEGER PRIMARY KEY,
  client TEXT NOT NULL,
  topic TEXT NOT NULL,
  payload BLOB NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
  retain INTEGER NOT NULL CHECK (retain IN (0, 1)),
  properties BLOB,
  delay_seconds INTEGER NOT NULL,
  due_at INTEGER                      -- NULL: the client is connected, or was when the hub died
) STRICT;

CREATE INDEX alert_flips_by_age ON alert_flips (at);

CREATE INDEX alerts_open ON alerts (key) WHERE state <> 'resolved';

CREATE INDEX alerts_resolved ON alerts (since_at) WHERE state = 'resolved';

CREATE INDEX alerts_unpublished ON alerts (key) WHERE published < version;

CREATE INDEX events_consequences ON events (cause_event) WHERE cause_event IS NOT NULL;

CREATE INDEX events_unrecorded ON events (id) WHERE flags & 8 = 0;

CREATE INDEX handshakes_out_by_event ON handshakes_out (event);

CREATE INDEX notifications_closed ON notifications (opened_at) WHERE is_closed = 1;

CREATE INDEX notifications_live ON notifications (channel) WHERE is_closed = 0;

CREATE INDEX rule_pauses_unpublished ON rule_pauses (rule) WHERE published < version;

CREATE INDEX runs_by_event ON runs (event);

CREATE INDEX runs_by_rule ON runs (rule, id);

CREATE INDEX runs_not_done ON runs (state) WHERE state <> 'done';

CREATE INDEX runs_unannounced ON runs (id) WHERE announced = 0;
