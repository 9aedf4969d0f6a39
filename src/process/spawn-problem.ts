// Says why a program could not be started, and what to do about it.

import { existsSync } from 'node:fs'
import { messageOf, printable } from '../base/printable.ts'

/** @param program already made printable */
export function spawnProblem(
  program: string,
  cwd: string | undefined,
  code: string | undefined,
  cause: unknown,
): string {
  const start = `${program || 'the command'} was not started`
  if (cwd !== undefined && !existsSync(cwd)) return `${start}: its folder ${printable(cwd)} does not exist`
  switch (code) {
    case 'ENOENT':
      return program.includes('/')
        ? `${start}: there is no such file, or the interpreter that its first line names is missing`
        : `${start}: no such program is on the PATH of the hub; install it, or write its whole path`
    case 'EACCES':
      return `${start}: the hub may not run it; is it a program, and executable (chmod +x)?`
    case 'ENOEXEC':
      return `${start}: it is no program that this machine can run; a script needs a first line such as #!/bin/sh`
    case 'E2BIG':
      return `${start}: its arguments are too long; take the payload from its standard input instead`
    case 'ERR_INVALID_ARG_VALUE':
      return `${start}: it has no name`
    case undefined:
    default:
      return `${start}: ${code ?? messageOf(cause)}`
  }
}
