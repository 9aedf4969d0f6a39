// Adds one row for the end of a session, whatever its size: its other rows are deleted later, a few at a
// time.

export const sql = `
CREATE TABLE ended_sessions (         -- what other tables say of one of these means nothing; gone when they say nothing more
  number INTEGER PRIMARY KEY
) STRICT;
`
