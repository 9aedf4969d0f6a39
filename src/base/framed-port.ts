// A message port over bytes, for two sides that share no memory: messages cross as structured clones, as they do between
// threads, each behind its length. What one turn of the loop posts leaves as one piece, and pieces may be cut anywhere on the
// way: a message is taken whole or, when the other side died in the middle of it, not at all.

import { deserialize, serialize } from 'node:v8'

const LENGTH_BYTES = 4
/** More than anybody sends. What claims to be longer is no message; text, read as a length, always does. */
const LONGEST_MESSAGE = 2 ** 29

export class FramedPort {
  readonly #send: (bytes: Buffer<ArrayBuffer>) => void
  readonly #listeners = new Set<(message: unknown) => void>()
  /** Of this turn of the loop. */
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

  /** Takes what has come from the other side. Throws when those are no messages. */
  take(bytes: Uint8Array): void {
    this.#received.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    this.#receivedBytes += bytes.byteLength
    for (let end = this.#endOfFirst(); this.#receivedBytes >= end; end = this.#endOfFirst()) {
      const all = this.#joined()
      this.#received = [all.subarray(end)]
      this.#receivedBytes -= end
      const message: unknown = deserialize(all.subarray(LENGTH_BYTES, end))
      for (const listener of this.#listeners) listener(message)
    }
  }

  /** In bytes from the first that is held; Infinity while that is not known. */
  #endOfFirst(): number {
    if (this.#receivedBytes < LENGTH_BYTES) return Infinity
    const first = this.#received[0]!
    const length = (first.length < LENGTH_BYTES ? this.#joined() : first).readUInt32LE()
    if (length > LONGEST_MESSAGE) throw new RangeError(`A message of ${length} bytes is none.`)
    return LENGTH_BYTES + length
  }

  #joined(): Buffer {
    if (this.#received.length > 1) this.#received = [Buffer.concat(this.#received)]
    return this.#received[0]!
  }

  #flush(): void {
    const posted = this.#posted
    this.#posted = []
    const size = posted.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0)
    // Not from the pool: it may be transferred.
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (const message of posted) {
      at = bytes.writeUInt32LE(message.length, at)
      at += message.copy(bytes, at)
    }
    this.#send(bytes)
  }
}
