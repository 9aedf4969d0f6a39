// Keeps the black box from the warden's side: it notes what the thread has been doing for longer than from
// one look to the next. So whoever exhausts memory until V8 aborts the process is named at the first time. It
// costs the thread nothing.

import { BlackBoxWriter } from './box-writer.ts'
import type { BoxRecord } from './box-writer.ts'
import type { PulseReading } from './pulse.ts'

export interface Looked extends Pick<PulseReading, 'progress' | 'isBoxed'> {
  readonly record: BoxRecord
}

/** @param read returns what the thread is doing at this moment */
export function keepBox(fd: number, read: () => Looked): { look(): void } {
  const box = new BlackBoxWriter(fd)
  let seen = ''
  let isWritten = false
  return {
    look() {
      const { progress, isBoxed, record } = read()
      const isStill = progress === seen && (record.unit !== null || record.item !== null)
      seen = progress
      if (isBoxed) {
        // The thread keeps the box itself.
        isWritten = false
      } else if (isStill && !isWritten) {
        box.write(record)
        isWritten = true
      } else if (!isStill && isWritten) {
        box.clear()
        isWritten = false
      }
    },
  }
}
