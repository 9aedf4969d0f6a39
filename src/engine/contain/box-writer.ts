// Writes the black box (black-box.ts) inside of the process. The engine itself keeps it while rules load, and
// for a while after a predecessor was lost: two writes of about a microsecond each time it enters code of the
// user. At all other times its warden notes what takes long (box-keeper.ts).

import { ftruncateSync, writeSync } from 'node:fs'
import type { UserUnit, WorkItem } from '../../model/suspect.ts'

/** The length of the record stands before it. */
export const LENGTH_BYTES = 4
/** An offset far behind where a write by the descriptor alone would land. */
export const RECORD_AT = 2 ** 20

export interface BoxRecord {
  /** `null` for the hub's own code. */
  readonly unit: UserUnit | null
  readonly item: WorkItem | null
}

export class BlackBoxWriter {
  readonly #fd: number
  #isKept = true
  #record: BoxRecord = { unit: null, item: null }

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Records that code of this unit runs from here on; `null` for the hub's own. */
  enter(unit: UserUnit | null): void {
    this.write({ ...this.#record, unit })
  }

  turnTo(item: WorkItem | null): void {
    this.write({ ...this.#record, item })
  }

  write(written: BoxRecord): void {
    this.#record = written
    if (!this.#isKept) return
    const text = JSON.stringify(written)
    const bytes = Buffer.alloc(LENGTH_BYTES + Buffer.byteLength(text))
    bytes.writeUInt32LE(bytes.length - LENGTH_BYTES)
    bytes.write(text, LENGTH_BYTES)
    try {
      writeSync(this.#fd, bytes, 0, bytes.length, RECORD_AT)
    } catch {
      // The disk is full: an engine without a black box is better than no engine.
      this.stop()
    }
  }

  /** Records that nothing is known, until something is recorded again. */
  clear(): void {
    try {
      ftruncateSync(this.#fd)
    } catch {
      // User code has closed the descriptor.
      this.#isKept = false
    }
  }

  /** Stops recording: from here on the box says that nothing is known. */
  stop(): void {
    if (this.#isKept) this.clear()
    this.#isKept = false
  }
}
