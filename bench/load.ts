// Runs the load programs of bench/load, which are C because a sender in JavaScript would be slower than the
// brokers it measures. They are compiled when the bench starts.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { LOAD_CORE, pinned } from './machine.ts'

export type Program = 'stream' | 'connect'
export type Phase = 'connected' | 'measuring' | 'measured'
export type LoadOptions = Readonly<Record<string, string | number>>

type Latency = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Faults, counted over the whole run: how many messages were lost, duplicated and so on. */
export type Faults = {
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
  /** Messages that are torn, at the wrong QoS, or not for this subscriber. */
  readonly wrong: number
  readonly unacknowledged: number
  readonly acknowledgedOutOfOrder: number
  /** Connections that the broker ended. */
  readonly closed: number
}

export type StreamResult = {
  readonly seconds: number
  readonly delivered: number
  readonly acknowledged: number
  /** The load program's own share of its core. */
  readonly cpu: number
  /** In milliseconds. */
  readonly delivery: Latency
  readonly acknowledgement: Latency
  readonly faults: Faults
}

export type ConnectResult = {
  readonly seconds: number
  readonly connects: number
  readonly refused: number
  readonly cpu: number
}

type LoadResult<P extends Program> = P extends 'stream' ? StreamResult : ConnectResult

export type Programs = {
  run<P extends Program>(
    program: P,
    options: LoadOptions,
    onPhase?: (phase: Phase) => void,
  ): Promise<LoadResult<P>>
  remove(): Promise<void>
}

/** Compiles the load programs into a temporary folder. */
export async function compilePrograms(): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await compile('stream', folder)
    await compile('connect', folder)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    run: (program, options, onPhase) => runProgram(join(folder, program), options, onPhase),
    remove,
  }
}

/** Compiles one of the programs of bench/load into a folder. */
export async function compile(program: Program | 'relay', folder: string): Promise<void> {
  const source = join(import.meta.dirname, 'load', `${program}.c`)
  const flags = ['-O2', '-std=gnu17', '-Wall', '-Wextra', '-Werror']
  try {
    await promisify(execFile)('cc', [...flags, '-o', join(folder, program), source])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(
      'The bench compiles its load generator with "cc", which is not installed. Install a C compiler (on Debian: apt install gcc libc6-dev).',
      { cause: error },
    )
  }
}

async function runProgram<P extends Program>(
  path: string,
  options: LoadOptions,
  onPhase?: (phase: Phase) => void,
): Promise<LoadResult<P>> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(...pinned(LOAD_CORE, path, args), { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const complaint = text(child.stderr)
  let result: LoadResult<P> | undefined
  createInterface(child.stdout).on('line', (line) => {
    const message = JSON.parse(line) as { phase: Phase } | (LoadResult<P> & { phase: 'result' })
    if (message.phase === 'result') result = message
    else onPhase?.(message.phase)
  })
  const code = await ended
  if (code === 0 && result) return result
  throw new Error(`The load program ended with code ${code}: ${(await complaint).trim()} (${args.join(' ')})`)
}
