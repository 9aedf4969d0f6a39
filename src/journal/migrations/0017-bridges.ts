// Adds what bridges keep: how far the far side has acknowledged, QoS 2 handshakes in both directions,
// retained messages that the far side may not have, and the id that names this hub in the chain of hubs of a
// message.

export const sql = `
CREATE TABLE hub (
  id TEXT NOT NULL
) STRICT;
INSERT INTO hub VALUES (lower(hex(randomblob(8))));

CREATE TABLE bridges (
  name        TEXT PRIMARY KEY,
  filters     TEXT NOT NULL,              -- JSON: the local filters of what goes out
  acked_up_to INTEGER NOT NULL,           -- no event up to here is owed, but for those in bridge_sent
  subscribed  TEXT NOT NULL DEFAULT '[]', -- JSON: the subscriptions that the far side has confirmed
  lost        INTEGER NOT NULL DEFAULT 0  -- events that history forgot before they were acknowledged
) STRICT, WITHOUT ROWID;

CREATE TABLE bridge_sent (                -- QoS 2 on its way out
  bridge    TEXT NOT NULL,
  event     INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,             -- 0: the handshake has ended, but the cursor is not there yet
  released  INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
  PRIMARY KEY (bridge, event)
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
`
