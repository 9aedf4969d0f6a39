// Adds the messages that shared subscriptions owe, so that they survive the hub: one row per group and
// message.

export const sql = `
CREATE TABLE shared (                 -- owed by a group whose members' sessions are kept
  event INTEGER NOT NULL,
  share TEXT NOT NULL,                -- $share/<group>/<filter>
  session INTEGER NOT NULL,           -- under way to this one at QoS 1; 0: it waits for any member
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (event, share)
) STRICT, WITHOUT ROWID;

ALTER TABLE handshakes_out ADD COLUMN share TEXT;   -- the shared subscription that it came by
`
