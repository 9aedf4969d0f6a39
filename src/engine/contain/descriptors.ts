// The descriptors that a process of user code has open besides its standard streams. User code can reach each
// of them by its number.

import { Socket } from 'node:net'
import { FramedPort } from '../../base/framed-port.ts'

export const DESCRIPTORS = { warden: 3, calls: 4, blackBox: 5, words: 6, further: 7 } as const

/**
 * A line to whoever began this process. When its other end is gone so is that process, and the warden ends
 * this one.
 */
export function openPipe(to: 'warden' | 'calls' | 'further'): FramedPort & { readonly pipe: Socket } {
  const pipe = new Socket({ fd: DESCRIPTORS[to], readable: true, writable: true })
  const port = new FramedPort((bytes) => void pipe.write(bytes))
  pipe.on('data', (bytes) => port.take(bytes))
  pipe.on('error', () => {})
  return Object.assign(port, { pipe })
}
