// Covers `src/mqtt/pingreq.ts`, `src/mqtt/pingresp.ts`.

import { describe, expect, test } from 'vitest'

import { encodePingresp, writePingresp } from '../../src/mqtt/pingresp.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

describe('PINGREQ and PINGRESP', () => {
  holdToTables({
    exact: [
      ['PINGREQ', 4, 'c0 00', { type: 'pingreq' }],
      ['PINGREQ', 5, 'c0 00', { type: 'pingreq' }],
      ['PINGRESP', 4, 'd0 00', { type: 'pingresp' }],
    ],
    refused: [
      ['PINGREQ with a body', 4, 'c0 01 00', ReasonCode.MalformedPacket],
      ['PINGRESP with a body', 4, 'd0 01 00', ReasonCode.MalformedPacket],
      ['[MQTT-2.1.3-1] PINGREQ with flags', 5, 'c1 00', ReasonCode.MalformedPacket],
    ],
  })

  test('PINGRESP is written into the output as it is encoded alone', () => {
    const output = Buffer.alloc(4)
    expect(writePingresp(output, 1)).toBe(3)
    expect(output.subarray(1, 3)).toEqual(encodePingresp())
  })
})
