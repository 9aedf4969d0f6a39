// The black box of an engine's process: whose code it is about to run, written to a file that the hub reads when the process
// was brought down at one stroke, by V8 where memory ran out in the middle of an allocation, by a signal, by native code. Two
// writes of about a microsecond each time, so it is kept while rules load, and then only by an engine whose predecessor is lost.

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { UserUnit } from './pulse.ts'

const LENGTH_BYTES = 4

/** The hub's side. The file has no name any more: it is gone with the last who holds it. */
export interface BlackBox {
  readonly fd: number
  /** Whose code ran last; `null` for the hub's own, `undefined` when the box was not kept. */
  read(): UserUnit | null | undefined
  close(): void
}

export function openBlackBox(dataDir: string): BlackBox {
  const path = join(dataDir, `engine.${process.pid}`)
  const fd = openSync(path, 'w+', 0o600)
  unlinkSync(path)
  return {
    fd,
    read() {
      const bytes = Buffer.alloc(fstatSync(fd).size)
      if (readSync(fd, bytes, 0, bytes.length, 0) < LENGTH_BYTES) return undefined
      const length = bytes.readUInt32LE()
      return length === 0
        ? null
        : (JSON.parse(bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length)) as UserUnit)
    },
    close: () => closeSync(fd),
  }
}

/** The engine's side. */
export class BlackBoxWriter {
  readonly #fd: number
  #isKept = true

  constructor(fd: number) {
    this.#fd = fd
    this.leave()
  }

  /** Code of this unit runs from here until `leave`. */
  enter(unit: UserUnit): void {
    this.#write(JSON.stringify(unit))
  }

  leave(): void {
    this.#write('')
  }

  /** From here on nothing is known from it. */
  stop(): void {
    if (!this.#isKept) return
    this.#isKept = false
    ftruncateSync(this.#fd)
  }

  #write(text: string): void {
    if (!this.#isKept) return
    const bytes = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(text))
    bytes.writeUInt32LE(bytes.length - LENGTH_BYTES)
    bytes.write(text, LENGTH_BYTES)
    try {
      writeSync(this.#fd, bytes, 0, bytes.length, 0)
    } catch {
      // A full disk: rather no box than no engine.
      this.stop()
    }
  }
}
