// Asks for what nobody may see: on a terminal without an echo, otherwise it is the next line of the input.

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { type Terminal, UserError } from './command.ts'

export interface SecretInput {
  readonly input: ReturnType<Terminal['input']>
  readonly prompt: (text: string) => void
}

/** The password that a person means: typed twice on a terminal, or the first line of the input. */
export async function readPassword({ input, prompt }: SecretInput, name: string): Promise<string> {
  const terminal = input.isTTY === true
  const silent = new Writable({ write: (_text, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal })
  const next = lines[Symbol.asyncIterator]()
  const ask = async (question: string): Promise<string> => {
    if (terminal) prompt(question)
    const { value, done } = await next.next()
    if (terminal) prompt('\n')
    if (done === true) throw new UserError('No password was given, so nothing was changed.')
    return value
  }
  lines.on('SIGINT', () => lines.close())
  try {
    const password = await ask(`Password for "${name}": `)
    if (password === '') throw new UserError('The password is empty, so nothing was changed.')
    if (terminal && (await ask('Repeat the password: ')) !== password)
      throw new UserError('The two passwords differ, so nothing was changed.')
    return password
  } finally {
    lines.close()
  }
}
