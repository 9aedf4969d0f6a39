// Finds the events that rules hold: every value named `event` in their states, at any depth. A waiting rule
// may fire with one of them, so pruning spares these events, and only these.

import type { Database } from 'better-sqlite3'

const STATES_PER_TRANSACTION = 200

/**
 * Reads all states, some per transaction. An event that is not in the answer, and that the cursor had reached
 * before, is never held later: a state comes to hold an event only when the engine evaluates that event, and
 * never passes it to another state.
 */
export function* heldEvents(db: Database): Generator<void, ReadonlySet<number>> {
  const statesAfter = db.prepare<[Key & { limit: number }], Key & { readonly events: string }>(
    `SELECT rule, key, (
       SELECT json_group_array(value) FROM json_tree(state) AS part WHERE part.key = 'event') AS events
     FROM rule_states WHERE (rule, key) > (@rule, @key) ORDER BY rule, key LIMIT @limit`,
  )
  const held = new Set<number>()
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
