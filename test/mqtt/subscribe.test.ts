import { describe, expect, test } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { encodeSubscribe, openSubscribe, type Subscription } from '../../src/mqtt/subscribe.ts'
import { holdToTables } from './byte-tables.ts'

const plain: Subscription = {
  filter: 'a/#',
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
}

describe('SUBSCRIBE', () => {
  holdToTables({
    exact: [
      [
        'one filter',
        4,
        "82 08 0001 0003 'a/#' 01",
        { type: 'subscribe', packetId: 1, subscriptions: [plain] },
      ],
      [
        'two filters',
        3,
        "82 0c 0001 0003 'a/#' 01 0001 'b' 02",
        { type: 'subscribe', packetId: 1, subscriptions: [plain, { ...plain, filter: 'b', qos: 2 }] },
      ],
      [
        'every option, an identifier and a user property',
        5,
        "82 19 0001 0a 0b 8101 26 0001 'a' 0001 '1' 0003 'a/#' 1d 0003 'a/#' 22",
        {
          type: 'subscribe',
          packetId: 1,
          subscriptions: [
            { ...plain, noLocal: true, retainAsPublished: true, retainHandling: 1 },
            { ...plain, qos: 2, retainHandling: 2 },
          ],
          properties: { subscriptionIdentifier: 129, userProperties: [['a', '1']] },
        },
      ],
      [
        'an empty filter, which is for SUBACK to refuse',
        5,
        '82 06 0001 00 0000 01',
        { type: 'subscribe', packetId: 1, subscriptions: [{ ...plain, filter: '' }] },
      ],
    ],
    accepted: [
      [
        'options that MQTT 3.1 does not use, and DUP',
        3,
        "8a 08 0001 0003 'a/#' fd",
        { type: 'subscribe', packetId: 1, subscriptions: [plain] },
      ],
    ],
    refused: [
      ['[MQTT-3.8.1-1] wrong flags', 5, "80 09 0001 00 0003 'a/#' 01", ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.8.1-1] wrong flags', 4, "80 08 0001 0003 'a/#' 01", ReasonCode.MalformedPacket],
      ['[MQTT-2.2.1-3] the packet identifier 0', 5, "82 09 0000 00 0003 'a/#' 01", ReasonCode.ProtocolError],
      ['[v3 MQTT-2.3.1-1] the packet identifier 0', 4, "82 08 0000 0003 'a/#' 01", ReasonCode.ProtocolError],
      ['[MQTT-3.8.3-2] no filter', 5, '82 03 0001 00', ReasonCode.ProtocolError],
      ['[v3 MQTT-3.8.3-3] no filter', 4, '82 02 0001', ReasonCode.ProtocolError],
      [
        '[MQTT-3.8.3-1] a filter that is not UTF-8',
        5,
        '82 07 0001 00 0001 80 01',
        ReasonCode.MalformedPacket,
      ],
      ['[MQTT-1.5.4-2] a filter with U+0000', 4, '82 06 0001 0001 00 01', ReasonCode.MalformedPacket],
      ['[MQTT-3.8.3-5] a reserved bit', 5, "82 09 0001 00 0003 'a/#' 41", ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.8.3-4] a reserved bit', 4, "82 08 0001 0003 'a/#' 05", ReasonCode.MalformedPacket],
      ['QoS 3', 5, "82 09 0001 00 0003 'a/#' 03", ReasonCode.ProtocolError],
      ['[v3 MQTT-3.8.3-4] QoS 3', 4, "82 08 0001 0003 'a/#' 03", ReasonCode.MalformedPacket],
      ['a retain handling of 3', 5, "82 09 0001 00 0003 'a/#' 31", ReasonCode.ProtocolError],
      [
        '[MQTT-3.8.3-4] No Local on a shared subscription',
        5,
        "82 0f 0001 00 0009 '$share/g/' 05",
        ReasonCode.ProtocolError,
      ],
      ['a filter without options', 4, "82 07 0001 0003 'a/#'", ReasonCode.MalformedPacket],
      ['a subscription identifier of 0', 5, "82 0b 0001 02 0b00 0003 'a/#' 01", ReasonCode.ProtocolError],
      ['two subscription identifiers', 5, "82 0d 0001 04 0b01 0b02 0003 'a/#' 01", ReasonCode.ProtocolError],
      [
        'a subscription identifier that does not end',
        5,
        "82 0f 0001 06 0b ffffffff7f 0003 'a/#' 01",
        ReasonCode.MalformedPacket,
      ],
    ],
  })

  test('an open one reads its subscriptions from the bytes, whenever they are gone through', () => {
    const packet = encodeSubscribe({ type: 'subscribe', packetId: 1, subscriptions: [plain, plain] }, 5)
    const { subscriptions } = openSubscribe(5, packet, 2, packet.length)
    expect([...subscriptions]).toEqual([plain, plain])
    packet.write('b', packet.indexOf('a/#'))
    expect([...subscriptions]).toEqual([{ ...plain, filter: 'b/#' }, plain])
  })
})
