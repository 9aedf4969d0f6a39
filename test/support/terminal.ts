// The command line in this process, on a terminal that keeps what is printed.

import { Readable } from 'node:stream'
import { main } from '../../src/cli/main.ts'
import type { Terminal } from '../../src/cli/frame/command.ts'

export interface Printed {
  readonly status: number
  readonly out: string
  readonly error: string
}

/** Runs `vigie ARGV`. */
export async function runCommand(
  argv: readonly string[],
  terminal: Partial<Terminal> = {},
): Promise<Printed> {
  let out = ''
  let error = ''
  const status = await main(argv, {
    out: (text) => void (out += text),
    error: (text) => void (error += text),
    input: () => Readable.from([]),
    isTty: false,
    hasColors: false,
    columns: 120,
    cwd: '/',
    now: () => Date.now(),
    interrupted: () => new AbortController().signal,
    outliveReader: () => {},
    ...terminal,
  })
  return { status, out, error }
}
