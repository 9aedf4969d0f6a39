// Replaces the index by topic: a row now holds many events of a topic, first in the order of arrival, later
// by topic.

export const sql = `
CREATE TABLE topic_slices (           -- which events a topic has, up to 128 to a row
  topic INTEGER NOT NULL,
  base INTEGER NOT NULL,              -- no id in this row is below it, and none in an earlier row is above
  ids TEXT NOT NULL,                  -- ascending, each less base, with commas between
  PRIMARY KEY (topic, base)
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

INSERT INTO topic_slices
SELECT topic, base, group_concat(id - base, ',' ORDER BY id) FROM (
  SELECT topic, id, min(id) OVER (PARTITION BY topic, row) AS base FROM (
    SELECT topic, id, (row_number() OVER (PARTITION BY topic ORDER BY id) - 1) / 128 AS row FROM topic_events))
GROUP BY topic, base ORDER BY topic, base;

DROP TABLE topic_events;

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
`
