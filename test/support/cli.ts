// The command line as people call it.

import { execa } from 'execa'
import { BIN } from './hub.ts'

/** Runs `vigie ARGS`; never rejects for an exit status. */
export const vigie = (...args: string[]) =>
  execa(process.execPath, [BIN, ...args], {
    reject: false,
    env: { NO_COLOR: '1', NODE_OPTIONS: '' },
  })

/** The lines of a command with `--json`. */
export async function vigieJson<T>(...args: string[]): Promise<T[]> {
  const { stdout, stderr, exitCode } = await vigie(...args, '--json')
  if (exitCode !== 0) throw new Error(`vigie ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return stdout === '' ? [] : stdout.split('\n').map((line) => JSON.parse(line) as T)
}
