// A log that a test can read, and wait for.

import { type Log, silentLog } from '../../src/base/log.ts'

export interface ReadableLog {
  readonly log: Log
  readonly lines: readonly string[]
  /** Resolves with the first line, past or future, that holds the text. */
  readonly line: (text: string) => Promise<string>
}

export function readableLog(): ReadableLog {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  // Either `log.info(sentence)` or `log.info(facts, sentence)`.
  const say = (...said: unknown[]): void => {
    lines.push(String(said.at(-1)))
    for (const look of waiting) look()
  }
  return {
    log: { ...silentLog, info: say, warn: say, error: say },
    lines,
    line: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.find((line) => line.includes(text))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}
