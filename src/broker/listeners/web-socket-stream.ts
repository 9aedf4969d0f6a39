// A WebSocket as a stream of bytes: what an MQTT connection reads from and writes to. Where frames begin and
// end has no meaning.
// [MQTT-6.0.0-2] [v3 MQTT-6.0.0-2]

import { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'

const NOT_BINARY = 1003

export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    socket.on('message', (data: RawData, isBinary) => {
      if (!isBinary) return socket.close(NOT_BINARY, 'MQTT is binary') // [MQTT-6.0.0-1] [v3 MQTT-6.0.0-1]
      // `ws` gives one buffer, as its default type of message is used.
      if (!this.push(data)) socket.pause()
      return undefined
    })
    // The end is read after what has come before it.
    socket.on('close', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  /** Sends a frame for each write, which is one for each turn of the loop. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) done()
    else this.#socket.send(chunk, { binary: true }, done)
  }

  override _final(done: () => void): void {
    this.#socket.close()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate()
    done(error)
  }
}
