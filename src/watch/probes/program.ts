// Runs a program for one check: without a shell, with bounded output, and ended when the check is over.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { groupGuard } from './group-guard.ts'

export interface Ran {
  /** `null` when it was ended by a signal, or could not be started. */
  readonly exitCode: number | null
  readonly endedBy: NodeJS.Signals | null
  /** Why it could not be started, such as `ENOENT`; otherwise `null`. */
  readonly problem: string | null
  readonly stdout: string
  readonly stderr: string
  readonly tookMs: number
}

/** What is kept of each output, from its beginning. */
const KEPT_BYTES = 16 * 1024

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /**
   * Whether what it has started is ended with it, and all of that when this process dies: it leads a process
   * group of its own.
   */
  readonly isGroup?: boolean
}

/** @throws the signal's reason when that ends the program */
export function runProgram(
  [program = '', ...args]: readonly string[],
  { env, signal, isGroup = false }: RunOptions,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const begunAt = performance.now()
    const guard = isGroup ? groupGuard() : undefined
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup })
    const unguard = child.pid === undefined ? undefined : guard?.(child.pid)
    const [stdout, stderr] = [keptOf(child.stdout), keptOf(child.stderr)]
    const end = (): void => {
      if (isGroup) endGroup(child)
      else child.kill('SIGKILL')
      reject(signal.reason as Error)
    }
    const settle = (
      exitCode: number | null,
      endedBy: NodeJS.Signals | null,
      problem: string | null,
    ): void => {
      signal.removeEventListener('abort', end)
      const tookMs = Math.round(1000 * (performance.now() - begunAt)) / 1000
      resolve({ exitCode, endedBy, problem, stdout: stdout(), stderr: stderr(), tookMs })
    }
    signal.addEventListener('abort', end)
    child.once('error', ({ code = 'an unknown error' }: NodeJS.ErrnoException) => settle(null, null, code))
    child.once('exit', (exitCode, endedBy) => {
      unguard?.()
      // What it has left behind may hold its outputs open: read what there is, and close them.
      setImmediate(() => {
        settle(exitCode, endedBy, null)
        child.stdout.destroy()
        child.stderr.destroy()
      })
    })
  })
}

function keptOf(output: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let length = 0
  output.on('data', (chunk: Buffer) => {
    if (length < KEPT_BYTES) chunks.push(chunk)
    length += chunk.length
  })
  return () => Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString()
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** The first line of a text that says something. */
export const firstLine = (text: string): string => text.trim().split('\n', 1)[0]?.trim() ?? ''
