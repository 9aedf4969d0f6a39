// The statements of pruning. Lists of ids travel as JSON; what hangs on a run (steps, attempts) goes with it by foreign keys.

import type { Database } from 'better-sqlite3'
import { RECORDED } from './event-flags.ts'

const LISTED = '(SELECT value FROM json_each(?))'
const HAS_RUN = (states: string) =>
  `EXISTS (SELECT 1 FROM runs WHERE runs.event = events.id AND runs.state IN (${states}))`
const OPEN = `'planned', 'running'`

export const preparePruning = (db: Database) => ({
  prunableTo: db
    .prepare<[], number>(
      `SELECT min(cursor, indexed_to, (SELECT max(id) FROM events) - 1,
         coalesce((SELECT min(oldest_event) FROM rule_states WHERE oldest_event IS NOT NULL) - 1, cursor))
       FROM journal`,
    )
    .pluck(),
  unrecorded: db
    .prepare<[{ after: number; upTo: number; limit: number }], number>(
      `SELECT id FROM events
       WHERE flags & ${RECORDED} = 0 AND id > @after AND id <= @upTo AND NOT ${HAS_RUN(`${OPEN}, 'dead'`)}
       ORDER BY id LIMIT @limit`,
    )
    .pluck(),
  oldest: db
    .prepare<[{ after: number; upTo: number; limit: number }], number>(
      `SELECT id FROM events WHERE id > @after AND id <= @upTo AND NOT ${HAS_RUN(OPEN)} ORDER BY id LIMIT @limit`,
    )
    .pluck(),
  topicsAfter: db.prepare<[number, number], { id: number; name: string }>(
    'SELECT id, name FROM topics WHERE id > ? ORDER BY id LIMIT ?',
  ),
  topicsInTail: db
    .prepare<[], number>('SELECT DISTINCT topic FROM events WHERE id > (SELECT indexed_to FROM journal)')
    .pluck(),
  oldestAtOf: db
    .prepare<[number], number>(
      `SELECT at FROM events
       WHERE id = (SELECT id FROM topic_events WHERE topic_events.topic = ? ORDER BY id LIMIT 1)`,
    )
    .pluck(),
  oldestOf: db.prepare<
    [{ topic: number; after: number; upTo: number; limit: number }],
    { id: number; at: number; needed: number }
  >(
    `SELECT events.id, at, ${HAS_RUN(OPEN)} AS needed
     FROM topic_events CROSS JOIN events ON events.id = topic_events.id
     WHERE topic_events.topic = @topic AND topic_events.id > @after AND topic_events.id <= @upTo
     ORDER BY topic_events.id LIMIT @limit`,
  ),
  runsAfter: db.prepare<
    [{ after: number; endedBefore: number; limit: number }],
    { id: number; gone: number }
  >(
    `SELECT id, state NOT IN (${OPEN}) AND ended_at < @endedBefore
       AND NOT EXISTS (SELECT 1 FROM events WHERE events.id = runs.event) AS gone
     FROM runs WHERE id > @after ORDER BY id LIMIT @limit`,
  ),
  oldestEndedRuns: db
    .prepare<[{ upTo: number; limit: number }], number>(
      `SELECT id FROM runs WHERE event <= @upTo AND state NOT IN (${OPEN}) ORDER BY event LIMIT @limit`,
    )
    .pluck(),
  clientsAfter: db.prepare<[number, number], { id: number; name: string; gone: number }>(
    `SELECT id, name, last_event < (SELECT min(id) FROM events) AND id NOT IN (
         SELECT client FROM events WHERE id > (SELECT indexed_to FROM journal) AND client IS NOT NULL) AS gone
     FROM clients WHERE id > ? ORDER BY id LIMIT ?`,
  ),
  uncount: db.prepare<[string]>(
    `UPDATE journal SET indexed_events = indexed_events - (
       SELECT count(*) FROM events WHERE id IN ${LISTED} AND flags & ${RECORDED} AND id <= indexed_to)`,
  ),
  dropIndex: db.prepare<[string]>(
    `DELETE FROM topic_events WHERE (topic, id) IN (SELECT topic, id FROM events WHERE id IN ${LISTED})`,
  ),
  dropEvents: db.prepare<[string]>(`DELETE FROM events WHERE id IN ${LISTED}`),
  dropVerdicts: db.prepare<[string]>(`DELETE FROM verdicts WHERE event IN ${LISTED}`),
  dropVerdictsWithoutRun: db.prepare<[string]>(
    `DELETE FROM verdicts WHERE event IN ${LISTED} AND event NOT IN (SELECT event FROM runs)`,
  ),
  dropVerdictsOfRuns: db.prepare<[string]>(
    `DELETE FROM verdicts WHERE event IN (SELECT event FROM runs WHERE id IN ${LISTED})`,
  ),
  dropRuns: db.prepare<[string]>(`DELETE FROM runs WHERE id IN ${LISTED}`),
  dropRunsOf: db.prepare<[string]>(`DELETE FROM runs WHERE event IN ${LISTED} AND state NOT IN (${OPEN})`),
  dropHours: db.prepare<[number, number]>('DELETE FROM topic_hours WHERE topic = ? AND hour < ?'),
  dropTopicWithoutAnything: db.prepare<[{ id: number }]>(
    `DELETE FROM topics WHERE id = @id
       AND NOT EXISTS (SELECT 1 FROM topic_events WHERE topic = @id)
       AND NOT EXISTS (SELECT 1 FROM topic_hours WHERE topic = @id)
       AND NOT EXISTS (SELECT 1 FROM retained WHERE topic = @id)`,
  ),
  dropClients: db.prepare<[string]>(`DELETE FROM clients WHERE id IN ${LISTED}`),
  dropGaps: db.prepare<[number]>('DELETE FROM gaps WHERE to_at < ?'),
})
