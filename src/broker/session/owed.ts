// A message that one client has yet to get or to acknowledge, and the subscription that answers for it.

import { type Message, messageBytes } from '../message/message.ts'

/** A message that one client has yet to get, and how it gets it. */
export interface Owed {
  readonly message: Message
  /** The event that records the message; 0 when the journal does not hold it. */
  readonly event: number
  readonly qos: 1 | 2
  readonly retain: boolean
  readonly identifiers: readonly number[]
  /**
   * What accounts for the message in place of the session's own progress; `null` for an ordinary
   * subscription.
   */
  readonly via: Via | null
}

/**
 * A source of messages that keeps its own account of what is delivered: a shared subscription (`share.ts`),
 * or the retained messages that a new subscription asked for (`feed.ts`). The progress of the session says
 * nothing about these messages.
 */
export interface Via {
  /** The subscription's filter, as the client wrote it. */
  readonly filter: string
  /** True for a shared subscription: its other members get the message if this session ends without it. */
  readonly isShared: boolean
  /** Whether the journal records who has each message, even for a session that ends with its connection. */
  readonly owes: boolean
  /** Whether an earlier run of the hub may have sent what comes by this way. */
  readonly mayRepeat: boolean
  /**
   * A message is sent to a session under a packet id.
   * @param session the session's number
   * @returns the mark at which that is committed
   */
  given(session: number, packetId: number, owed: Owed): number
  /** The client has acknowledged a message of QoS 1. */
  acknowledged(owed: Owed): void
  /** The client does not take packets as large as this message: nobody is owed it any more. */
  dropped(owed: Owed): void
}

export const bytesOf = ({ message }: Owed): number => messageBytes(message) + OVERHEAD

/** Roughly what an entry takes in memory beside the bytes of its message. */
const OVERHEAD = 128
