import { describe, expect, test } from 'vitest'

import {
  ACK_SIZE,
  ACK_WITH_REASON_SIZE,
  createAckView,
  decodeAck,
  encodeAck,
  readAck,
  writeAck,
  writeAckWithReason,
  type AckPacket,
} from '../../src/mqtt/acks.ts'
import { FirstByte } from '../../src/mqtt/fixed-header.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { fromWire, holdToTables } from './byte-tables.ts'

const ack: AckPacket = { type: 'puback', packetId: 0x1234, reasonCode: ReasonCode.Success }

describe('PUBACK, PUBREC, PUBREL and PUBCOMP', () => {
  holdToTables({
    exact: [
      ['PUBACK', 3, '40 02 1234', ack],
      ['PUBACK', 4, '40 02 1234', ack],
      ['PUBACK', 5, '40 02 1234', ack],
      ['PUBREC', 4, '50 02 1234', { ...ack, type: 'pubrec' }],
      ['PUBREL', 4, '62 02 1234', { ...ack, type: 'pubrel' }],
      ['PUBCOMP', 4, '70 02 1234', { ...ack, type: 'pubcomp' }],
      ['a reason', 5, '40 03 1234 10', { ...ack, reasonCode: ReasonCode.NoMatchingSubscribers }],
      ['a reason', 5, '50 03 1234 97', { ...ack, type: 'pubrec', reasonCode: ReasonCode.QuotaExceeded }],
      [
        'a reason',
        5,
        '62 03 1234 92',
        { ...ack, type: 'pubrel', reasonCode: ReasonCode.PacketIdentifierNotFound },
      ],
      [
        'a reason',
        5,
        '70 03 1234 92',
        { ...ack, type: 'pubcomp', reasonCode: ReasonCode.PacketIdentifierNotFound },
      ],
      [
        'properties',
        5,
        "40 0f 1234 87 0b 1f 0001 'r' 26 0001 'a' 0001 '1'",
        {
          ...ack,
          reasonCode: ReasonCode.NotAuthorized,
          properties: { reasonString: 'r', userProperties: [['a', '1']] },
        },
      ],
    ],
    accepted: [
      ['success spelled out', 5, '40 03 1234 00', ack],
      ['success and no properties spelled out', 5, '40 04 1234 00 00', ack],
      ['DUP on PUBREL, which MQTT 3.1 knows', 3, '6a 02 1234', { ...ack, type: 'pubrel' }],
    ],
    refused: [
      ['[MQTT-2.2.1-3] the packet identifier 0', 4, '40 02 0000', ReasonCode.ProtocolError],
      [
        '[MQTT-2.2.1-3] the packet identifier 0 beside a reason',
        5,
        '40 03 0000 10',
        ReasonCode.ProtocolError,
      ],
      ['[MQTT-3.4.2-1] a reason of another packet in PUBACK', 5, '40 03 1234 92', ReasonCode.ProtocolError],
      ['[MQTT-3.5.2-1] a reason of another packet in PUBREC', 5, '50 03 1234 92', ReasonCode.ProtocolError],
      ['[MQTT-3.6.2-1] a reason of another packet in PUBREL', 5, '62 03 1234 10', ReasonCode.ProtocolError],
      ['[MQTT-3.7.2-1] a reason of another packet in PUBCOMP', 5, '70 03 1234 10', ReasonCode.ProtocolError],
      ['a reason before 5.0', 4, '40 03 1234 00', ReasonCode.MalformedPacket],
      ['a body of one byte', 4, '40 01 12', ReasonCode.MalformedPacket],
      ['an empty body', 5, '40 00', ReasonCode.MalformedPacket],
      ['bytes behind the properties', 5, '40 05 1234 00 00 00', ReasonCode.MalformedPacket],
      ['two reason strings', 5, "40 0c 1234 00 08 1f 0001 'r' 1f 0001 's'", ReasonCode.ProtocolError],
      ['[MQTT-3.6.1-1] PUBREL without its flags', 5, '60 02 1234', ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.6.1-1] PUBREL without its flags', 4, '60 02 1234', ReasonCode.MalformedPacket],
      ['[MQTT-2.1.3-1] PUBACK with flags', 5, '41 02 1234', ReasonCode.MalformedPacket],
    ],
  })

  test('one view is filled anew by each acknowledgement', () => {
    const view = createAckView()
    const long = fromWire("abcd 10 04 1f 0001 'r'")
    readAck(view, 5, FirstByte.puback, long, 0, long.length)
    expect(view).toEqual({
      packetId: 0xabcd,
      reasonCode: ReasonCode.NoMatchingSubscribers,
      properties: { reasonString: 'r' },
    })
    readAck(view, 5, FirstByte.puback, fromWire('ff 0102 ff'), 1, 3)
    expect(view).toEqual({ packetId: 0x0102, reasonCode: ReasonCode.Success, properties: undefined })
  })

  test('what is written into the output at an offset is what is encoded alone', () => {
    const output = Buffer.alloc(16, 0xee)
    let end = writeAck(output, 1, FirstByte.pubrel, 0xfffe)
    expect(end - 1).toBe(ACK_SIZE)
    end = writeAckWithReason(output, end, FirstByte.pubcomp, 7, ReasonCode.PacketIdentifierNotFound)
    expect(end - 1).toBe(ACK_SIZE + ACK_WITH_REASON_SIZE)
    expect(output.subarray(0, end + 1).toString('hex')).toBe('ee 6202fffe 7003000792 ee'.replaceAll(' ', ''))
    expect(decodeAck(5, FirstByte.pubcomp, output, end - 3, end).reasonCode).toBe(
      ReasonCode.PacketIdentifierNotFound,
    )
  })

  test('a reason and properties are left out before 5.0', () => {
    const packet = { ...ack, reasonCode: ReasonCode.NotAuthorized, properties: { reasonString: 'no' } }
    expect(encodeAck(packet, 4).toString('hex')).toBe('40021234')
  })
})
