// Limits the size of messages that the hub itself publishes. Such a message is measured like any other
// packet, as a PUBLISH of MQTT 5 at QoS 1 or 2, whose header is the longest.

import { messageOf } from '../base/printable.ts'
import { formatSize } from '../base/quantities.ts'
import { varintSize } from '../mqtt/bytes.ts'
import { packetSize } from '../mqtt/fixed-header.ts'
import { jsonPropertyBytes } from './json-properties.ts'
import type { PublishSpec } from './action.ts'

/**
 * The largest packet where `limits.packetSize` is not set. The hub's own reports may be as large, whatever is
 * set.
 */
export const PACKET_BYTES = 16 * 2 ** 20

const TOPIC_LENGTH_BYTES = 2
const PACKET_ID_BYTES = 2

/** The parts of a message, in bytes. */
export interface MessageSize {
  readonly topic: number
  readonly payload: number
  /** Bytes of the properties on the wire, without their length. */
  readonly properties: number
}

/** Returns why a message of this size is not published, as the end of a sentence; `undefined` when it is. */
export function sizeProblem(
  { topic, payload, properties }: MessageSize,
  mostBytes: number,
): string | undefined {
  const bytes = packetSize(
    TOPIC_LENGTH_BYTES + topic + PACKET_ID_BYTES + varintSize(properties) + properties + payload,
  )
  if (bytes <= mostBytes) return undefined
  return `the message would be a packet of ${formatSize(bytes)}, and limits.packetSize allows ${formatSize(mostBytes)}`
}

/**
 * Returns why a message is not published, as the end of a sentence; `undefined` when it is. It is too large,
 * or its properties do not exist in MQTT. Nothing of it is copied to find out.
 */
export function publishProblem(
  { topic, payload, properties }: PublishSpec,
  mostBytes: number,
): string | undefined {
  try {
    const size = {
      topic: Buffer.byteLength(topic),
      payload:
        'text' in payload ? Buffer.byteLength(payload.text) : Buffer.byteLength(payload.base64, 'base64'),
      properties: properties === undefined ? 0 : jsonPropertyBytes(properties).length,
    }
    return sizeProblem(size, mostBytes)
  } catch (error) {
    return `its properties are not those of MQTT: ${messageOf(error)}`
  }
}
