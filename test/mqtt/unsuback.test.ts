import { describe } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

describe('UNSUBACK', () => {
  holdToTables({
    exact: [
      ['an answer', 4, 'b0 02 0001', { type: 'unsuback', packetId: 1, reasonCodes: [] }],
      [
        'an answer for each filter, with properties',
        5,
        "b0 09 0001 04 1f 0001 'r' 00 11",
        { type: 'unsuback', packetId: 1, reasonCodes: [0, 0x11], properties: { reasonString: 'r' } },
      ],
    ],
    refused: [
      ['[MQTT-3.11.3-2] a reason of another packet', 5, 'b0 04 0001 00 01', ReasonCode.ProtocolError],
      ['no reason', 5, 'b0 03 0001 00', ReasonCode.ProtocolError],
      ['a reason before 5.0', 4, 'b0 03 0001 00', ReasonCode.MalformedPacket],
    ],
  })
})
