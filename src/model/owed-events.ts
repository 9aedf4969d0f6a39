// Which events a session is owed. The broker asks when subscriptions change, the journal when it finds the
// mailboxes of all sessions and when it prunes: the answer stands here once. The SQL that keeps past
// subscriptions repeats `leavesDebt`, and `test/journal/sessions/session-rows.test.ts` holds it to that.

import type { QoS } from './event.ts'
import { isShared } from '../topics/names.ts'

/** What a subscription asks for. */
export interface Claim {
  readonly qos: QoS
  readonly noLocal: boolean
  /** Only later events are owed by it: the newest event when the subscription was made. */
  readonly since: number
  /**
   * Events up to this one are owed by it: the newest event when it was removed or changed; Infinity while it
   * stands.
   */
  readonly upTo: number
}

/** How far a session has come. */
export interface Standing {
  readonly client: string
  /** No event up to this one is owed at QoS 1: the client has acknowledged it, or asked for none. */
  readonly acknowledgedUpTo: number
  /** The newest event that it was sent: up to here, QoS 2 is owed only where a handshake says so. */
  readonly sentUpTo: number
  /** The queue was full: later events are not owed. Infinity while there is room. */
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
 * Whether a subscription makes the hub owe events to the session: one to a share makes it owe them to the
 * group.
 */
export const owesAny = ({ filter, qos }: { readonly filter: string; readonly qos: QoS }): boolean =>
  qos > 0 && !isShared(filter)

/** Whether a subscription that ends after this event may have made the hub owe something. */
export const leavesDebt = (
  subscription: { readonly filter: string; readonly qos: QoS; readonly since: number },
  upTo: number,
): boolean => owesAny(subscription) && subscription.since < upTo

/** Whether an event came while the subscription stood. */
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
 * Whether an event of any QoS, from any client, may still be owed to a session: what pruning asks, which
 * knows no more of an event than its id.
 */
export const mayBeOwed = (id: number, session: Standing, claims: readonly Claim[]): boolean =>
  owedAt({ id, qos: 1, client: null }, session, claims) > 0
