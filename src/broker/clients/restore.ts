// Sessions and wills as they were when the hub last stopped. Whoever was connected then lost the connection when the hub died:
// expiry and delay of the will count from that moment. What was taken then stays good, whatever the limits of topics are now: they
// are for what comes.

import type { Event, QoS } from '../../model/event.ts'
import type { StoredSession, StoredSessions, StoredShare, StoredWill } from '../../model/session.ts'
import { topicMatches } from '../../topics/matches.ts'
import { isShared } from '../../topics/names.ts'
import type { Copy } from '../delivery/copies.ts'
import type { Hub } from '../connection/hub.ts'
import { messageFrom, type Owed } from '../message/message.ts'
import { EARLIER_RIGHTS } from '../session/rights.ts'
import { type Routes, type Target, targetOf } from '../routing/routing.ts'
import { Session, type Subscription } from '../session/session.ts'
import { Share } from '../session/share.ts'
import { publishWill, publishWillAfter, type Will } from './wills.ts'

/** @param diedAt when the hub before this one was last seen alive */
export function restoreSessions(hub: Hub, stored: StoredSessions, diedAt: number): void {
  const { sessions, shares, wills, lastNumber } = stored
  hub.journal.numbersAbove(lastNumber)
  for (const one of sessions) hub.sessions.restore(hub, one, one.goneAt ?? diedAt)
  for (const one of sessions) restoreMessages(hub, one)
  for (const one of shares) restoreShare(hub, one)
  for (const one of wills) restoreWill(hub, one, diedAt)
}

/** What the client was being sent, and what it has yet to be sent. */
function restoreMessages(hub: Hub, { client, subscriptions, owed, sent, fed }: StoredSession): void {
  const session = hub.sessions.get(client)!
  session.waiting.restore(atMost(hub, owed))
  for (const { packetId, event, qos, filter } of sent) {
    session.inflight.restore(packetId, event && { ...sentAs(hub, session, event, filter), qos })
  }
  for (const { filter, retainedUpTo } of subscriptions) {
    if (retainedUpTo === 0) continue
    const given = fed.filter((one) => one.filter === filter).map(({ event }) => event)
    hub.backlog.feed(session, filter, retainedUpTo, new Set(given))
  }
}

function restoreShare(hub: Hub, { share: filter, events }: StoredShare): void {
  const share = hub.routes.share(filter)
  if (share === undefined) hub.journal.dissolved(filter)
  else share.waiting.restore(atMost(hub, events))
}

function atMost({ limits, counters }: Hub, events: Float64Array): Float64Array {
  const { queueMessages } = limits
  if (events.length > queueMessages) counters.drop('queue-full', events.length - queueMessages)
  return events.subarray(0, queueMessages)
}

/** What is to be sent of events that a session was owed when the hub last stopped. */
export function owedOf(routes: Routes, session: Session, events: readonly Event[]): Owed[] {
  return events
    .map((event) => copyFor(askedOf(routes, session, event), event))
    .filter((copy): copy is Owed => copy.qos > 0)
}

/** The same for a group. What a member gets of it is seen when it takes it. */
export const sharedOf =
  (share: Share) =>
  (events: readonly Event[]): Owed[] =>
    events.map((event) => ({
      ...copyFor(undefined, event),
      qos: event.qos === 2 ? 2 : 1,
      retain: event.retain,
      share,
    }))

function sentAs({ routes, journal }: Hub, session: Session, event: Event, filter: string | null): Copy {
  if (filter === null) return copyFor(askedOf(routes, session, event), event)
  if (!isShared(filter)) {
    const identifier = session.subscriptions.get(filter)?.identifier ?? 0
    return { ...copyFor(undefined, event), retain: true, identifiers: identifier === 0 ? [] : [identifier] }
  }
  const share = routes.share(filter) ?? new Share(filter, journal) // its members have left
  return { ...copyFor(share.memberOf(session), event), share }
}

function askedOf(routes: Routes, session: Session, event: Event): Target | null | undefined {
  const target =
    pastTargetOf(session, event) ?? routes.ofTaken(event.topic).targets.find((one) => one.session === session)
  return event.client === session.clientId ? target?.own : target
}

/** Of an event that came by a subscription which has been removed or changed since. */
function pastTargetOf(session: Session, { id, topic }: Event): Target | undefined {
  const matches = ({ filter, since }: Subscription): boolean =>
    since < id && !isShared(filter) && topicMatches(filter, topic)
  const past = session.past?.filter((one) => id <= one.upTo && matches(one)) ?? []
  if (past.length === 0) return undefined
  return targetOf([...past, ...[...session.subscriptions.values()].filter(matches)])
}

function copyFor(asked: Target | null | undefined, event: Event): Copy {
  return {
    message: messageFrom(event),
    event: event.id,
    qos: Math.min(event.qos, asked?.qos ?? 0) as QoS,
    retain: event.retain && asked?.retainAsPublished === true,
    identifiers: asked?.identifiers ?? [],
    share: null,
    feed: null,
  }
}

function restoreWill(hub: Hub, stored: StoredWill, diedAt: number): void {
  const will: Will = { ...stored, properties: stored.properties ?? new Uint8Array() }
  const kept = hub.sessions.get(stored.client)
  if (kept?.number !== stored.session) {
    // Its session ended with the connection.
    const gone = new Session(stored.client, stored.session)
    gone.pass = { ...gone.pass, rights: EARLIER_RIGHTS }
    gone.will = will
    return publishWill(hub, gone)
  }
  kept.pass = { ...kept.pass, rights: EARLIER_RIGHTS }
  kept.will = will
  const dueAt = stored.dueAt ?? diedAt + stored.delaySeconds * 1_000
  if (stored.dueAt === null) hub.journal.willDue(kept, dueAt)
  const delayMs = dueAt - hub.clock.now()
  if (delayMs <= 0) publishWill(hub, kept)
  else publishWillAfter(hub, kept, delayMs)
}
