// Finds the events that rules and alerts hold, so that pruning spares these events, and only these. A waiting
// rule may fire with an event in its state: every value named `event`, at any depth. An open alert, and one
// of which something is still to be told, names the last command about it. An open one also names the message
// that led to it.

import type { Database } from 'better-sqlite3'
import { TOGETHER_STATES } from '../../model/store.ts'

const STATES_PER_TRANSACTION = 200

const EVENTS = `(
  SELECT json_group_array(value) FROM json_tree(state) AS part WHERE part.key = 'event') AS events`

/**
 * Reads all states, some per transaction. An event that is not in the answer, and that the cursor had reached
 * before, is never held later: a state comes to hold an event only when the engine evaluates that event, and
 * passes it on only to the states of joint firings, which are read last.
 */
export function* heldEvents(db: Database): Generator<void, ReadonlySet<number>> {
  const ofAlerts = db.prepare<[], number>(
    `SELECT event FROM alerts WHERE state <> 'resolved' OR key IN (
       SELECT value FROM notifications, json_each(notifications.alerts) WHERE is_closed = 0)
     UNION SELECT cause_event FROM alerts WHERE state <> 'resolved' AND cause_event IS NOT NULL
     UNION SELECT event FROM notifications WHERE is_closed = 0
     UNION SELECT event FROM silences`,
  )
  const statesAfter = db.prepare<[Key & { limit: number }], Key & Held>(
    `SELECT rule, key, ${EVENTS}
     FROM rule_states WHERE (rule, key) > (@rule, @key) ORDER BY rule, key LIMIT @limit`,
  )
  const jointStates = db.prepare<[string], Held>(`SELECT ${EVENTS} FROM rule_states WHERE rule = ?`)
  const held = new Set(ofAlerts.pluck().all())
  yield
  let after: Key | undefined = { rule: '', key: '' }
  while (after !== undefined) {
    const page: (Key & Held)[] = statesAfter.all({
      rule: after.rule,
      key: after.key,
      limit: STATES_PER_TRANSACTION,
    })
    addTo(held, page)
    after = page.at(-1)
    if (after !== undefined) yield
  }
  addTo(held, jointStates.all(TOGETHER_STATES))
  return held
}

function addTo(held: Set<number>, rows: readonly Held[]): void {
  for (const { events } of rows) for (const id of JSON.parse(events) as number[]) held.add(id)
}

interface Key {
  readonly rule: string
  readonly key: string
}

interface Held {
  /** JSON: a list of ids. */
  readonly events: string
}
