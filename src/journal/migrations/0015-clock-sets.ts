// Adds by how much the wall clock was set and when, so that the age of an event can be told although the
// clock was set after it.

export const sql = `
CREATE TABLE clock_sets (
  id          INTEGER PRIMARY KEY,
  after_event INTEGER NOT NULL,   -- events up to this one bear times of before
  by_ms       INTEGER NOT NULL
) STRICT;
`
