// Notices an engine that does not answer: its process is frozen (SIGSTOP, a machine that swaps), or code of
// the user has broken the line to it. A thread that hangs is its warden's affair, which is quicker and knows
// whose code it is.
//
// Always: time is counted in looks of this watch. A hub that slept finds one look missing, and has read what
// the engine said long before it judges.

import type { Clock } from '../../base/clock.ts'

export interface VitalSigns {
  /** Resolves when the engine has answered. */
  ask(): Promise<unknown>
  /** Called when the engine has not answered for a while (`true`), and when it does again (`false`). */
  silent(isSilent: boolean): void
  /** Called when the engine has not answered for so long that it is not expected to. */
  lost(silentMs: number): void
}

/** Looks without an answer. */
const SILENT = 10
const LOST = 40
/**
 * The number of looks before an engine that has yet to answer for the first time is lost: its code is being
 * loaded, on a machine that may be slow.
 */
const LOST_AT_START = 120

/** Looks every `everyMs`. Returns what ends the watch. */
export function watchVitalSigns(signs: VitalSigns, clock: Clock, everyMs: number): () => void {
  let hasAnswered = false
  let isAsking = false
  let missed = 0
  let isSilent = false
  let cancel = clock.after(0, look)

  function look(): void {
    cancel = clock.after(everyMs, look)
    if (!isAsking) void question()
    else if (++missed === (hasAnswered ? SILENT : LOST_AT_START / 2)) tell(true)
    else if (missed === (hasAnswered ? LOST : LOST_AT_START)) {
      cancel()
      signs.lost(missed * everyMs)
    }
  }

  function tell(isSilentNow: boolean): void {
    if (isSilentNow !== isSilent) signs.silent((isSilent = isSilentNow))
  }

  async function question(): Promise<void> {
    isAsking = true
    try {
      await signs.ask()
    } catch {
      // The engine is gone; whoever holds it sees its end.
      return
    }
    isAsking = false
    hasAnswered = true
    tell(false)
    missed = 0
  }

  return () => cancel()
}
