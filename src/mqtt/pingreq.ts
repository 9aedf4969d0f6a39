// PINGREQ: two bytes, and nothing in them.

import { ByteReader } from './byte-reader.ts'
import { FirstByte } from './fixed-header.ts'

export interface PingreqPacket {
  readonly type: 'pingreq'
}

export function decodePingreq(buffer: Buffer, start: number, end: number): PingreqPacket {
  new ByteReader(buffer, start, end, 'PINGREQ').end()
  return { type: 'pingreq' }
}

export function encodePingreq(): Buffer {
  return Buffer.from([FirstByte.pingreq, 0])
}
