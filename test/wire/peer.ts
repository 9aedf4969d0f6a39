// One end of a TCP connection that speaks in bytes and hears whole packets, as they come.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** How long a broker may take for an answer. Only a failing test waits for so long. */
const PATIENCE_MS = 5_000

export class Peer {
  readonly socket: Socket
  readonly #packets: Buffer[] = []
  #rest = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk])
      this.#cut()
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  /** The connection is gone when the test ends. */
  static async to(port: number, host = '127.0.0.1'): Promise<Peer> {
    const socket = connect({ host, port, noDelay: true })
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return new Peer(socket)
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** The next packet; undefined when the broker has closed the connection. */
  async next(): Promise<Buffer | undefined> {
    while (this.#packets.length === 0 && !this.#ended) await this.#more()
    return this.#packets.shift()
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The broker neither answered nor closed within ${PATIENCE_MS} ms.`)),
        PATIENCE_MS,
      )
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #cut(): void {
    for (;;) {
      const length = packetLength(this.#rest)
      if (length === undefined || length > this.#rest.length) return
      this.#packets.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
    }
  }
}

/** Of the packet that the bytes begin with; undefined while its header is not whole. */
function packetLength(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at < bytes.length; at++) {
    const byte = bytes[at]!
    length |= (byte & 0x7f) << (7 * (at - 1))
    if (byte < 0x80) return at + 1 + length
  }
  return undefined
}
