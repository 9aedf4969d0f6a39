// The way in. All plain sockets are read into one piece of memory that they share: Node would make 64 KiB
// anew for each chunk, however small, and send it through a Readable.
//
// Always: the bytes are the receiver's only until it returns, whichever way they came; whoever needs them for
// longer has copied them.
//
// Node offers this (`onread`) for sockets that connect, not for those that a server has accepted. So an
// accepted socket is given the two fields that the option sets on one that connects, as a sample shows them.
// If a version of Node does not have them, its sockets are read in the ordinary way, which costs speed and
// memory, and nothing else.

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { giveBack } from './spent.ts'

export interface Receiver {
  /** The bytes from 0 up to `length`. */
  receive(bytes: Buffer, length: number): void
}

const shared = Buffer.allocUnsafeSlow(64 * 1024)

export function read(socket: Duplex, receiver: Receiver): void {
  const isPlain = Object.getPrototypeOf(socket) === Socket.prototype
  if (isPlain && readShared(socket, receiver)) return
  socket.on('data', (chunk: Buffer) => {
    receiver.receive(chunk, chunk.length)
    // A chunk that a socket has read has its memory to itself.
    if (socket instanceof Socket) giveBack(chunk)
  })
}

/** Returns whether this Node has what it takes. */
function readShared(socket: Duplex, receiver: Receiver): boolean {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (places === null || !isHandle(handle)) return false
  Reflect.set(socket, places.buffer, shared)
  Reflect.set(socket, places.callback, (length: number) => receiver.receive(shared, length))
  handle.useUserBuffer(shared)
  return true
}

interface Handle {
  useUserBuffer(buffer: Buffer): void
}

const isHandle = (handle: unknown): handle is Handle =>
  typeof (handle as Partial<Handle> | null)?.useUserBuffer === 'function'

/**
 * The fields of a socket for the buffer that it reads into, and for the callback that takes the number of
 * bytes.
 */
interface Places {
  readonly buffer: symbol
  readonly callback: symbol
}

const places = findPlaces()

function findPlaces(): Places | null {
  const callback = (): boolean => true
  const sample = new Socket({ onread: { buffer: shared, callback } })
  const keys = Object.getOwnPropertySymbols(sample)
  const whereIs = (value: unknown): symbol | undefined =>
    keys.find((key) => Reflect.get(sample, key) === value)
  const [buffer, callbackAt] = [whereIs(shared), whereIs(callback)]
  return buffer === undefined || callbackAt === undefined ? null : { buffer, callback: callbackAt }
}
