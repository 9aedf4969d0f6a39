// Covers `src/mqtt/properties.ts`.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ByteReader } from '../../src/mqtt/byte-reader.ts'
import { encodePacket } from '../../src/mqtt/packet.ts'
import { PacketParser } from '../../src/mqtt/parser.ts'
import { encodePropertyBytes, readProperties, type PropertiesOf } from '../../src/mqtt/properties.ts'
import {
  copyMessageProperties,
  findMessageExpiry,
  readPublishProperties,
} from '../../src/mqtt/publish-properties.ts'
import { createPublishDraft, publishSize, writePublish } from '../../src/mqtt/publish-draft.ts'
import { createPublishView, readPublish, type PublishView } from '../../src/mqtt/publish-view.ts'
import { decodePublish, decodePublishProperties } from '../../src/mqtt/publish.ts'
import { anyProperties, anyPublish, nearlyProperties } from './arbitraries.ts'
import { refusalOf } from './byte-tables.ts'

describe('the properties of PUBLISH on the hot path', () => {
  test('are accepted and refused exactly as the table of properties says, for the same reason', () => {
    fc.assert(
      fc.property(nearlyProperties, (bytes) => {
        const reader = new ByteReader(bytes, 0, bytes.length, 'PUBLISH')
        const slow = refusalOf(() => readProperties(reader, 'publish'))?.reason
        let end = 0
        const fast = refusalOf(
          () => (end = readPublishProperties(createPublishView(), bytes, 0, bytes.length)),
        )
        expect(fast?.reason).toBe(slow)
        expect(end).toBe(slow === undefined ? bytes.length - reader.left : 0)
      }),
      { numRuns: 5_000 },
    )
  })

  test("[MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] go on as they came, with the receiver's own alias, identifiers and expiry", () => {
    fc.assert(
      fc.property(
        anyPublish(5),
        fc.nat(0xffff_ffff),
        fc.nat(0xffff),
        fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 }),
        (packet, messageExpiry, topicAlias, subscriptionIdentifiers) => {
          const view = viewOf(encodePacket(packet, 5))
          const kept = Buffer.alloc(view.messagePropertiesLength)
          expect(copyMessageProperties(view, kept, 0)).toBe(kept.length)

          const draft = createPublishDraft(5)
          draft.topic = view.buffer
          draft.topicStart = view.topicStart
          draft.topicEnd = view.topicEnd
          draft.payload = view.buffer
          draft.payloadStart = view.payloadStart
          draft.payloadEnd = view.payloadEnd
          draft.properties = kept
          draft.propertiesEnd = kept.length
          draft.messageExpiryAt = findMessageExpiry(kept, 0, kept.length)
          draft.messageExpiry = messageExpiry
          draft.topicAlias = topicAlias
          draft.subscriptionIdentifiers = subscriptionIdentifiers
          const forwarded = Buffer.alloc(publishSize(draft))
          writePublish(draft, forwarded, 0)

          const {
            messageExpiryInterval,
            topicAlias: _alias,
            subscriptionIdentifiers: _own,
            ...rest
          } = packet.properties ?? {}
          const expected: PropertiesOf<'publish'> = {
            ...rest,
            ...(messageExpiryInterval === undefined ? {} : { messageExpiryInterval: messageExpiry }),
            ...(topicAlias === 0 ? {} : { topicAlias }),
            ...(subscriptionIdentifiers.length === 0 ? {} : { subscriptionIdentifiers }),
          }
          expect(bodyOf(forwarded, decodePublish)).toEqual({
            ...packet,
            qos: 0,
            dup: false,
            retain: false,
            packetId: undefined,
            properties: Object.keys(expected).length === 0 ? undefined : expected,
          })
        },
      ),
    )
  })

  test('are one range that needs no copy when the sender set nothing for its own connection', () => {
    fc.assert(
      fc.property(anyProperties('publish'), (properties) => {
        const { topicAlias: _alias, subscriptionIdentifiers: _own, ...message } = properties ?? {}
        const packet = {
          type: 'publish',
          topic: 'a',
          payload: Buffer.alloc(0),
          qos: 0,
          retain: false,
          dup: false,
          properties: message,
        } as const
        const view = viewOf(encodePacket(packet, 5))
        expect(view.messagePropertiesLength).toBe(view.propertiesEnd - view.propertiesStart)
        expect(view.buffer.subarray(view.propertiesStart, view.propertiesEnd)).toEqual(
          encodePropertyBytes(message),
        )
        expect(decodePublishProperties(view.buffer, view.propertiesStart, view.propertiesEnd) ?? {}).toEqual(
          message,
        )
        expect(findMessageExpiry(view.buffer, view.propertiesStart, view.propertiesEnd)).toBe(
          view.messageExpiryAt,
        )
        expect(view.messageExpiry).toBe(message.messageExpiryInterval ?? -1)
        expect(view.payloadFormat).toBe(message.payloadFormatIndicator ?? 0)
      }),
    )
  })
})

function viewOf(wire: Buffer): PublishView {
  const view = createPublishView()
  bodyOf(wire, (...frame) => readPublish(view, ...frame))
  return view
}

function bodyOf<Result>(
  wire: Buffer,
  use: (version: 5, firstByte: number, buffer: Buffer, start: number, end: number) => Result,
): Result {
  const results: Result[] = []
  new PacketParser(
    { take: (firstByte, buffer, start, end) => results.push(use(5, firstByte, buffer, start, end)) > 0 },
    {
      maximumPacketSize: 1_000_000,
      version: 5,
    },
  ).push(wire)
  return results[0]!
}
