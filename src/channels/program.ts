// Runs a program for a channel: with its arguments as they are, without a shell, to its end or that of the
// attempt.

import type { Readable } from 'node:stream'
import { messageOf, printable } from '../base/printable.ts'
import { spawnProblem } from '../process/spawn-problem.ts'
import { thisMachine } from '../process/table.ts'
import type { Telling, Untold } from './channel.ts'

/** Between SIGTERM and SIGKILL when the attempt is out of time. */
const GRACE_MS = 5_000
/** What is kept of each output: the end. */
const OUTPUT_LENGTH = 2_000

export interface ProgramRun {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
  readonly input?: string
}

export type ProgramEnd =
  | { readonly kind: 'ended'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | Untold

export async function runProgram(
  { argv: [file = '', ...args], env = {}, cwd, input = '' }: ProgramRun,
  { signal, disclosure, started }: Telling,
): Promise<ProgramEnd> {
  // Many files, which a hub without such a channel need not load.
  const { execa } = await import('execa')
  const child = execa(file, args, {
    ...(cwd !== undefined && { cwd }),
    env,
    input,
    buffer: false,
    reject: false,
    cancelSignal: signal,
    killDescendants: true,
    forceKillAfterDelay: GRACE_MS,
  })
  const identity = child.pid === undefined ? undefined : thisMachine.look(child.pid)?.identity
  if (identity) started(identity)
  const [stdout, stderr] = [tailOf(child.stdout), tailOf(child.stderr)]
  const { exitCode, signal: endedBy, code, cause, isCanceled } = await child
  const program = printable(file)
  if (isCanceled) return { kind: 'later', reason: `${program} ${messageOf(signal.reason)}` }
  if (exitCode !== undefined)
    return {
      kind: 'ended',
      exitCode,
      stdout: disclosure.redact(stdout()),
      stderr: disclosure.redact(stderr()),
    }
  if (endedBy !== undefined) return { kind: 'later', reason: `${program} was ended by ${endedBy}` }
  return { kind: 'gone', reason: spawnProblem(program, cwd, code, cause) }
}

function tailOf(stream: Readable): () => string {
  let tail = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-OUTPUT_LENGTH)
  })
  return () => tail.toWellFormed()
}
