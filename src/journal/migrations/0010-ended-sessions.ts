// The end of a session is one row, however much there was of it: what is left is removed in steps.

export const sql = `
CREATE TABLE ended_sessions (         -- what other tables say of one of these means nothing; gone when they say nothing more
  number INTEGER PRIMARY KEY
) STRICT;
`
