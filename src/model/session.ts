// What is kept of sessions across a restart of the hub, and the port by which the broker keeps it. Messages
// are not copied: what a session is owed is said by its subscriptions and by how far it has come in the
// journal.

import type { Event, QoS } from './event.ts'

/** Sessions are known by numbers that are given once: a session that is begun anew has another one. */
export interface StoredSession {
  readonly number: number
  readonly client: string
  /** The user whose session it is; `null` when nobody knew. */
  readonly user: string | null
  /** See `Pass`; `null` when it is not known. */
  readonly realm: string | null
  readonly expirySeconds: number
  /** When its connection ended, Unix ms; `null` while it is connected. */
  readonly goneAt: number | null
  /** No event up to this one is owed at QoS 1; later ones are if a subscription asks for them. */
  readonly acknowledgedUpTo: number
  /** The newest event that it was sent: up to here, QoS 2 is owed only where `sent` says so. */
  readonly sentUpTo: number
  readonly subscriptions: readonly StoredSubscription[]
  /** Removed or changed, and something that came by them is owed still. */
  readonly past: readonly PastSubscription[]
  /** QoS 2 packet ids of the client that were taken and not yet released. */
  readonly received: readonly number[]
  /**
   * Messages under way to the client, oldest first: at QoS 2, and at QoS 1 those that came by a shared
   * subscription.
   */
  readonly sent: readonly StoredHandshake[]
  /** Retained messages that it was given at QoS 2 by a subscription that has not given all yet. */
  readonly fed: readonly { readonly filter: string; readonly event: number }[]
  /** Events that it is owed and that are not under way, oldest first. */
  readonly owed: Float64Array
}

export interface StoredSubscription {
  /** The filter as the client wrote it, with `$share` for a shared one. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly identifier: number
  /** Only later events are owed by it. */
  readonly since: number
  /** What was retained by then is on its way to the client; 0: nothing is, or nothing is promised. */
  readonly retainedUpTo: number
}

export interface PastSubscription extends StoredSubscription {
  /** Later events are not owed by it. */
  readonly upTo: number
}

export interface StoredHandshake {
  readonly packetId: number
  readonly qos: 1 | 2
  /** The subscription that it came by, where that is a shared one, or it was retained under it. */
  readonly filter: string | null
  /** `null`: the client has the message, and its PUBREL is what is left to send. */
  readonly event: Event | null
}

/** What waits for any member of a shared subscription. */
export interface StoredShare {
  readonly share: string
  /** Oldest first. */
  readonly events: Float64Array
}

/** Kept for every client that has one, also where its session ends with the connection. */
export interface StoredWill {
  readonly session: number
  readonly client: string
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Uint8Array | null
  readonly delaySeconds: number
  /** When it is due, Unix ms; `null` while the client is connected. */
  readonly dueAt: number | null
}

/** As it was when the hub last stopped. */
export interface StoredSessions {
  readonly sessions: readonly StoredSession[]
  readonly shares: readonly StoredShare[]
  readonly wills: readonly StoredWill[]
  /** The highest number of which the store knows anything: those that are given from now on are above. */
  readonly lastNumber: number
}

export type SessionChange =
  /** Begun, or taken up again by its client. */
  | {
      readonly kind: 'opened'
      readonly session: number
      readonly client: string
      readonly user: string | null
      readonly realm: string | null
      readonly expirySeconds: number
      /** A session is new. */
      readonly acknowledgedUpTo: number
    }
  | { readonly kind: 'left'; readonly session: number; readonly goneAt: number }
  /** With all that was kept for it but its will. */
  | { readonly kind: 'ended'; readonly session: number }
  | { readonly kind: 'subscribed'; readonly session: number; readonly subscription: StoredSubscription }
  | {
      readonly kind: 'unsubscribed'
      readonly session: number
      readonly filter: string
      /** Events up to this one are owed by it still; 0: none are. */
      readonly upTo: number
    }
  | {
      readonly kind: 'progressed'
      readonly session: number
      readonly upTo: number
      readonly sentUpTo: number
      /** Its queue was full: what came after this event is not owed. `null`: there is room. */
      readonly owedUpTo: number | null
    }
  /** What was retained under a subscription has been given, and acknowledged. */
  | { readonly kind: 'feed-ended'; readonly session: number; readonly filter: string }
  /** A shared subscription has lost its last member: nothing waits any more. */
  | { readonly kind: 'dissolved'; readonly share: string }
  | { readonly kind: 'will'; readonly will: StoredWill }
  | { readonly kind: 'will-due'; readonly session: number; readonly dueAt: number }
  | { readonly kind: 'will-gone'; readonly session: number }
  | Handshake

/** Each step of a handshake; `event` is 0 where none is meant. */
export interface Handshake {
  readonly kind: HandshakeKind
  readonly session: number
  readonly packetId: number
  readonly event: number
  /** The filter of the subscription that the change is about, where that matters. */
  readonly filter: string | null
}

/**
 * Of QoS 2: `took`, `let-go`: of a message from the client. `sent`, `released`, `done`: of one to it.
 *
 * Of what a shared subscription owes at QoS 1 or 2: `shared`: it is under way to this session at QoS 1, or to
 * none and waits (0); `unshared`: it is owed by the group no more.
 *
 * `fed`: a retained message is given at QoS 2, because of a subscription.
 *
 * The position in the list is the kind's number on the way to the store.
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
   * Takes a change and returns its mark: it is kept once `committedId` of the event log has reached that.
   * What is said in one turn without a break is committed together, and together with the events that are
   * appended there: all of it, or nothing.
   */
  append(change: SessionChange): number
  /** Returns the events that still exist, in the order of their ids. */
  eventsOf(ids: readonly number[]): Promise<Event[]>
}
