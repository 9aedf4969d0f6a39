// Adds subscriptions that were removed or changed while the client was owed messages because of them.

export const sql = `
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
`
