// What a bridge sends: events behind its cursor, and retained messages that the far side may not have.

import type { Database } from 'better-sqlite3'
import type { OwedRetained } from '../../model/bridge.ts'
import { DEEPEST_CAUSE } from '../../model/event.ts'
import type { Cause } from '../../model/event.ts'
import type { BridgePage, BridgeQuery } from '../../model/queries.ts'
import { hidesRoot } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { EventRows } from '../events/event-rows.ts'
import { openHeard } from './heard.ts'

type Retained = Omit<NonNullable<OwedRetained['message']>, 'isEvent'> & { readonly isEvent: number }

interface Link {
  readonly cause: number | null
  readonly properties: Buffer | null
}

/** The caller holds a read transaction. */
export function openBridgePages(db: Database, events: EventRows) {
  const heardAfter = openHeard(db, events)
  const link = db.prepare<[number], Link>('SELECT cause_event AS cause, properties FROM events WHERE id = ?')
  const lost = db.prepare<[string], number>('SELECT lost FROM bridges WHERE name = ?').pluck()
  const owed = db
    .prepare<[string, number], string>(
      'SELECT topic FROM bridge_retained WHERE bridge = ? ORDER BY topic LIMIT ?',
    )
    .pluck()
  const retained = db.prepare<[string], Retained>(
    `SELECT event, at, payload, qos, properties,
       EXISTS (SELECT 1 FROM events WHERE id = event) AS isEvent
     FROM retained WHERE topic = (SELECT id FROM topics WHERE name = ?)`,
  )

  /** The properties of the event at the root of a chain of causes. */
  const rootOf = (cause: Cause): Uint8Array | null => {
    let at: Link | undefined = link.get(cause.event)
    for (let hops = 0; at !== undefined && at.cause !== null && hops < DEEPEST_CAUSE; hops++)
      at = link.get(at.cause)
    return at?.properties ?? null
  }

  return {
    page({ bridge, filters, hiddenRoot, after, limit, bytes }: BridgeQuery): BridgePage {
      const hides = hidesRoot(hiddenRoot)
      const isHeard = (topic: string): boolean => filters.some((filter) => topicMatches(filter, topic, hides))
      const heard = heardAfter(after, limit, bytes, isHeard)
      return {
        ...heard,
        events: heard.events.map((event) =>
          event.cause === null ? event : { ...event, root: rootOf(event.cause) },
        ),
        lost: lost.get(bridge) ?? 0,
      }
    },
    lost: (bridge: string): number => lost.get(bridge) ?? 0,
    owedRetained: ({ bridge, limit }: { readonly bridge: string; readonly limit: number }): OwedRetained[] =>
      owed.all(bridge, limit).map((topic) => {
        const found = retained.get(topic)
        return { topic, message: found === undefined ? null : { ...found, isEvent: found.isEvent === 1 } }
      }),
  }
}
