// A message port over bytes, for two sides that share no memory: messages cross as structured clones, as they
// do between threads. What one turn of the loop posts leaves as one piece, and pieces may be cut anywhere on
// the way: a message is taken whole or, when the other side died in the middle of it, not at all.
//
// Always: what is taken is what was posted. Code of the user can reach the descriptor behind a port by
// accident, and write into it; so each message has a head of four numbers: MARK, its length, its CRC-32, and
// these three combined by XOR.

import { setImmediate } from 'node:timers'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'

const HEAD_BYTES = 16
/** The first bytes of each message. No text in UTF-8 begins with these four bytes. */
const MARK = 0xf7_be_90_ff
/** Bytes of the longest message that is accepted; nobody sends a longer one. */
const LONGEST_MESSAGE = 2 ** 29

export class FramedPort {
  readonly #send: (bytes: Buffer<ArrayBuffer>) => void
  readonly #listeners = new Set<(message: unknown) => void>()
  /** Messages posted in this turn of the event loop. */
  #posted: Buffer[] = []
  #received: Buffer[] = []
  #receivedBytes = 0

  /** @param send is given bytes that nobody else holds */
  constructor(send: (bytes: Buffer<ArrayBuffer>) => void) {
    this.#send = send
  }

  /** Throws when it is not to be cloned; nothing of it is sent then. */
  postMessage(message: unknown): void {
    if (this.#posted.push(serialize(message)) === 1) setImmediate(() => this.#flush())
  }

  on(_event: 'message', listener: (message: unknown) => void): void {
    this.#listeners.add(listener)
  }

  off(_event: 'message', listener: (message: unknown) => void): void {
    this.#listeners.delete(listener)
  }

  /**
   * Takes what has come from the other side. Throws when those are no messages; the port is of no use from
   * then on.
   */
  take(bytes: Uint8Array): void {
    this.#received.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    this.#receivedBytes += bytes.byteLength
    for (let end = this.#endOfFirst(); this.#receivedBytes >= end; end = this.#endOfFirst()) {
      const all = this.#joined()
      this.#received = [all.subarray(end)]
      this.#receivedBytes -= end
      const body = all.subarray(HEAD_BYTES, end)
      if (crc32(body) !== all.readUInt32LE(8)) throw new RangeError('A message came damaged.')
      const message: unknown = deserialize(body)
      for (const listener of this.#listeners) listener(message)
    }
  }

  /** The number of bytes up to the end of the first message; Infinity while it is not known. */
  #endOfFirst(): number {
    if (this.#receivedBytes < HEAD_BYTES) return Infinity
    const first = this.#received[0]!
    const head = first.length < HEAD_BYTES ? this.#joined() : first
    const length = head.readUInt32LE(4)
    const check = checkOf(length, head.readUInt32LE(8))
    if (head.readUInt32LE(0) !== MARK || head.readUInt32LE(12) !== check || length > LONGEST_MESSAGE)
      throw new RangeError('Bytes came that are no message.')
    return HEAD_BYTES + length
  }

  #joined(): Buffer {
    if (this.#received.length > 1) this.#received = [Buffer.concat(this.#received)]
    return this.#received[0]!
  }

  #flush(): void {
    const posted = this.#posted
    this.#posted = []
    const size = posted.reduce((sum, { length }) => sum + HEAD_BYTES + length, 0)
    // Allocates outside of the pool, because the buffer may be transferred.
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const message of posted) {
      const crc = crc32(message)
      for (const number of [MARK, message.length, crc, checkOf(message.length, crc)])
        at = bytes.writeUInt32LE(number, at)
      at += message.copy(bytes, at)
    }
    this.#send(bytes)
  }
}

const checkOf = (length: number, crc: number): number => (MARK ^ length ^ crc) >>> 0
