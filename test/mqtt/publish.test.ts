import { describe, expect, test } from 'vitest'

import { reasonName, ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { decodePublish, type PublishPacket } from '../../src/mqtt/publish.ts'
import { fromWire, holdToTables } from './byte-tables.ts'

const plain: PublishPacket = {
  type: 'publish',
  topic: 'a/b',
  payload: Buffer.from('hi'),
  qos: 0,
  retain: false,
  dup: false,
}

describe('PUBLISH', () => {
  holdToTables({
    exact: [
      ['QoS 0', 3, "30 07 0003 'a/b' 'hi'", plain],
      ['QoS 0', 4, "30 07 0003 'a/b' 'hi'", plain],
      ['QoS 0', 5, "30 08 0003 'a/b' 00 'hi'", plain],
      [
        'QoS 1, retained',
        4,
        "33 09 0003 'a/b' 1234 'hi'",
        { ...plain, qos: 1, retain: true, packetId: 0x1234 },
      ],
      ['QoS 2, again', 4, "3c 09 0003 'a/b' 1234 'hi'", { ...plain, qos: 2, dup: true, packetId: 0x1234 }],
      ['QoS 1', 5, "32 0a 0003 'a/b' ffff 00 'hi'", { ...plain, qos: 1, packetId: 0xffff }],
      ['an empty payload', 4, "31 05 0003 'a/b'", { ...plain, retain: true, payload: Buffer.alloc(0) }],
      [
        '[MQTT-1.5.4-3] a topic that begins with U+FEFF',
        4,
        '30 06 0004 efbbbf 61',
        { ...plain, topic: '\uFEFFa', payload: Buffer.alloc(0) },
      ],
      [
        'all properties',
        5,
        "30 35 0003 'a/b' 2d 01 01 02 0000003c 23 0007 08 0003 'r/s' 09 0002 ff00 " +
          "26 0001 'b' 0001 '1' 26 0001 'a' 0000 0b 01 0b ffffff7f 03 0001 't' 'hi'",
        {
          ...plain,
          properties: {
            payloadFormatIndicator: 1,
            messageExpiryInterval: 60,
            topicAlias: 7,
            responseTopic: 'r/s',
            correlationData: Buffer.from([0xff, 0]),
            userProperties: [
              ['b', '1'],
              ['a', ''],
            ],
            subscriptionIdentifiers: [1, 268_435_455],
            contentType: 't',
          },
        },
      ],
      [
        'an alias in place of the topic',
        5,
        "30 08 0000 03 23 0001 'hi'",
        { ...plain, topic: '', properties: { topicAlias: 1 } },
      ],
    ],
    refused: [
      ['[MQTT-3.3.1-4] QoS 3', 5, "36 0a 0003 'a/b' 1234 00 'hi'", ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.3.1-4] QoS 3', 4, "36 09 0003 'a/b' 1234 'hi'", ReasonCode.MalformedPacket],
      ['QoS 3', 3, "36 09 0003 'a/b' 1234 'hi'", ReasonCode.MalformedPacket],
      ['[MQTT-3.3.1-2] DUP at QoS 0', 5, "38 08 0003 'a/b' 00 'hi'", ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.3.1-2] DUP at QoS 0', 4, "38 07 0003 'a/b' 'hi'", ReasonCode.MalformedPacket],
      ['[MQTT-3.3.2-1] a topic that is not UTF-8', 4, '30 03 0001 ff', ReasonCode.MalformedPacket],
      ['[MQTT-1.5.4-1] a surrogate', 5, '30 06 0003 eda080 00', ReasonCode.MalformedPacket],
      ['[v3 MQTT-1.5.3-1] a surrogate', 4, '30 05 0003 eda080', ReasonCode.MalformedPacket],
      ['[MQTT-1.5.4-2] a topic with U+0000', 5, "30 06 0003 'a' 00 'b' 00", ReasonCode.MalformedPacket],
      ['[v3 MQTT-1.5.3-2] a topic with U+0000', 4, "30 05 0003 'a' 00 'b'", ReasonCode.MalformedPacket],
      ['[MQTT-3.3.2-2] a wildcard +', 5, "30 06 0003 'a/+' 00", ReasonCode.TopicNameInvalid],
      ['[v3 MQTT-3.3.2-2] a wildcard #', 4, "30 05 0003 'a/#'", ReasonCode.TopicNameInvalid],
      ['[v3 MQTT-4.7.3-1] an empty topic', 4, '30 02 0000', ReasonCode.ProtocolError],
      ['[MQTT-4.7.3-1] an empty topic without an alias', 5, '30 03 0000 00', ReasonCode.ProtocolError],
      ['[MQTT-2.2.1-3] the packet identifier 0', 5, "32 08 0003 'a/b' 0000 00", ReasonCode.ProtocolError],
      ['[v3 MQTT-2.3.1-1] the packet identifier 0', 4, "32 07 0003 'a/b' 0000", ReasonCode.ProtocolError],
      ['no packet identifier at QoS 1', 4, "32 05 0003 'a/b'", ReasonCode.MalformedPacket],
      ['a topic that is cut off', 4, "30 04 0003 'a/'", ReasonCode.MalformedPacket],
      ['an empty body', 4, '30 00', ReasonCode.MalformedPacket],
      ['no property length', 5, "30 05 0003 'a/b'", ReasonCode.MalformedPacket],
      ['a property length beyond the packet', 5, "30 06 0003 'a/b' 01", ReasonCode.MalformedPacket],
      ['a property length that does not end', 5, "30 0a 0003 'a/b' ffffffff7f", ReasonCode.MalformedPacket],
      ['[MQTT-1.5.5-1] a padded property length', 5, "30 07 0003 'a/b' 8000", ReasonCode.MalformedPacket],
      ['a property of another packet', 5, "30 09 0003 'a/b' 03 21 0001", ReasonCode.MalformedPacket],
      ['a property that is cut off', 5, "30 08 0003 'a/b' 02 23 00", ReasonCode.MalformedPacket],
      ['a text property that is cut off', 5, "30 0a 0003 'a/b' 04 03 0002 'x'", ReasonCode.MalformedPacket],
      ['a user property without a value', 5, "30 0a 0003 'a/b' 04 26 0001 'x'", ReasonCode.MalformedPacket],
      ['[MQTT-3.3.2-8] the alias 0', 5, "30 09 0003 'a/b' 03 23 0000", ReasonCode.TopicAliasInvalid],
      ['two aliases', 5, "30 0c 0003 'a/b' 06 23 0001 23 0001", ReasonCode.ProtocolError],
      ['two content types', 5, "30 0e 0003 'a/b' 08 03 0001 'x' 03 0001 'x'", ReasonCode.ProtocolError],
      ['a payload format of 2', 5, "30 08 0003 'a/b' 02 01 02", ReasonCode.ProtocolError],
      ['a subscription identifier of 0', 5, "30 08 0003 'a/b' 02 0b 00", ReasonCode.ProtocolError],
      [
        '[MQTT-3.3.2-14] a response topic with a wildcard',
        5,
        "30 0a 0003 'a/b' 04 08 0001 '+'",
        ReasonCode.TopicNameInvalid,
      ],
      [
        '[MQTT-3.3.2-13] a response topic that is not UTF-8',
        5,
        "30 0a 0003 'a/b' 04 08 0001 ff",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-3.3.2-19] a content type that is not UTF-8',
        5,
        "30 0a 0003 'a/b' 04 03 0001 ff",
        ReasonCode.MalformedPacket,
      ],
    ],
  })

  test('what is decoded is kept when the buffer is used again', () => {
    const wire = fromWire("0003 'a/b' 05 09 0002 ff00 'hi'")
    const packet = decodePublish(5, 0x30, wire, 0, wire.length)
    wire.fill(0)
    expect(packet).toEqual({ ...plain, properties: { correlationData: Buffer.from([0xff, 0]) } })
  })

  test('reasons have names that a person can read', () => {
    expect(reasonName(ReasonCode.TopicNameInvalid)).toBe('Topic name invalid')
    expect(reasonName(0x7f)).toBe('Reason 0x7f')
  })
})
