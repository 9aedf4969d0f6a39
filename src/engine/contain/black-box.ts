// The black box of an engine's process: whose code it runs, and which event or run it is busy with, written
// to a file that the hub reads when the process was brought down at one stroke, by V8 where memory ran out in
// the middle of an allocation, by a signal, by native code. The engine itself keeps it while rules load, and
// for a while after a predecessor was lost: two writes of about a microsecond each time it enters code of the
// user. At all other times its warden notes what takes long (user-thread.ts).
//
// Always: what is read is foreign. Code of the user can reach the file by its descriptor.

import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { taskShape, unitShape } from './ending.ts'
import type { Task, UserUnit } from '../../model/suspect.ts'

const LENGTH_BYTES = 4
/** An offset far behind where a write by the descriptor alone would land. */
const RECORD_AT = 2 ** 20
/** The longest record in bytes. A longer one is not a record. */
const LONGEST_RECORD = 16_384

export interface BoxRecord {
  /** `null` for the hub's own code. */
  readonly unit: UserUnit | null
  readonly task: Task | null
}

const recordShape: z.ZodType<BoxRecord> = z.strictObject({
  unit: unitShape.nullable(),
  task: taskShape.nullable(),
})

/** The hub's side. The file has no name any more, so it is gone when the last process closes it. */
export interface BlackBox {
  readonly fd: number
  /**
   * Returns the newest record; `undefined` when the box was not kept, or does not hold a record. Never
   * throws.
   */
  read(): BoxRecord | undefined
  close(): void
}

export function openBlackBox(dataDir: string): BlackBox {
  const path = join(dataDir, `engine.${process.pid}`)
  const fd = openSync(path, 'w+', 0o600)
  unlinkSync(path)
  return {
    fd,
    read() {
      try {
        const bytes = Buffer.alloc(LENGTH_BYTES + LONGEST_RECORD)
        const length = readSync(fd, bytes, 0, bytes.length, RECORD_AT)
        if (length < LENGTH_BYTES + bytes.readUInt32LE()) return undefined
        const text = bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + bytes.readUInt32LE())
        return recordShape.parse(JSON.parse(text))
      } catch {
        return undefined
      }
    },
    close: () => closeSync(fd),
  }
}

/** The side of the process in which user code runs. */
export class BlackBoxWriter {
  readonly #fd: number
  #isKept = true
  #record: BoxRecord = { unit: null, task: null }

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Records that code of this unit runs from here on; `null` for the hub's own. */
  enter(unit: UserUnit | null): void {
    this.write({ ...this.#record, unit })
  }

  turnTo(task: Task | null): void {
    this.write({ ...this.#record, task })
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
