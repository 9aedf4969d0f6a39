import { describe } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

describe('DISCONNECT', () => {
  holdToTables({
    exact: [
      ['a plain end', 4, 'e0 00', { type: 'disconnect', reasonCode: 0 }],
      ['a plain end', 5, 'e0 00', { type: 'disconnect', reasonCode: 0 }],
      ['a reason', 5, 'e0 01 04', { type: 'disconnect', reasonCode: ReasonCode.DisconnectWithWill }],
      [
        'a reason and properties',
        5,
        "e0 16 9c 14 11 00000000 1f 0001 'r' 26 0001 'a' 0001 '1' 1c 0001 's'",
        {
          type: 'disconnect',
          reasonCode: ReasonCode.UseAnotherServer,
          properties: {
            sessionExpiryInterval: 0,
            reasonString: 'r',
            userProperties: [['a', '1']],
            serverReference: 's',
          },
        },
      ],
    ],
    accepted: [['no properties, spelled out', 5, 'e0 02 00 00', { type: 'disconnect', reasonCode: 0 }]],
    refused: [
      ['[MQTT-3.14.1-1] flags', 5, 'e1 00', ReasonCode.MalformedPacket],
      ['[v3 MQTT-3.14.1-1] flags', 4, 'e1 00', ReasonCode.MalformedPacket],
      ['[MQTT-3.14.2-1] a reason of another packet', 5, 'e0 01 18', ReasonCode.ProtocolError],
      ['a body before 5.0', 4, 'e0 01 00', ReasonCode.MalformedPacket],
      ['bytes behind the properties', 5, 'e0 03 00 00 00', ReasonCode.MalformedPacket],
    ],
  })
})
