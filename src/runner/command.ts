// A command that is run in the place of the runner: it reads the runner's input, what it prints is passed on
// byte by byte, and the signals that the runner is sent are its own.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { openPipes } from './pipe.ts'

export interface Ending {
  /**
   * The exit code, as a shell gives it: 127 for a program that there is not, 126 for one that may not run.
   */
  readonly code: number
  /** The signal that ended it; `null` for none. */
  readonly signal: NodeJS.Signals | null
  /** Why it could not be started; `null` when it could. */
  readonly problem: string | null
}

/** Signals that ask a process for something, and that nothing but this passes on. */
const ASKING = ['SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const
/** A terminal sends these to all processes in the foreground by itself. */
const OF_TERMINALS = ['SIGINT', 'SIGQUIT', 'SIGHUP'] as const

/** A background process may hold the outputs for ever: they are given up when nothing came for this long. */
const QUIET_MS = 500

/** @param tap is given all that the command prints */
export async function runCommand(argv: readonly string[], tap: (chunk: Buffer) => void): Promise<Ending> {
  const [program = '', ...args] = argv
  const pipes = openPipes(2)
  const outputEnds = pipes?.map(({ to }) => to) ?? (['pipe', 'pipe'] as const)
  let child: ChildProcess
  try {
    child = spawn(program, args, { stdio: ['inherit', ...outputEnds] })
  } catch (error) {
    // Node throws what is none of its usual reasons, such as E2BIG or ENOTDIR, instead of emitting it.
    for (const { from } of pipes ?? []) from.destroy()
    return notStarted(program, error as NodeJS.ErrnoException)
  } finally {
    for (const { to } of pipes ?? []) closeSync(to)
  }
  const release = passSignals(child)
  const exited = once(child, 'exit')
  const sources = pipes?.map(({ from }) => from) ?? [child.stdout, child.stderr]
  const targets = [process.stdout, process.stderr]
  const outputs = sources.map((from, index) => new Passing(from as Readable, targets[index] as Writable, tap))
  try {
    await Promise.race([once(child, 'spawn'), exited])
  } catch (error) {
    release()
    for (const output of outputs) void output.end()
    return notStarted(program, error as NodeJS.ErrnoException)
  }
  await exited
  await Promise.all(outputs.map((output) => output.end()))
  release()
  return { code: child.exitCode ?? 1, signal: child.signalCode, problem: null }
}

function notStarted(program: string, { code, message }: NodeJS.ErrnoException): Ending {
  const isMissing = code === 'ENOENT'
  const problem = isMissing ? `there is no program ${program}` : `${program} cannot be run: ${message}`
  return { code: isMissing ? 127 : 126, signal: null, problem }
}

/** @returns ends it */
function passSignals(child: ChildProcess): () => void {
  const isOnTerminal = isatty(0) || isatty(2)
  const taken = [...ASKING, ...OF_TERMINALS]
  const pass = (signal: NodeJS.Signals): void => {
    const isSent = isOnTerminal && (OF_TERMINALS as readonly string[]).includes(signal)
    if (!isSent) child.kill(signal)
  }
  for (const signal of taken) process.on(signal, pass)
  return () => {
    for (const signal of taken) process.off(signal, pass)
  }
}

/** Passes an output on, no faster than it is read. */
class Passing {
  readonly #from: Readable
  readonly #to: Writable
  readonly #tap: (chunk: Buffer) => void
  readonly #passed: Promise<void>
  #seen = 0
  #isWaiting = false

  constructor(from: Readable, to: Writable, tap: (chunk: Buffer) => void) {
    this.#from = from
    this.#to = to
    this.#tap = tap
    // Whoever reads the output has gone: the next write of the command fails, as it would without the runner.
    to.on('error', () => from.destroy())
    this.#passed = this.#pass().catch(() => {})
  }

  /** The command has ended: resolves when all that it printed is written. */
  async end(): Promise<void> {
    while (await this.#isMoving());
    this.#from.destroy()
    await this.#passed
    if (!this.#to.destroyed) await new Promise<void>((resolve) => void this.#to.write('', () => resolve()))
  }

  async #pass(): Promise<void> {
    for await (const chunk of this.#from as AsyncIterable<Buffer>) {
      this.#seen += chunk.length
      this.#tap(chunk)
      this.#isWaiting = true
      await new Promise<void>((resolve) => void this.#to.write(chunk, () => resolve()))
      this.#isWaiting = false
    }
  }

  /** Whether there may be more: something came in this while, or its reader is slow. */
  async #isMoving(): Promise<boolean> {
    const before = this.#seen
    const isOver = await Promise.race([this.#passed.then(() => true), setTimeout(QUIET_MS, false)])
    return !isOver && (this.#seen > before || this.#isWaiting)
  }
}
