import { describe } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

describe('UNSUBSCRIBE', () => {
  holdToTables({
    exact: [
      ['one filter', 4, "a2 07 0001 0003 'a/#'", { type: 'unsubscribe', packetId: 1, filters: ['a/#'] }],
      [
        'two filters and a user property',
        5,
        "a2 12 0001 07 26 0001 'a' 0001 '1' 0003 'a/#' 0001 'b'",
        {
          type: 'unsubscribe',
          packetId: 1,
          filters: ['a/#', 'b'],
          properties: { userProperties: [['a', '1']] },
        },
      ],
    ],
    refused: [
      ['[MQTT-3.10.1-1] wrong flags', 5, "a0 08 0001 00 0003 'a/#'", ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.10.1-1] wrong flags', 4, "a0 07 0001 0003 'a/#'", ReasonCode.MalformedPacket],
      ['[MQTT-3.10.3-2] no filter', 5, 'a2 03 0001 00', ReasonCode.ProtocolError],
      ['[v3 MQTT-3.10.3-2] no filter', 4, 'a2 02 0001', ReasonCode.ProtocolError],
      ['[MQTT-3.10.3-1] a filter that is not UTF-8', 5, 'a2 06 0001 00 0001 80', ReasonCode.MalformedPacket],
      ['the packet identifier 0', 4, "a2 07 0000 0003 'a/#'", ReasonCode.ProtocolError],
      ['a subscription identifier', 5, "a2 0a 0001 02 0b01 0003 'a/#'", ReasonCode.MalformedPacket],
      ['a filter that is cut off', 4, "a2 06 0001 0003 'a/'", ReasonCode.MalformedPacket],
    ],
  })
})
