// The terminal of this process: its outputs and its input, and how it ends a command: by Ctrl-C, or by reading no more.

import { systemReason } from '../../base/system-reason.ts'
import { hasColors } from './colors.ts'
import { EXIT, type Terminal } from './command.ts'

/** May be called once in a process. */
export function openTerminal(): Terminal {
  let interruption: AbortController | undefined
  let isReaderOutlived = false

  /** The second signal ends the process, as if nobody listened. */
  const interrupted = (): AbortSignal => {
    if (interruption === undefined) {
      const begun = (interruption = new AbortController())
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => begun.abort())
    }
    return interruption.signal
  }

  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isReaderOutlived) return
    if (error.code !== 'EPIPE') {
      process.stderr.write(`vigie: The output cannot be written: ${systemReason(error)}.\n`)
      process.exit(EXIT.failed)
    }
    // `vigie history | head` closes the pipe early: that is the reader's good right.
    if (interruption === undefined) process.exit(EXIT.ok)
    interruption.abort()
  })
  // Nobody reads the complaints: `vigie start 2>&1 | head`.
  process.stderr.on('error', () => {})

  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    input: () => process.stdin,
    isTty: process.stdout.isTTY,
    hasColors: hasColors(process.env, process.stdout.isTTY),
    columns: process.stdout.columns ?? 120,
    cwd: process.cwd(),
    now: () => Date.now(),
    interrupted,
    outliveReader: () => void (isReaderOutlived = true),
  }
}
