// Adds the retained messages that a subscription is still being sent.

export const sql = `
ALTER TABLE subscriptions ADD COLUMN retained_up_to INTEGER NOT NULL DEFAULT 0; -- these are on their way; 0: none

CREATE TABLE fed (                    -- given at QoS 2, by a subscription that has not given all yet
  session INTEGER NOT NULL,
  filter TEXT NOT NULL,
  event INTEGER NOT NULL,
  PRIMARY KEY (session, filter, event)
) STRICT, WITHOUT ROWID;

ALTER TABLE handshakes_out RENAME COLUMN share TO filter;  -- that it came by: a shared one, or it was retained under it
`
