// Real processes for the tests. Each says a word when it stands ready, and none outlives its test.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { ProcessIdentity } from '../../src/model/action.ts'
import { thisMachine } from '../../src/process/table.ts'

/** In the environment of all that a test starts, and of all that this starts in turn. */
const STARTED_BY = `${process.pid}`
process.env['VIGIE_TEST_BY'] = STARTED_BY
const kill = process.kill.bind(process)

/**
 * Sends a signal only to what this test file started, and throws for anything else: a mistake in the code under test must
 * never reach the machine that runs the tests.
 */
export function signalOwn(pid: number, signal: NodeJS.Signals): void {
  let environment: string
  try {
    environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return // It has ended already.
  }
  // That of a zombie is empty: no signal reaches it.
  if (environment === '') return
  if (!environment.split('\0').includes(`VIGIE_TEST_BY=${STARTED_BY}`))
    throw new Error(`${signal} for process ${pid}, which no test has started`)
  kill(pid, signal)
}

export interface Started {
  readonly child: ChildProcess
  readonly identity: ProcessIdentity
  /** Pids that the program told, one a line, behind the word `ready`. */
  readonly told: readonly number[]
  readonly ended: Promise<unknown>
}

/** Starts a program and waits until it has written `ready`, with pids behind it if it likes. */
export async function startProcess(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit')
  const told: number[] = []
  // Also where it never says that it is ready.
  onTestFinished(() => {
    for (const pid of [child.pid, ...told]) if (pid !== undefined) signalOwn(pid, 'SIGKILL')
  })
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const [word, ...pids] = line.split(' ')
  if (word !== 'ready') throw new Error(`${file} said ${line}`)
  told.push(...pids.map(Number))
  return { child, identity: identityOf(child.pid ?? 0), told, ended }
}

export const startPython = (program: string, env?: Readonly<Record<string, string>>): Promise<Started> =>
  startProcess('python3', ['-u', '-c', program], env)

export function identityOf(pid: number): ProcessIdentity {
  const seen = thisMachine.look(pid)
  if (!seen) throw new Error(`there is no process ${pid}`)
  return seen.identity
}

/** Waits for something that another process is about to do. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}
