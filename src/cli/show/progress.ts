// A bar that shows how far something has come, on a terminal that a person looks at; elsewhere nothing.

import type { Terminal } from '../frame/command.ts'

const WIDTH = 30
const EVERY_MS = 100

export interface Progress {
  readonly show: (done: number, of: number) => void
  /** Takes the bar away. */
  readonly end: () => void
}

export function progressOn(terminal: Terminal, noun: string): Progress {
  let shownAt = -Infinity
  if (!terminal.isTty) return { show: () => {}, end: () => {} }
  return {
    show(done, of) {
      if (terminal.now() - shownAt < EVERY_MS) return
      shownAt = terminal.now()
      const part = of === 0 ? 1 : Math.min(1, done / of)
      const full = Math.round(part * WIDTH)
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full)
      terminal.error(
        `\r${bar} ${String(Math.floor(part * 100)).padStart(3)} % ${done.toLocaleString('en')} ${noun}`,
      )
    },
    end: () => terminal.error('\r\u001B[K'),
  }
}
