// PINGRESP: two bytes, and nothing in them.

import { ByteReader } from './byte-reader.ts'
import { FirstByte } from './fixed-header.ts'

export interface PingrespPacket {
  readonly type: 'pingresp'
}

export function decodePingresp(buffer: Buffer, start: number, end: number): PingrespPacket {
  new ByteReader(buffer, start, end, 'PINGRESP').end()
  return { type: 'pingresp' }
}

export function encodePingresp(): Buffer {
  return Buffer.from([FirstByte.pingresp, 0])
}

/** Writes the two bytes into the output. */
export function writePingresp(target: Buffer, at: number): number {
  target[at] = FirstByte.pingresp
  target[at + 1] = 0
  return at + 2
}
