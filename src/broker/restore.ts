// Sessions and wills as they were when the hub last stopped. Whoever was connected then lost the connection when the hub died:
// expiry and delay of the will count from that moment.

import type { Event, QoS } from '../model/event.ts'
import type { StoredSession, StoredSessions, StoredWill } from '../model/session.ts'
import type { Hub } from './hub.ts'
import { messageFrom, type Owed } from './message.ts'
import type { Routes } from './routing.ts'
import { Session } from './session.ts'
import { publishWill, publishWillAfter, type Will } from './wills.ts'

/** @param diedAt when the hub before this one was last seen alive */
export function restoreSessions(hub: Hub, { sessions, wills }: StoredSessions, diedAt: number): void {
  for (const { number } of sessions) hub.keeper.taken(number)
  for (const { session } of wills) hub.keeper.taken(session)
  for (const stored of sessions) hub.sessions.restore(hub, stored, stored.goneAt ?? diedAt)
  for (const stored of wills) restoreWill(hub, stored, diedAt)
}

/** What the client was being sent, and what it has yet to be sent. */
export function restoreMessages(hub: Hub, session: Session, { owed, sent }: StoredSession): void {
  const { queueMessages } = hub.limits
  if (owed.length > queueMessages) hub.counters.drop('queue-full', owed.length - queueMessages)
  session.waiting.restore(owed.subarray(0, queueMessages))
  for (const { packetId, event } of sent) {
    const one = event && { ...owedAs(hub.routes, session, event), qos: 2 as const }
    session.inflight.restore(packetId, one)
  }
}

/** What is to be sent of events that a session was owed when the hub last stopped; without those that it has unsubscribed from. */
export function owedOf(routes: Routes, session: Session, events: readonly Event[]): Owed[] {
  return events.map((event) => owedAs(routes, session, event)).filter((owed): owed is Owed => owed.qos > 0)
}

function owedAs(routes: Routes, session: Session, event: Event): Omit<Owed, 'qos'> & { readonly qos: QoS } {
  const target = routes.of(event.topic).targets.find((candidate) => candidate.session === session)
  const asked = event.client === session.clientId ? target?.own : target
  return {
    message: messageFrom(event),
    event: event.id,
    qos: Math.min(event.qos, asked?.qos ?? 0) as QoS,
    retain: event.retain && asked?.retainAsPublished === true,
    identifiers: asked?.identifiers ?? [],
    share: null,
  }
}

function restoreWill(hub: Hub, stored: StoredWill, diedAt: number): void {
  const will: Will = { ...stored, properties: stored.properties ?? new Uint8Array() }
  const kept = hub.sessions.get(stored.client)
  if (kept?.number !== stored.session) {
    // Its session ended with the connection.
    const gone = new Session(stored.client, stored.session)
    gone.will = will
    return publishWill(hub, gone)
  }
  kept.will = will
  const dueAt = stored.dueAt ?? diedAt + stored.delaySeconds * 1_000
  if (stored.dueAt === null) hub.keeper.willDue(kept, dueAt)
  const delayMs = dueAt - hub.clock.now()
  if (delayMs <= 0) publishWill(hub, kept)
  else publishWillAfter(hub, kept, delayMs)
}
