// The SQL of sessions, held to the rules of `model/owed-events.ts`.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { SessionRows } from '../../../src/journal/sessions/session-rows.ts'
import { leavesDebt } from '../../../src/model/owed-events.ts'
import { openBench, openRaw } from '../fixtures.ts'

const anySubscription = fc.record({
  filter: fc.constantFrom('a', 'a/#', '$share/g/a', '$shared/a', '$SHARE/g/a'),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  noLocal: fc.boolean(),
  retainAsPublished: fc.boolean(),
  identifier: fc.nat(3),
  since: fc.nat(3),
  retainedUpTo: fc.constant(0),
})

it('keeps a subscription that is removed exactly where the broker says that it may owe something', () => {
  const db = openRaw(openBench().dataDir)
  const rows = new SessionRows(db)
  const kept = db
    .prepare<[number], number>('SELECT count(*) FROM past_subscriptions WHERE session = ?')
    .pluck()
  let session = 0
  fc.assert(
    fc.property(anySubscription, fc.nat(4), (subscription, upTo) => {
      session++
      const opened = { client: `c${session}`, user: null, realm: null, expirySeconds: 1, acknowledgedUpTo: 0 }
      rows.write([
        { kind: 'opened', session, ...opened },
        { kind: 'subscribed', session, subscription },
        { kind: 'unsubscribed', session, filter: subscription.filter, upTo },
      ])
      expect(kept.get(session) === 1).toBe(leavesDebt(subscription, upTo))
    }),
  )
})
