// Logs the errors of a server that listens, mostly that the system has no file for one more connection.
// Without a listener for its errors, the server would end the process. The errors come with each turn of the
// loop, so they are logged once in a while.

import type { Server } from 'node:net'
import { systemClock } from './clock.ts'
import type { Log } from './log.ts'

/** The shortest time between two lines in the log. */
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
