// Adds sessions that outlive their connection, their subscriptions and QoS 2 handshakes, and the wills of all
// clients.

export const sql = `
CREATE TABLE sessions (
  number INTEGER PRIMARY KEY,         -- given by the network thread; a session begun anew has another one
  client TEXT NOT NULL UNIQUE,
  user TEXT,
  expiry_seconds INTEGER NOT NULL,
  gone_at INTEGER,                    -- NULL: connected, or it was when the hub died
  settled_up_to INTEGER NOT NULL,     -- no event up to here is owed at QoS 1
  sent_up_to INTEGER NOT NULL,        -- and none up to here at QoS 2, but for those in handshakes_out
  owed_up_to INTEGER                  -- the queue was full: nothing after this one is owed
) STRICT;

CREATE TABLE subscriptions (
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  qos INTEGER NOT NULL CHECK (qos IN (0, 1, 2)),
  no_local INTEGER NOT NULL CHECK (no_local IN (0, 1)),
  retain_as_published INTEGER NOT NULL CHECK (retain_as_published IN (0, 1)),
  identifier INTEGER NOT NULL,
  since INTEGER NOT NULL,             -- only later events are owed
  PRIMARY KEY (session, filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE handshakes_in (          -- QoS 2 packet ids that were taken and not yet released
  session INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (session, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE handshakes_out (         -- QoS 2 messages under way to the client
  session INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,
  event INTEGER NOT NULL,
  released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  PRIMARY KEY (session, packet_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX handshakes_out_by_event ON handshakes_out (event);

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
`
