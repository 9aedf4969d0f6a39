// What goes wrong with a server while it listens, mostly that the system has no file for one more connection.
// It goes on, as it must not when nobody listens to its errors; and it would say so with each turn of the
// loop.

import type { Server } from 'node:net'
import { systemClock } from './clock.ts'
import type { Log } from './log.ts'

/** Between two lines in the log. */
const TELL_EVERY_MS = 10_000

export function tellServerErrors(server: Server, url: string, log: Log, clock = systemClock): void {
  let nextAt = -Infinity
  let untold = 0
  server.on('error', (error) => {
    const now = clock.steady()
    if (now < nextAt) {
      untold++
      return
    }
    const more = untold === 0 ? '' : ` (and ${untold} times before)`
    log.error({ err: error }, `${url}: ${error.message}${more}`)
    nextAt = now + TELL_EVERY_MS
    untold = 0
  })
}
