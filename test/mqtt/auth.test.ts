import { describe } from 'vitest'

import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

describe('AUTH', () => {
  holdToTables({
    exact: [
      ['the end of it', 5, 'f0 00', { type: 'auth', reasonCode: ReasonCode.Success }],
      [
        'a step',
        5,
        "f0 0a 18 08 15 0001 'm' 16 0001 ff",
        {
          type: 'auth',
          reasonCode: ReasonCode.ContinueAuthentication,
          properties: { authenticationMethod: 'm', authenticationData: Buffer.from([0xff]) },
        },
      ],
    ],
    accepted: [['success spelled out', 5, 'f0 02 00 00', { type: 'auth', reasonCode: ReasonCode.Success }]],
    refused: [
      ['[MQTT-3.15.1-1] flags', 5, 'f1 00', ReasonCode.MalformedPacket],
      ['[MQTT-3.15.2-1] a reason of another packet', 5, 'f0 02 87 00', ReasonCode.ProtocolError],
      ['a reason without its property length', 5, 'f0 01 18', ReasonCode.MalformedPacket],
      ['any of it before 5.0', 4, 'f0 00', ReasonCode.MalformedPacket],
      ['any of it before 5.0', 3, 'f0 00', ReasonCode.MalformedPacket],
    ],
  })
})
