// Finds the events that rules and alerts hold, so that pruning spares these events, and only these. A waiting
// rule may fire with an event in its state: every value named `event`, at any depth. An open alert, and one of
// which something is still to be told, names the command that raised it, and the message that led to it.

import type { Database } from 'better-sqlite3'

const STATES_PER_TRANSACTION = 200

/**
 * Reads all states, some per transaction. An event that is not in the answer, and that the cursor had reached
 * before, is never held later: a state comes to hold an event only when the engine evaluates that event, and
 * never passes it to another state.
 */
export function* heldEvents(db: Database): Generator<void, ReadonlySet<number>> {
  const ofAlerts = db.prepare<[], number>(
    `SELECT event FROM alerts WHERE state <> 'resolved'
     UNION SELECT cause_event FROM alerts WHERE state <> 'resolved' AND cause_event IS NOT NULL
     UNION SELECT event FROM notifications WHERE is_closed = 0
     UNION SELECT event FROM silences`,
  )
  const statesAfter = db.prepare<[Key & { limit: number }], Key & { readonly events: string }>(
    `SELECT rule, key, (
       SELECT json_group_array(value) FROM json_tree(state) AS part WHERE part.key = 'event') AS events
     FROM rule_states WHERE (rule, key) > (@rule, @key) ORDER BY rule, key LIMIT @limit`,
  )
  const held = new Set(ofAlerts.pluck().all())
  yield
  for (let after: Key = { rule: '', key: '' }; ;) {
    const page = statesAfter.all({ rule: after.rule, key: after.key, limit: STATES_PER_TRANSACTION })
    for (const { events } of page) for (const id of JSON.parse(events) as number[]) held.add(id)
    const last = page.at(-1)
    if (last === undefined) return held
    after = last
    yield
  }
}

interface Key {
  readonly rule: string
  readonly key: string
}
