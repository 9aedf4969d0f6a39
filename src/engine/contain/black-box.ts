// The black box of an engine's process, as the hub holds it: a file says whose code the process runs, and
// which event or run it is busy with. The hub reads the file when the process was brought down at one stroke:
// by V8 where memory ran out in the middle of an allocation, by a signal, by native code.
//
// Always: what is read is foreign. Code of the user can reach the file by its descriptor.

import { closeSync, openSync, readSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LENGTH_BYTES, RECORD_AT } from './box-writer.ts'
import type { BoxRecord } from './box-writer.ts'
import { itemShape, unitShape } from './ending.ts'

/** The longest record in bytes. A longer one is not a record. */
const LONGEST_RECORD = 16_384

const recordShape: z.ZodType<BoxRecord> = z.strictObject({
  unit: unitShape.nullable(),
  item: itemShape.nullable(),
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
