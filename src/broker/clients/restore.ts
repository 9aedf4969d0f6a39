// Takes up sessions and wills as they were when the hub last stopped. Whoever was connected then lost the
// connection when the hub died: the expiry of the session and the delay of the will count from that moment.
// What was taken then stays good, whatever the limits of topics are now: they are for what comes.

import type { Clock } from '../../base/clock.ts'
import type { StoredSession, StoredSessions, StoredShare, StoredWill } from '../../model/session.ts'
import type { Counters } from '../bounds/counters.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Backlog } from '../delivery/backlog.ts'
import type { ExpiryClock } from '../message/expiry-clock.ts'
import { sentAs } from '../delivery/owed-copies.ts'
import type { Routes } from '../routing/routing.ts'
import { EARLIER_RIGHTS } from '../session/rights.ts'
import { Session } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import type { Will } from '../session/will.ts'
import type { Sessions } from './sessions.ts'
import type { Wills } from './wills.ts'

/** What the stored sessions are restored into. */
export interface Restored {
  readonly clock: Clock
  readonly expiry: Pick<ExpiryClock, 'reckoned'>
  readonly limits: Limits
  readonly counters: Counters
  readonly journal: SessionJournal
  readonly routes: Routes
  readonly backlog: Backlog
  readonly sessions: Sessions
  readonly wills: Wills
}

/** @param diedAt when the hub before this one was last seen alive */
export function restoreSessions(into: Restored, stored: StoredSessions, diedAt: number): void {
  const { sessions, shares, wills, lastNumber } = stored
  into.journal.numbersAbove(lastNumber)
  for (const one of sessions) into.sessions.restore(one, one.goneAt ?? diedAt)
  for (const one of sessions) restoreMessages(into, one)
  for (const one of shares) restoreShare(into, one)
  for (const one of wills) restoreWill(into, one, diedAt)
}

/** What the client was being sent, and what it has yet to be sent. */
function restoreMessages(into: Restored, { client, subscriptions, owed, sent, fed }: StoredSession): void {
  const session = into.sessions.get(client)!
  session.waiting.restore(atMost(into, owed))
  for (const { packetId, event, qos, filter } of sent) {
    session.inflight.restore(
      packetId,
      event && { ...sentAs(into, session, into.expiry.reckoned(event), filter), qos },
    )
  }
  for (const { filter, retainedUpTo } of subscriptions) {
    if (retainedUpTo === 0) continue
    const given = fed.filter((one) => one.filter === filter).map(({ event }) => event)
    into.backlog.feed(session, filter, retainedUpTo, new Set(given))
  }
}

function restoreShare(into: Restored, { share: filter, events }: StoredShare): void {
  const share = into.routes.share(filter)
  if (share === undefined) into.journal.dissolved(filter)
  else share.waiting.restore(atMost(into, events))
}

function atMost({ limits, counters }: Restored, events: Float64Array): Float64Array {
  const { queueMessages } = limits
  if (events.length > queueMessages) counters.drop('queue-full', events.length - queueMessages)
  return events.subarray(0, queueMessages)
}

function restoreWill(
  { clock, journal, sessions, wills }: Restored,
  stored: StoredWill,
  diedAt: number,
): void {
  const will: Will = { ...stored, properties: stored.properties ?? new Uint8Array() }
  const session = sessions.get(stored.client)
  if (session?.number !== stored.session) {
    // The will's session ended with the connection.
    const gone = new Session(stored.client, stored.session)
    gone.renew({ ...gone.pass, rights: EARLIER_RIGHTS })
    gone.setWill(will)
    return wills.publish(gone, session)
  }
  session.renew({ ...session.pass, rights: EARLIER_RIGHTS })
  session.setWill(will)
  const dueAt = stored.dueAt ?? diedAt + stored.delaySeconds * 1_000
  if (stored.dueAt === null) journal.willDue(session, dueAt)
  const delayMs = dueAt - clock.now()
  if (delayMs <= 0) wills.publish(session)
  else wills.publishAfter(session, delayMs)
}
