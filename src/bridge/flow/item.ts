// One message on its way out: waiting, or sent and not acknowledged.

import type { QoS } from '../../model/event.ts'
import type { Draft } from './outgoing.ts'

export interface Item {
  /** 0 for a retained message that is sent on its own account. */
  readonly event: number
  /** The local topic of such a message. */
  readonly retainedTopic: string | null
  readonly draft: Draft
  /** When the message was published: its expiry is reckoned anew when it is sent. */
  readonly at: number
  readonly qos: QoS
  /** 0 until it is sent at QoS 1; given beforehand at QoS 2. */
  packetId: number
  /** It is sent when this mark is committed. */
  readonly mark: number
  isRepeated: boolean
}

/** What all that is to be sent has in common. */
export const plainItem = (draft: Draft, at: number): Omit<Item, 'event'> => ({
  retainedTopic: null,
  draft,
  at,
  qos: draft.qos,
  packetId: 0,
  mark: 0,
  isRepeated: false,
})
