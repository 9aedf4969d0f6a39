// Decides which events a session is owed, in one place for all who ask. The broker asks when subscriptions
// change; the journal asks when it finds the mailboxes of all sessions, and when it prunes. The SQL that
// keeps past subscriptions repeats `leavesDebt`; `test/journal/sessions/session-rows.test.ts` checks that
// both give the same answer.

import type { QoS } from './event.ts'
import { isShared } from '../topics/names.ts'

/** A subscription, present or past, as far as it decides which events it makes the hub owe. */
export interface Claim {
  readonly qos: QoS
  readonly noLocal: boolean
  /** The newest event when the subscription was made. The subscription makes the hub owe only later ones. */
  readonly since: number
  /**
   * The newest event when the subscription was removed or changed, which is the last that it can make the hub
   * owe; Infinity while the subscription stands.
   */
  readonly upTo: number
}

/** How far a session has got in the journal. */
export interface Standing {
  readonly client: string
  /** No event up to this one is owed at QoS 1: the client has acknowledged those that it asked for. */
  readonly acknowledgedUpTo: number
  /** The newest event that it was sent: up to here, QoS 2 is owed only where a handshake says so. */
  readonly sentUpTo: number
  /**
   * The newest event when the session's queue became full; later events are not owed. Infinity while there is
   * room.
   */
  readonly owedUpTo: number
}

/** An event, as far as it matters to whom it is owed. */
export interface Owable {
  readonly id: number
  readonly qos: QoS
  /** Who published it; `null` for the hub. */
  readonly client: string | null
}

/**
 * Whether a subscription makes the hub owe events to the session. A shared subscription makes it owe them to
 * the group.
 */
export const owesAny = ({ filter, qos }: { readonly filter: string; readonly qos: QoS }): boolean =>
  qos > 0 && !isShared(filter)

/** Whether a subscription that ended after event `upTo` may have made the hub owe events to the session. */
export const leavesDebt = (
  subscription: { readonly filter: string; readonly qos: QoS; readonly since: number },
  upTo: number,
): boolean => owesAny(subscription) && subscription.since < upTo

/** Whether an event was received while the subscription stood. */
export const isWithin = (
  id: number,
  { since, upTo = Infinity }: { readonly since: number; readonly upTo?: number },
): boolean => id > since && id <= upTo

/**
 * The QoS at which a session is still owed an event, apart from its handshakes; 0 if the event is not owed.
 * @param claims the session's subscriptions that match the event's topic, also past ones
 */
export function owedAt(event: Owable, session: Standing, claims: readonly Claim[]): QoS {
  const { id } = event
  if (id <= session.acknowledgedUpTo || id > session.owedUpTo) return 0
  let asked: QoS = 0
  for (const claim of claims) {
    const isOwn = claim.noLocal && event.client === session.client
    if (claim.qos > asked && isWithin(id, claim) && !isOwn) asked = claim.qos
  }
  const qos = asked < event.qos ? asked : event.qos
  return qos === 2 && id <= session.sentUpTo ? 0 : qos
}

/**
 * Whether an event may be owed to a session if its QoS and its publisher are not known. Pruning asks this: it
 * knows only the id.
 */
export const mayBeOwed = (id: number, session: Standing, claims: readonly Claim[]): boolean =>
  owedAt({ id, qos: 1, client: null }, session, claims) > 0
