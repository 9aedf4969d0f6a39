// Writes what user code prints before the call returns, where the process ends as soon as there is an answer.
// A thread's own streams would hand it to the main thread first, which may get to it too late.

import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'

/** The other end of the pipe is behind. */
const PAUSE_MS = 5

/** Makes a stream of this thread write to the descriptor by itself, at once. */
export function writeAtOnce(stream: Writable, descriptor: number): void {
  Object.assign(stream, {
    _write(chunk: string | Uint8Array, encoding: BufferEncoding, done: () => void) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
      for (let left = bytes; left.length > 0;) left = left.subarray(written(descriptor, left))
      done()
    },
    _writev: null,
  })
}

function written(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes)
  } catch (error) {
    // Nobody reads the output any more.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return bytes.length
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    return 0
  }
}
