// Asks before something is done that cannot be undone.

import { createInterface } from 'node:readline/promises'
import { type Terminal, UserError } from './command.ts'

/**
 * Asks a person at a terminal; anybody else has to say --yes.
 * @param unasked what the error says to them
 */
export async function isSure(
  question: string,
  unasked: string,
  { input, error }: Terminal,
): Promise<boolean> {
  const answers = input()
  if (answers.isTTY !== true) throw new UserError(unasked)
  const lines = createInterface({ input: answers, terminal: false })
  try {
    error(`${question} [y/N] `)
    for await (const line of lines) return /^y(es)?$/i.test(line.trim())
    return false
  } finally {
    lines.close()
  }
}
