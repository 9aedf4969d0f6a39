import { describe, expect, test } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { encodeSuback } from '../../src/mqtt/suback.ts'
import { holdToTables } from './byte-tables.ts'

describe('SUBACK', () => {
  holdToTables({
    exact: [
      ['granted', 4, '90 05 0001 00 01 02', { type: 'suback', packetId: 1, reasonCodes: [0, 1, 2] }],
      ['refused', 4, '90 03 0001 80', { type: 'suback', packetId: 1, reasonCodes: [0x80] }],
      [
        'granted and refused, with properties',
        5,
        "90 09 0001 04 1f 0001 'r' 01 8f",
        { type: 'suback', packetId: 1, reasonCodes: [1, 0x8f], properties: { reasonString: 'r' } },
      ],
    ],
    refused: [
      ['[MQTT-3.9.3-2] a reason of another packet', 5, '90 04 0001 00 11', ReasonCode.ProtocolError],
      ['[v3 MQTT-3.9.3-2] a reserved return code', 4, '90 03 0001 03', ReasonCode.ProtocolError],
      ['no reason', 5, '90 03 0001 00', ReasonCode.ProtocolError],
      ['a body that is too short', 4, '90 01 00', ReasonCode.MalformedPacket],
    ],
  })

  test('[v3 MQTT-3.9.3-2] every failure is 0x80 before 5.0', () => {
    const reasonCodes = [ReasonCode.GrantedQos1, ReasonCode.NotAuthorized, ReasonCode.TopicFilterInvalid]
    expect(encodeSuback({ type: 'suback', packetId: 1, reasonCodes }, 4).toString('hex')).toBe(
      '90050001018080',
    )
  })
})
