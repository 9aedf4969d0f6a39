// Sessions as they are stored across a restart of the hub, and the port through which the broker stores them.
// Messages are not copied: a session's subscriptions, and how far it has got in the journal, tell which
// events it is owed.

import type { Event, QoS } from './event.ts'

/** A stored session. Its number is never used again: a session that is begun anew has another number. */
export interface StoredSession {
  readonly number: number
  readonly client: string
  /** The user whose session it is; `null` when the client was not known as a user. */
  readonly user: string | null
  /** See `Pass`; `null` when it is not known. */
  readonly realm: string | null
  readonly expirySeconds: number
  /** The moment at which its connection ended, Unix ms; `null` while the client is connected. */
  readonly goneAt: number | null
  /** No event up to this one is owed at QoS 1. Later ones are if a subscription matches them. */
  readonly acknowledgedUpTo: number
  /** The newest event that was sent to the client: up to here, QoS 2 is owed only where `sent` says so. */
  readonly sentUpTo: number
  readonly subscriptions: readonly StoredSubscription[]
  /** Subscriptions that were removed or changed, and have events left that are still owed. */
  readonly past: readonly PastSubscription[]
  /** QoS 2 packet ids that the client has used and not yet released. */
  readonly received: readonly number[]
  /**
   * Messages under way to the client, oldest first: those at QoS 2, and at QoS 1 those of a shared
   * subscription.
   */
  readonly sent: readonly StoredHandshake[]
  /**
   * Retained messages that were sent at QoS 2 for a subscription whose retained messages have not all been
   * sent yet.
   */
  readonly fed: readonly { readonly filter: string; readonly event: number }[]
  /** Events that the session is owed and that are not under way, oldest first. */
  readonly owed: Float64Array
}

export interface StoredSubscription {
  /** The filter as the client wrote it, with `$share` for a shared one. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly identifier: number
  /** The newest event when the subscription was made. It makes the hub owe only later ones. */
  readonly since: number
  /**
   * The newest event when the retained messages began to be sent; those up to it are still on their way to
   * the client. 0: none are, or none are promised.
   */
  readonly retainedUpTo: number
}

export interface PastSubscription extends StoredSubscription {
  /** The newest event when the subscription ended. Later ones are not owed. */
  readonly upTo: number
}

export interface StoredHandshake {
  readonly packetId: number
  readonly qos: 1 | 2
  /**
   * The shared subscription that gave the message, or the filter under which it was retained; otherwise
   * `null`.
   */
  readonly filter: string | null
  /** `null`: the client has received the message, and only its PUBREL is left to send. */
  readonly event: Event | null
}

/** Events that wait for any member of a shared subscription. */
export interface StoredShare {
  readonly share: string
  /** Oldest first. */
  readonly events: Float64Array
}

/**
 * A will. The hub stores one for each client that has set it, even if the session ends with the connection.
 */
export interface StoredWill {
  readonly session: number
  readonly client: string
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Uint8Array | null
  readonly delaySeconds: number
  /** The moment at which the will is published, Unix ms; `null` while the client is connected. */
  readonly dueAt: number | null
}

/** The sessions, shares and wills as the last hub left them. */
export interface StoredSessions {
  readonly sessions: readonly StoredSession[]
  readonly shares: readonly StoredShare[]
  readonly wills: readonly StoredWill[]
  /** The highest session number in the store: new ones are above it. */
  readonly lastNumber: number
}

export type SessionChange =
  /** A client began a session, or resumed it. */
  | {
      readonly kind: 'opened'
      readonly session: number
      readonly client: string
      readonly user: string | null
      readonly realm: string | null
      readonly expirySeconds: number
      /** Where a new session begins; ignored for one that exists. */
      readonly acknowledgedUpTo: number
    }
  | { readonly kind: 'left'; readonly session: number; readonly goneAt: number }
  /** Removes the session and all that was stored for it, except its will. */
  | { readonly kind: 'ended'; readonly session: number }
  | { readonly kind: 'subscribed'; readonly session: number; readonly subscription: StoredSubscription }
  | {
      readonly kind: 'unsubscribed'
      readonly session: number
      readonly filter: string
      /** The newest event that is still owed because of the subscription; 0: none is. */
      readonly upTo: number
    }
  | {
      readonly kind: 'progressed'
      readonly session: number
      readonly upTo: number
      readonly sentUpTo: number
      /**
       * The newest event when the session's queue became full: later ones are not owed. `null`: there is
       * room.
       */
      readonly owedUpTo: number | null
    }
  /** All retained messages under a subscription have been sent and acknowledged. */
  | { readonly kind: 'feed-ended'; readonly session: number; readonly filter: string }
  /** A shared subscription has lost its last member: no event waits for it any more. */
  | { readonly kind: 'dissolved'; readonly share: string }
  | { readonly kind: 'will'; readonly will: StoredWill }
  | { readonly kind: 'will-due'; readonly session: number; readonly dueAt: number }
  | { readonly kind: 'will-gone'; readonly session: number }
  | Handshake

/** One state change of a handshake. `event` is 0 where the change is not about an event. */
export interface Handshake {
  readonly kind: HandshakeKind
  readonly session: number
  readonly packetId: number
  readonly event: number
  /** The filter of the subscription that the change is about; `null` where that does not matter. */
  readonly filter: string | null
}

/**
 * The kinds of change. The position in the list is the kind's number in messages to the store.
 *
 * - A QoS 2 message from the client: `took` stores its packet id, `let-go` forgets it.
 * - A QoS 2 message to the client: `sent`; `released` after its PUBREC; `done` after its PUBCOMP.
 * - An event that a shared subscription owes at QoS 1 or 2: `shared` means that it is under way to this
 *   session at QoS 1, or, with session 0, that it waits for a member; `unshared` means that the group is owed
 *   it no more.
 * - `fed`: a retained message is sent at QoS 2, because of a subscription.
 */
export const HANDSHAKE_KINDS = [
  'took',
  'let-go',
  'sent',
  'released',
  'done',
  'shared',
  'unshared',
  'fed',
] as const
export type HandshakeKind = (typeof HANDSHAKE_KINDS)[number]

export interface SessionLog {
  /**
   * Takes a change and returns its mark: the change is committed once `committedId` of the event log has
   * reached the mark. Changes and events that are appended in one synchronous stretch of a turn are committed
   * together, or not at all.
   */
  append(change: SessionChange): number
  /** Returns the events that still exist, in the order of their ids. */
  eventsOf(ids: readonly number[]): Promise<Event[]>
}
