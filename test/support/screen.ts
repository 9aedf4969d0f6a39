// A program on a terminal of 80 columns, as a person sees it, by tmux. For tests `itWith('tmux')`.

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { whenOver } from './lifetime.ts'

export interface Screen {
  /** Types keys by their tmux names: `'C-c'`, `'Tab'`, `'Enter'`; other texts as they are. */
  readonly press: (...keys: readonly string[]) => void
  /** Resolves with the screen once it shows what is expected; rejects with what it shows after thirty seconds. */
  readonly shows: (expected: RegExp) => Promise<string>
}

const PATIENCE_MS = 30_000

/** Runs a command line of sh on a new screen, until the test is over. */
export function openScreen(commandLine: string, env: Readonly<Record<string, string>> = {}): Screen {
  const server = `vigie-test-${randomUUID()}`
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-L', server, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    })
  tmux('new-session', '-d', '-x', '80', '-y', '50', commandLine)
  whenOver(() => {
    tmux('kill-server')
  })
  return {
    press: (...keys) => void tmux('send-keys', '--', ...keys),
    async shows(expected) {
      const until = Date.now() + PATIENCE_MS
      for (;;) {
        const screen = tmux('capture-pane', '-p')
        if (expected.test(screen)) return screen
        if (Date.now() > until) throw new Error(`The screen never shows ${expected}, but:\n${screen}`)
        await pause(50)
      }
    },
  }
}
