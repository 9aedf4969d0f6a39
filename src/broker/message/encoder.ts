// Writes a message as a PUBLISH into the output, and remembers where it lies.

import type { QoS } from '../../model/event.ts'
import { LARGEST_PACKET } from '../../mqtt/fixed-header.ts'
import type { ProtocolVersion } from '../../mqtt/protocol.ts'
import { publishSize, writePublish } from '../../mqtt/publish-draft.ts'
import type { Output } from '../socket/output.ts'
import type { Aliases } from './aliases.ts'
import type { LiveMessage } from './live-message.ts'
import { whileSigned } from './signed.ts'

/** What a client has agreed on that shapes the packets it gets. */
export interface Terms {
  readonly version: ProtocolVersion
  /**
   * The largest packet that the client takes, in bytes; never more than `LARGEST_PACKET`. // [MQTT-3.1.2-24]
   */
  readonly maximumPacketSize: number
  /** Stand for topics on the way to the client; `null` if it wants none. // [MQTT-3.1.2-27] */
  readonly sentAliases: Aliases | null
  /** Set if the client is another hub: the id of this one, which each message then tells it. */
  readonly signedBy: string | null
}

/** What one client's copy has beside the message. */
export interface Manner {
  readonly dup: boolean
  readonly retain: boolean
  readonly identifiers: readonly number[]
}

// [MQTT-4.3.1-1] [MQTT-4.3.2-2] [MQTT-4.3.3-2] [v3 MQTT-4.3.1-1]
export const PLAIN: Manner = { dup: false, retain: false, identifiers: [] }

export class Encoder {
  readonly #output: Output
  /**
   * Where the last packet lies in the output's buffer. One that MQTT has no room for is measured only: no
   * client takes it.
   */
  start = 0
  end = 0

  constructor(output: Output) {
    this.#output = output
  }

  /** @param alias as `Aliases.of` has it */
  encode(
    { draft }: LiveMessage,
    version: ProtocolVersion,
    qos: QoS,
    packetId: number,
    manner: Manner,
    alias = 0,
  ): void {
    draft.version = version
    draft.qos = qos
    draft.packetId = packetId
    draft.dup = manner.dup
    draft.retain = manner.retain
    draft.subscriptionIdentifiers = manner.identifiers
    const { topicEnd } = draft
    draft.topicAlias = Math.abs(alias)
    if (alias > 0) draft.topicEnd = draft.topicStart
    const output = this.#output
    const size = publishSize(draft)
    const start = (this.start = size > LARGEST_PACKET ? output.used : output.reserve(size))
    if (size > LARGEST_PACKET) this.end = start + size
    else this.end = output.used = writePublish(draft, output.buffer, start)
    draft.topicEnd = topicEnd
  }

  /** Encodes a copy for one client alone, which may use its aliases. */
  encodeFor(terms: Terms, live: LiveMessage, qos: QoS, packetId: number, manner: Manner): void {
    if (terms.signedBy === null) this.#encodeFor(terms, live, qos, packetId, manner)
    else whileSigned(live, terms.signedBy, () => this.#encodeFor(terms, live, qos, packetId, manner))
  }

  #encodeFor(terms: Terms, live: LiveMessage, qos: QoS, packetId: number, manner: Manner): void {
    const { sentAliases, version, maximumPacketSize } = terms
    const { topic, draft } = live
    const alias = sentAliases === null ? 0 : sentAliases.of(topic, draft.topicEnd - draft.topicStart)
    this.encode(live, version, qos, packetId, manner, alias)
    if (alias >= 0) return
    // Telling the alias makes the packet longer.
    if (this.end - this.start <= maximumPacketSize) sentAliases!.learn(topic)
    else this.encode(live, version, qos, packetId, manner)
  }
}
