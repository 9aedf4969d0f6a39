// The warden's hand at the black box: what the thread has been at for longer than from one look to the next
// is noted there, so that whoever exhausts memory until V8 aborts the process has a name at the first time.
// It costs the thread nothing.

import { BlackBoxWriter } from './black-box.ts'
import type { BoxRecord } from './black-box.ts'
import type { PulseReading } from './pulse.ts'

export interface Looked extends Pick<PulseReading, 'progress' | 'isBoxed'> {
  readonly record: BoxRecord
}

/** @param read what the thread is at just now */
export function keepBox(fd: number, read: () => Looked): { look(): void } {
  const box = new BlackBoxWriter(fd)
  let seen = ''
  let isWritten = false
  return {
    look() {
      const { progress, isBoxed, record } = read()
      const isStill = progress === seen && (record.unit !== null || record.task !== null)
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
