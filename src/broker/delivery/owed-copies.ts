// What is to be sent of events that were owed when the hub last stopped: by whom each was asked for, and how.

import type { Event, QoS } from '../../model/event.ts'
import { isWithin } from '../../model/owed-events.ts'
import { isShared } from '../../topics/names.ts'
import { messageFrom } from '../message/message.ts'
import type { Routes } from '../routing/routing.ts'
import type { Owed } from '../session/owed.ts'
import type { Past, Session, Subscription } from '../session/session.ts'
import type { SessionJournal } from '../session/session-journal.ts'
import { Share } from '../session/share.ts'
import { type Target, targetOf } from '../session/target.ts'
import type { Copy } from './copies.ts'

/** What is to be sent to a session of the events that it was owed. */
export function owedOf(routes: Routes, session: Session, events: readonly Event[]): Owed[] {
  return events
    .map((event) => copyFor(askedOf(routes, session, event), event))
    .filter((copy): copy is Owed => copy.qos > 0)
}

/** What waits for a shared subscription. How a member gets it is seen when the member takes it. */
export function sharedOf(routes: Routes, share: Share, events: readonly Event[]): Owed[] {
  // The filter may have reached more when these events came: the hub's own topics were not hidden then.
  const { reached = [], beyond = [] } = Object.groupBy(events, ({ topic }) =>
    routes.reaches(share.filter, topic) ? 'reached' : 'beyond',
  )
  for (const { id } of beyond) share.forget(id)
  return reached.map((event) => ({
    ...copyFor(undefined, event),
    qos: event.qos === 2 ? 2 : 1,
    retain: event.retain,
    via: share,
  }))
}

/**
 * A message that was under way to a session.
 * @param filter of the shared subscription that it came by, or under which it was retained; `null` for
 * neither
 */
export function sentAs(
  { routes, journal }: { readonly routes: Routes; readonly journal: SessionJournal },
  session: Session,
  event: Event,
  filter: string | null,
): Copy {
  if (filter === null) return copyFor(askedOf(routes, session, event), event)
  if (!isShared(filter)) {
    const identifier = session.subscriptions.get(filter)?.identifier ?? 0
    return { ...copyFor(undefined, event), retain: true, identifiers: identifier === 0 ? [] : [identifier] }
  }
  const share = routes.share(filter) ?? new Share(filter, journal) // its members have left
  return { ...copyFor(share.memberOf(session), event), via: share }
}

function askedOf(routes: Routes, session: Session, event: Event): Target | null | undefined {
  const target =
    pastTargetOf(routes, session, event) ??
    routes.ofTaken(event.topic).targets.find((one) => one.session === session)
  return event.client === session.clientId ? target?.own : target
}

/** The target of an event that came by a subscription which has been removed or changed since. */
function pastTargetOf(routes: Routes, session: Session, { id, topic }: Event): Target | undefined {
  const matches = (one: Subscription | Past): boolean =>
    isWithin(id, one) && !isShared(one.filter) && routes.reaches(one.filter, topic)
  const past = session.subscriptions.past.filter(matches)
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
    via: null,
  }
}
